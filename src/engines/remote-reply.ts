import type { IncomingMessage } from 'node:http';
import { byteFlow, type ByteFlow } from '../base/byte-flow.ts';
import { AppError, cancelledError } from '../base/errors.ts';
import { concatBytes } from '../base/stream.ts';

/** An answer of a server elsewhere; its head says that all is well. */
export interface RemoteReply {
  readonly status: number;
  /** In lower case, without parameters. */
  readonly contentType: string;
  header(name: string): string | undefined;
  /** The body as it comes. Leaving it closes the connection. It can be read once. */
  readonly chunks: ByteFlow;
  /** The body at once. */
  collect(): Promise<Uint8Array<ArrayBuffer>>;
}

/** How an answer is read. */
export interface ReplyReading {
  /** How long is waited between two pieces, in milliseconds. */
  readonly idleMs: number;
  /** Largest answer in bytes. */
  readonly maxBytes: number;
  /** Whoever fires it closes the connection, too. */
  readonly signal: AbortSignal;
  /** Called when nothing more is read. */
  readonly release: () => void;
}

/** The answer whose head has come. */
export function toReply(message: IncomingMessage, reading: ReplyReading): RemoteReply {
  const header = (name: string) => {
    const value = message.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const chunks = bodyOf(message, reading);
  return {
    status: message.statusCode ?? 0,
    contentType: (header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
    header,
    chunks,
    collect: async () => {
      const held: Uint8Array[] = [];
      for await (const chunk of chunks) held.push(chunk);
      return concatBytes(held);
    },
  };
}

/** The body as it comes. Nothing is read from the connection while the reader pauses, and then nobody waits for it. */
function bodyOf(message: IncomingMessage, { idleMs, maxBytes, signal, release }: ReplyReading): ByteFlow {
  // The reader hears of it; without a listener it would not be kept for a reader who comes later.
  message.on('error', () => undefined);
  return byteFlow((sink) => {
    let byteLength = 0;
    let paused = false;
    let open = true;
    const close = () => {
      open = false;
      clearTimeout(stalled);
      release();
      if (!message.readableEnded) message.destroy();
    };
    const end = (failure?: AppError) => {
      if (!open) return;
      close();
      sink.end(failure);
    };
    const stalled = setTimeout(() => {
      if (!paused) end(tooSlow('more of its answer', idleMs));
    }, idleMs);
    const fail = (error?: unknown) => {
      if (!open) return;
      if (signal.aborted) end(cancelledError());
      else end(error instanceof AppError ? error : brokenOff(error ?? undefined));
    };
    message.on('data', (chunk: Buffer) => {
      if (!open) return;
      byteLength += chunk.length;
      if (byteLength > maxBytes) return end(tooLarge(maxBytes));
      stalled.refresh();
      if (sink.take(chunk)) return;
      paused = true;
      message.pause();
    });
    message.on('end', () => (message.complete ? end() : fail()));
    message.on('error', fail);
    message.on('close', () => fail(message.errored));
    if (message.destroyed) queueMicrotask(() => fail(message.errored));
    return {
      resume: () => {
        if (!paused || !open) return;
        paused = false;
        stalled.refresh();
        message.resume();
      },
      stop: () => {
        if (open) close();
      },
    };
  });
}

/** The failure of a server that keeps its caller waiting for something. */
export function tooSlow(what: string, milliseconds: number): AppError {
  const message = `The engine's server gave no ${what} within ${milliseconds / 1000} s.`;
  return new AppError('engine_failed', message, { reason: 'too_slow' });
}

function tooLarge(most: number): AppError {
  return new AppError('engine_failed', `The answer of the engine's server is larger than ${most} bytes.`);
}

function brokenOff(cause?: unknown): AppError {
  return new AppError('engine_failed', "The engine's server broke off in the middle of its answer.", {
    cause,
    reason: 'broken_off',
  });
}
