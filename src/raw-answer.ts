import type { Socket } from 'node:net';

/** How long the last words may take to arrive: a connection that is cut with bytes unread takes them back. */
const LAST_WORDS_MS = 1_000;

/**
 * Answers in the name of no vendor and closes the connection: for what never became a request, or may not become one.
 * Nothing is read any more.
 */
export function answerAndClose(socket: Socket, status: string, message: string): void {
  const body = JSON.stringify({ error: { message } });
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'x-content-type-options: nosniff',
    ...(status.startsWith('503') ? ['retry-after: 5'] : []),
    'connection: close',
  ];
  socket.on('error', () => socket.destroy());
  socket.pause();
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  setTimeout(() => socket.destroy(), LAST_WORDS_MS).unref();
}
