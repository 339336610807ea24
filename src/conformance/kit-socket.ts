import type { KitNetwork } from './kit-asking.ts';
import { objectFrom } from './kit-events.ts';
import { Mismatch, Unchecked } from './kit-mismatch.ts';

/** Where a socket leads. */
export interface SocketAddress {
  readonly path: string;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Another key than the caller's; none at all for `null`. */
  readonly key?: string | null;
}

/** A message as it came: an object, or bytes. */
export type Message = Readonly<Record<string, unknown>> | Uint8Array<ArrayBuffer>;

/** A connection that keeps what it is told. */
export interface KitSocket {
  readonly protocol: string;
  readonly received: readonly Message[];
  send(message: object | string): void;
  /** Waits until a message comes that is meant; a connection that ends before is a mismatch. */
  until(
    what: string,
    isMeant: (message: Readonly<Record<string, unknown>>) => boolean,
  ): Promise<Readonly<Record<string, unknown>>>;
  /** Waits until the server has closed. */
  closed(): Promise<{ readonly code: number; readonly reason: string }>;
  /** Closes from this side and waits for the answer. */
  close(): Promise<{ readonly code: number; readonly reason: string }>;
  /** Closes without waiting. */
  hangUp(): void;
}

/** What is heard on a socket, and a way to wait for it. */
function hearing(socket: WebSocket, signal: AbortSignal) {
  socket.binaryType = 'arraybuffer';
  const received: Message[] = [];
  let ending: { readonly code: number; readonly reason: string } | undefined;
  let tell = Promise.withResolvers<void>();
  const news = () => {
    tell.resolve();
    tell = Promise.withResolvers();
  };
  socket.addEventListener('message', ({ data }: MessageEvent) => {
    received.push(
      data instanceof ArrayBuffer
        ? new Uint8Array(data)
        : (objectFrom(String(data)) ?? { text: String(data) }),
    );
    news();
  });
  socket.addEventListener('close', ({ code, reason }) => {
    ending = { code, reason };
    news();
  });
  socket.addEventListener('open', news);
  signal.addEventListener('abort', () => {
    socket.close();
    news();
  });
  const waitFor = async <T>(look: () => T | undefined): Promise<T> => {
    for (;;) {
      if (signal.aborted) throw signal.reason;
      const found = look();
      if (found !== undefined) return found;
      await tell.promise;
    }
  };
  return { received, waitFor, ending: () => ending };
}

/** Opens a socket. One that cannot be opened is a mismatch. */
export async function openSocket(
  network: KitNetwork,
  address: {
    readonly url: string;
    readonly protocols: readonly string[];
    readonly headers: Readonly<Record<string, string>>;
  },
  signal: AbortSignal,
): Promise<KitSocket> {
  if (!network.openSocket) throw new Unchecked('this Node.js has no WebSocket');
  const socket = network.openSocket(address.url.replace(/^http/, 'ws'), {
    protocols: [...address.protocols],
    headers: { ...address.headers },
  });
  const { received, waitFor, ending } = hearing(socket, signal);
  await waitFor(() => (socket.readyState === WebSocket.OPEN || ending() ? true : undefined));
  const refused = ending();
  if (refused)
    throw new Mismatch(
      `a socket at ${address.url}`,
      `a refused handshake (${refused.code} ${refused.reason})`,
    );
  const closed = () => waitFor(ending);
  return {
    protocol: socket.protocol,
    received,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    until: (what, isMeant) =>
      waitFor(() => {
        const found = received.find((one) => !(one instanceof Uint8Array) && isMeant(one));
        if (found && !(found instanceof Uint8Array)) return found;
        const end = ending();
        if (end)
          throw new Mismatch(what, `a close with ${end.code} after ${JSON.stringify(lastOf(received))}`);
        return undefined;
      }),
    closed,
    close: () => {
      socket.close(1000);
      return closed();
    },
    hangUp: () => socket.close(),
  };
}

function lastOf(received: readonly Message[]): unknown {
  const last = received.at(-1);
  return last instanceof Uint8Array ? `${last.length} bytes` : (last ?? 'nothing');
}
