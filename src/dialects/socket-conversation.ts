import { Buffer } from 'node:buffer';
import type { WebSocket } from '@fastify/websocket';
import { toAppError } from '../base/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import { CLOSE } from './web-sockets.ts';

/** One message of a client. */
export interface ClientFrame {
  readonly bytes: Buffer;
  readonly isBinary: boolean;
}

/** How a server talks on a socket. */
export interface Conversation {
  /** Fires when the socket closes, whoever closes it. */
  readonly signal: AbortSignal;
  /** Sends JSON, or bytes as they are, and resolves when the network has taken it or nobody is there any more. */
  say(message: object | Uint8Array): Promise<void>;
  close(code: number, reason: string): void;
}

/** What may wait to be worked on before the client has to wait. */
const MOST_WAITING = { frames: 256, bytes: 8 * 1024 * 1024 };
/** Bytes that the reason of a close frame may have (RFC 6455, section 5.5). */
const MOST_REASON_BYTES = 123;
/** A client that takes nothing for so long, in milliseconds, is not there any more. */
const STALLED_MS = 60_000;

/**
 * Takes over a socket: its messages are worked on one after another, in their order. Must be called before anything is
 * waited for, so that none is lost. What `hear` throws is a fault of ours and closes the socket.
 */
export function converse(
  socket: WebSocket,
  log: Logger,
  hear: (frame: ClientFrame, conversation: Conversation) => Promise<void>,
): Conversation {
  const closing = new AbortController();
  const waiting = openWaitingRoom(socket);
  const conversation: Conversation = {
    signal: closing.signal,
    say: async (message) => {
      if (socket.readyState === socket.OPEN) await send(socket, message);
      // It closes already, and who goes on talking would keep everybody else waiting for that.
      else closing.abort();
    },
    close: (code, reason) => {
      // A client that had to wait may be about to close, too.
      socket.resume();
      socket.close(code, cutToBytes(reason));
      closing.abort();
    },
  };
  let isAtWork = false;
  const work = async () => {
    if (isAtWork) return;
    isAtWork = true;
    for (let frame = waiting.next(); frame && !closing.signal.aborted; frame = waiting.next()) {
      try {
        await hear(frame, conversation);
      } catch (thrown) {
        const error = toAppError(thrown);
        if (closing.signal.aborted) break;
        log.error({ error, cause: error.cause }, 'socket-failed');
        conversation.close(CLOSE.internal, 'Something went wrong on our side.');
      }
    }
    isAtWork = false;
  };
  socket.on('message', (data, isBinary) => {
    if (closing.signal.aborted) return;
    waiting.add({ bytes: toBuffer(data), isBinary });
    void work();
  });
  socket.on('close', () => closing.abort());
  return conversation;
}

function openWaitingRoom(socket: WebSocket) {
  const frames: ClientFrame[] = [];
  let bytes = 0;
  const isFull = () => frames.length >= MOST_WAITING.frames || bytes >= MOST_WAITING.bytes;
  return {
    add: (frame: ClientFrame) => {
      frames.push(frame);
      bytes += frame.bytes.length;
      if (isFull()) socket.pause();
    },
    next: (): ClientFrame | undefined => {
      const frame = frames.shift();
      bytes -= frame?.bytes.length ?? 0;
      if (socket.isPaused && !isFull()) socket.resume();
      return frame;
    },
  };
}

function send(socket: WebSocket, message: object | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const stalled = setTimeout(() => socket.terminate(), STALLED_MS);
    socket.send(message instanceof Uint8Array ? message : JSON.stringify(message), () => {
      clearTimeout(stalled);
      resolve();
    });
  });
}

/** The object that a message stands for in JSON; undefined when it is none. */
export function objectInFrame(frame: ClientFrame): Readonly<Record<string, unknown>> | undefined {
  if (frame.isBinary) return undefined;
  try {
    const value: unknown = JSON.parse(frame.bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value))
      : undefined;
  } catch {
    return undefined;
  }
}

/** The bytes that a text stands for in base64; undefined when it is none. */
export function bytesInBase64(text: string): Buffer | undefined {
  // A test of the whole text by a pattern would be slower than the conversion itself.
  const bytes = Buffer.from(text, 'base64');
  const signs = text.replace(/=+$/, '').length;
  return Math.floor((signs * 3) / 4) === bytes.length && signs % 4 !== 1 ? bytes : undefined;
}

function toBuffer(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** As much of a text as fits, without half a character at its end. */
function cutToBytes(reason: string): string {
  const cut = new TextDecoder().decode(Buffer.from(reason).subarray(0, MOST_REASON_BYTES));
  return cut === reason ? reason : cut.replace(/\uFFFD+$/u, '');
}
