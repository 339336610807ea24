import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection on which anything may be said, and what came back so far. */
export interface RawConnection {
  readonly socket: Socket;
  readonly heard: () => string;
  /** Resolves when the other end has closed, however it did. */
  readonly closed: Promise<void>;
  /** Resolves as soon as what came back matches. Rejects when the connection ends before. */
  until(pattern: RegExp): Promise<string>;
}

/** Connects to a server on this machine. */
export async function rawConnection(origin: string): Promise<RawConnection> {
  const { port } = new URL(origin);
  const socket = connect(Number(port), '127.0.0.1');
  let heard = '';
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      resolve();
      tell();
    });
  });
  // A server may cut a connection; what was heard until then is what counts.
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
    tell();
  });
  await once(socket, 'connect');
  return {
    socket,
    heard: () => heard,
    closed,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(heard) && !socket.destroyed) return;
          listeners.delete(look);
          if (pattern.test(heard)) resolve(heard);
          else reject(new Error(`The connection ended after: ${heard}`));
        };
        listeners.add(look);
        look();
      }),
  };
}

/** Says something and gives everything that comes back until the other end closes. */
export async function answerTo(origin: string, said: string | Buffer): Promise<string> {
  const connection = await rawConnection(origin);
  connection.socket.write(said);
  await connection.closed;
  return connection.heard();
}

/** The status lines in what came back. */
export function statuses(heard: string): readonly number[] {
  return [...heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, code]) => Number(code));
}
