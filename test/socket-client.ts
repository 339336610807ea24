import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';

/** A message as it came. */
export type Received = Readonly<Record<string, unknown>> | Buffer;

/** A bare client that keeps what it is told. */
export interface SocketClient {
  readonly socket: WebSocket;
  /** Every message so far; JSON is parsed, bytes are as they are. */
  readonly received: readonly Received[];
  send(message: object | string | Buffer): void;
  /** Waits until so many messages have come that are meant, and gives them. */
  until(isMeant: (message: Received) => boolean, count?: number): Promise<readonly Received[]>;
  /** Waits until the server has closed. */
  closed: Promise<{ readonly code: number; readonly reason: string }>;
}

/** Where and how to connect. */
export interface SocketAddress extends ClientOptions {
  readonly url: string;
  readonly protocols?: readonly string[];
}

/** Connects. Throws when the server refuses the handshake. */
export async function connectSocket({
  url,
  protocols = [],
  ...options
}: SocketAddress): Promise<SocketClient> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), [...protocols], options);
  const received: Received[] = [];
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  socket.on('message', (data: Buffer, isBinary) => {
    received.push(isBinary ? data : JSON.parse(data.toString('utf8')));
    tell();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => {
      resolve({ code, reason: reason.toString('utf8') });
      tell();
    });
  });
  await once(socket, 'open');
  // Whoever waits hears that it is closed.
  socket.on('error', () => undefined);
  return {
    socket,
    received,
    closed,
    send: (message) =>
      socket.send(
        typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message),
      ),
    until: async (isMeant, count = 1) => {
      while (received.filter(isMeant).length < count) {
        if (socket.readyState === WebSocket.CLOSED) {
          throw new Error(`The server closed after: ${JSON.stringify(received.slice(-3))}`);
        }
        await new Promise<void>((resolve) => {
          const listener = () => {
            listeners.delete(listener);
            resolve();
          };
          listeners.add(listener);
        });
      }
      return received.filter(isMeant);
    },
  };
}

/** The status with which a server refuses a handshake. */
export async function refusedHandshake(address: SocketAddress): Promise<{ status: number; body: string }> {
  const { url, protocols = [], ...options } = address;
  const socket = new WebSocket(url.replace(/^http/, 'ws'), [...protocols], options);
  const refusal = Promise.withResolvers<{ status: number; body: string }>();
  socket.on('open', () => refusal.reject(new Error('The handshake was accepted.')));
  socket.on('unexpected-response', (_request, response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () =>
      refusal.resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
    );
  });
  socket.on('error', () => undefined);
  return refusal.promise;
}

/** Whether a message is JSON whose member has a value. */
export function saying(member: string, value?: unknown): (message: Received) => boolean {
  return (message) =>
    !Buffer.isBuffer(message) && (value === undefined ? member in message : message[member] === value);
}
