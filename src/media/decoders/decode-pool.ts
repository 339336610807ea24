import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { AppError, cancelledError } from '../../base/errors.ts';
import { threadEnvironment } from '../../base/thread-environment.ts';
import type { DecodeCommand, DecodeReply } from './decode-messages.ts';
import { afterRest } from '../thread-rest.ts';
import type { SoundShape } from './sound-shaping.ts';

const MOST_WORKERS = Math.min(4, availableParallelism());
/** A worker that gives no answer for so long is stuck in a decoder; its turns take milliseconds. */
const STUCK_MS = 30_000;
const CHUNK_BYTES = 256 * 1024;

type Finish = (reply: DecodeReply | AppError) => void;

interface DecodeThread {
  readonly worker: Worker;
  /** For each open decoding, the function that takes the worker's next reply, or nothing between two. */
  readonly decodings: Map<number, Finish | undefined>;
  idleTimer: NodeJS.Timeout | undefined;
}

/** The bytes of a file, as a stream or all at once, and what is wanted of their sound. */
export interface Decoding {
  readonly bytes: AsyncIterable<Uint8Array> | Uint8Array;
  readonly shape: SoundShape;
  readonly signal: AbortSignal;
}

const threads = new Set<DecodeThread>();
let lastDecoding = 0;

/**
 * Decodes in a worker thread: first gives what was opened, then samples, then how it finished. Bytes are read and
 * sound is decoded only while somebody waits. Closing the iterator, or the signal, frees the decoder. When the
 * thread dies or hangs, each of its decodings fails with `engine_failed`, and later ones get a new thread.
 */
export async function* decodeInWorker(
  request: Decoding,
): AsyncGenerator<Exclude<DecodeReply, { type: 'hungry' | 'failed' }>> {
  const { bytes, shape, signal } = request;
  const source = byteChunks(bytes);
  const thread = leastBusyThread();
  lastDecoding += 1;
  const decoding = lastDecoding;
  hold(thread, decoding);
  let ended = false;
  try {
    const totalBytes = bytes instanceof Uint8Array ? bytes.length : undefined;
    let command: DecodeCommand = { type: 'open', decoding, totalBytes, shape };
    for (;;) {
      const reply: DecodeReply = await untilAborted(exchange(thread, command), signal);
      if (reply.type === 'hungry') {
        const next = await untilAborted(source.next(), signal);
        command = next.done ? { type: 'end', decoding } : { type: 'bytes', decoding, bytes: next.value };
        continue;
      }
      ended = reply.type === 'failed' || reply.type === 'finished';
      if (reply.type === 'failed') throw toError(reply);
      yield reply;
      if (reply.type === 'finished') return;
      command = { type: 'next', decoding };
    }
  } finally {
    if (!ended) abandon(thread, decoding);
    else release(thread, decoding);
    // A source that never answers again must not keep the caller waiting.
    void source.return(undefined).catch(() => undefined);
  }
}

/** How many decode threads live and how many decodings they hold. */
export function decodePoolLoad(): { readonly workers: number; readonly decodings: number } {
  let decodings = 0;
  for (const thread of threads) decodings += thread.decodings.size;
  return { workers: threads.size, decodings };
}

/** Ends all decode threads. Decodings that still run fail with `engine_failed`; later ones start a new thread. */
export async function stopDecodePool(): Promise<void> {
  await Promise.all([...threads].map((thread) => thread.worker.terminate()));
}

/** Copies of bounded size, since what goes to a worker is gone from here. */
async function* byteChunks(
  bytes: AsyncIterable<Uint8Array> | Uint8Array,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  if (bytes instanceof Uint8Array) {
    for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
      yield new Uint8Array(bytes.subarray(start, start + CHUNK_BYTES));
    }
    return;
  }
  for await (const chunk of bytes) yield* byteChunks(chunk);
}

function untilAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(cancelledError());
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    result.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}

