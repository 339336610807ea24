import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { AppError } from '../base/errors.ts';
import { collectBytes } from '../base/stream.ts';
import { threadEnvironment } from '../base/thread-environment.ts';
import type { CodecCommand, CodecReply, CodecRequest } from './codec-messages.ts';
import type { PcmStream } from './pcm.ts';
import { boundedBlocks } from './sample-blocks.ts';
import { afterRest } from './thread-rest.ts';

const MOST_WORKERS = Math.min(4, availableParallelism());
/** A message carries enough samples to be worth its cost, and few enough that encodings take fair turns. */
const BLOCK_FRAMES = { least: 1_024, most: 8_192 };

type Finish = (reply: CodecReply | AppError) => void;

interface CodecThread {
  readonly worker: Worker;
  /** For each open encoding, the function that takes the worker's next reply, or nothing between two turns. */
  readonly encodings: Map<number, Finish | undefined>;
  idleTimer: NodeJS.Timeout | undefined;
}

const threads = new Set<CodecThread>();
let lastEncoding = 0;

/**
 * Encodes samples in a worker thread. The samples must already have a rate that the format carries. Samples are
 * read only while somebody waits for bytes; closing the iterator frees the encoder. When the thread dies, each
 * of its encodings fails with `engine_failed`, and later ones get a new thread.
 */
export async function* encodeInWorker(
  formatId: string,
  pcm: PcmStream,
  request: CodecRequest,
): AsyncGenerator<Uint8Array> {
  const { sampleRate, channels } = pcm;
  const thread = leastBusyThread();
  lastEncoding += 1;
  const encoding = lastEncoding;
  hold(thread, encoding);
  const blocks = boundedBlocks(pcm.chunks, {
    least: BLOCK_FRAMES.least * channels,
    most: BLOCK_FRAMES.most * channels,
  });
  let ended = false;
  try {
    const opening = { ...request, id: formatId };
    let reply = await exchange(thread, { type: 'open', encoding, request: opening, sampleRate, channels });
    while (reply.type === 'turn') {
      if (reply.bytes.length > 0) yield reply.bytes;
      const next = await blocks.next();
      reply = await exchange(
        thread,
        next.done ? { type: 'end', encoding } : { type: 'samples', encoding, samples: next.value },
      );
    }
    ended = true;
    if (reply.type === 'failed') throw new AppError(reply.code, reply.message);
    if (reply.bytes.length > 0) yield reply.bytes;
  } finally {
    await blocks.return(undefined);
    if (!ended) await abandon(thread, encoding);
    release(thread, encoding);
  }
}

/** Starts a codec thread and lets it load the encoders of these formats, so that the first listener need not wait for that. */
export async function warmCodecPool(formatIds: readonly string[]): Promise<void> {
  for (const id of formatIds) await collectBytes(encodeInWorker(id, nothing(), { id }));
}

async function* noSamples(): AsyncGenerator<Float32Array> {}

function nothing(): PcmStream {
  return { sampleRate: 24_000, channels: 1, chunks: noSamples() };
}

/** How many codec threads live and how many encodings they hold. */
export function codecPoolLoad(): { readonly workers: number; readonly encodings: number } {
  let encodings = 0;
  for (const thread of threads) encodings += thread.encodings.size;
  return { workers: threads.size, encodings };
}

/** Ends all codec threads. Encodings that still run fail with `engine_failed`; later ones start a new thread. */
export async function stopCodecPool(): Promise<void> {
  await Promise.all([...threads].map((thread) => thread.worker.terminate()));
}

function leastBusyThread(): CodecThread {
  const byLoad = [...threads].toSorted((left, right) => left.encodings.size - right.encodings.size);
  const [idlest] = byLoad;
  if (idlest && (idlest.encodings.size === 0 || threads.size >= MOST_WORKERS)) return idlest;
  return startThread();
}

function startThread(): CodecThread {
  const worker = new Worker(new URL('codec-worker.ts', import.meta.url), { env: threadEnvironment() });
  const thread: CodecThread = { worker, encodings: new Map(), idleTimer: undefined };
  threads.add(thread);
  worker.on('message', (reply: CodecReply) => {
    const finish = thread.encodings.get(reply.encoding);
    if (finish) finish(reply);
  });
  worker.on('error', (cause) => {
    lose(thread, cause);
  });
  worker.on('exit', () => {
    lose(thread, undefined);
  });
  return thread;
}

function lose(thread: CodecThread, cause: unknown): void {
  threads.delete(thread);
  clearTimeout(thread.idleTimer);
  for (const finish of thread.encodings.values()) finish?.(lostError(cause));
}

function lostError(cause?: unknown): AppError {
  return new AppError(
    'engine_failed',
    'The audio encoder stopped unexpectedly. Trying again starts a new one.',
    { cause },
  );
}

function exchange(thread: CodecThread, command: CodecCommand): Promise<CodecReply> {
  return new Promise((resolve, reject) => {
    if (!threads.has(thread)) {
      reject(lostError());
      return;
    }
    thread.encodings.set(command.encoding, (reply) => {
      thread.encodings.set(command.encoding, undefined);
      if (reply instanceof AppError) reject(reply);
      else resolve(reply);
    });
    thread.worker.postMessage(command, command.type === 'samples' ? [command.samples.buffer] : []);
  });
}

/** Waits until the worker has let go of the encoder; a dead worker holds nothing any more. */
async function abandon(thread: CodecThread, encoding: number): Promise<void> {
  if (!threads.has(thread)) return;
  await exchange(thread, { type: 'abandon', encoding }).catch(() => undefined);
}

function hold(thread: CodecThread, encoding: number): void {
  clearTimeout(thread.idleTimer);
  thread.encodings.set(encoding, undefined);
  thread.worker.ref();
}

function release(thread: CodecThread, encoding: number): void {
  thread.encodings.delete(encoding);
  if (thread.encodings.size > 0 || !threads.has(thread)) return;
  thread.worker.unref();
  thread.idleTimer = afterRest(() => thread.worker.terminate());
}