function toError(reply: Extract<DecodeReply, { type: 'failed' }>): AppError {
  const { code, message, reason } = reply;
  return new AppError(code, message, reason === undefined ? {} : { reason });
}

function leastBusyThread(): DecodeThread {
  const byLoad = [...threads].toSorted((left, right) => left.decodings.size - right.decodings.size);
  const [idlest] = byLoad;
  if (idlest && (idlest.decodings.size === 0 || threads.size >= MOST_WORKERS)) return idlest;
  return startThread();
}

function startThread(): DecodeThread {
  // Its output is not piped here: reading a worker's streams keeps the program alive, whatever `unref` says.
  const worker = new Worker(new URL('decode-worker.ts', import.meta.url), { env: threadEnvironment() });
  const thread: DecodeThread = { worker, decodings: new Map(), idleTimer: undefined };
  threads.add(thread);
  worker.on('message', (reply: DecodeReply) => {
    thread.decodings.get(reply.decoding)?.(reply);
  });
  worker.on('error', (cause) => {
    lose(thread, cause);
  });
  worker.on('exit', () => {
    lose(thread, undefined);
  });
  return thread;
}

function lose(thread: DecodeThread, cause: unknown): void {
  threads.delete(thread);
  clearTimeout(thread.idleTimer);
  for (const finish of thread.decodings.values()) finish?.(lostError(cause));
}

function lostError(cause?: unknown): AppError {
  return new AppError(
    'engine_failed',
    'The audio decoder stopped unexpectedly. Trying again starts a new one.',
    {
      cause,
    },
  );
}

function exchange(thread: DecodeThread, command: DecodeCommand): Promise<DecodeReply> {
  return new Promise((resolve, reject) => {
    if (!threads.has(thread)) {
      reject(lostError());
      return;
    }
    const stuck = setTimeout(() => {
      lose(thread, new Error('The decode worker is stuck.'));
      void thread.worker.terminate();
    }, STUCK_MS);
    thread.decodings.set(command.decoding, (reply) => {
      clearTimeout(stuck);
      thread.decodings.set(command.decoding, undefined);
      if (reply instanceof AppError) reject(reply);
      else resolve(reply);
    });
    thread.worker.postMessage(command, command.type === 'bytes' ? [command.bytes.buffer] : []);
  });
}

/**
 * Lets the worker end the decoding. While it is still busy with the last command, its reply is on the way and the
 * order to abandon is given as the answer to that.
 */
function abandon(thread: DecodeThread, decoding: number): void {
  const end = (reply: DecodeReply): Promise<void> =>
    reply.type === 'failed' || reply.type === 'finished'
      ? Promise.resolve()
      : exchange(thread, { type: 'abandon', decoding }).then(end);
  const pending = thread.decodings.get(decoding);
  const ending = pending
    ? replyTo(thread, { decoding, pending }).then(end)
    : exchange(thread, { type: 'abandon', decoding }).then(end);
  ending
    .catch(() => undefined)
    .finally(() => {
      release(thread, decoding);
    });
}

/** The reply that somebody else stopped waiting for. */
function replyTo(
  thread: DecodeThread,
  wait: { readonly decoding: number; readonly pending: Finish },
): Promise<DecodeReply> {
  return new Promise((resolve, reject) => {
    thread.decodings.set(wait.decoding, (reply) => {
      wait.pending(reply);
      if (reply instanceof AppError) reject(reply);
      else resolve(reply);
    });
  });
}

function hold(thread: DecodeThread, decoding: number): void {
  clearTimeout(thread.idleTimer);
  thread.decodings.set(decoding, undefined);
  thread.worker.ref();
}

function release(thread: DecodeThread, decoding: number): void {
  thread.decodings.delete(decoding);
  if (thread.decodings.size > 0 || !threads.has(thread)) return;
  thread.worker.unref();
  thread.idleTimer = afterRest(() => thread.worker.terminate());
}
