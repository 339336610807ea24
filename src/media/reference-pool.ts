import { Worker } from 'node:worker_threads';
import { AppError, cancelledError } from '../base/errors.ts';
import { Semaphore } from '../base/semaphore.ts';
import { threadEnvironment } from '../base/thread-environment.ts';
import type { PitchMeasure } from './pitch.ts';
import type { ReferenceAnswer, ReferenceTask } from './reference-messages.ts';
import type { RawReference, ReferenceSound } from './reference-sound.ts';
import { afterRest } from './thread-rest.ts';

/** Each takes a processor for a second or so. */
const MOST_WORKERS = 2;
const MAX_WAITING = 128;
const RETRY_AFTER_MS = 2_000;

const slots = new Semaphore({
  slots: MOST_WORKERS,
  maxWaiting: MAX_WAITING,
  retryAfterMs: () => RETRY_AFTER_MS,
});

/** Who asks, so that owners take turns, and until when. */
export interface ReferenceCaller {
  readonly owner: string;
  readonly signal: AbortSignal;
}

/** `shapeReference` in a thread of its own. Throws `cancelled`, `overloaded` or `engine_failed`. */
export async function shapeInWorker(raw: RawReference, caller: ReferenceCaller): Promise<ReferenceSound> {
  const answer = await runTask({ type: 'shape', raw }, caller);
  if (answer.type !== 'shape') throw lostError();
  return answer.sound;
}

/** `measureVoice` in a thread of its own. Throws `cancelled`, `overloaded` or `engine_failed`. */
export async function measureInWorker(
  samples: Float32Array<ArrayBuffer>,
  sampleRate: number,
  caller: ReferenceCaller,
): Promise<PitchMeasure | undefined> {
  const answer = await runTask({ type: 'measure', samples, sampleRate }, caller);
  if (answer.type !== 'measure') throw lostError();
  return answer.measure;
}

/** Ends the threads that wait for work; those that work end their task first. */
export async function stopReferencePool(): Promise<void> {
  await Promise.all([...idle].map(dismiss));
}

interface ReferenceThread {
  readonly worker: Worker;
  /** Takes what comes of the running task. */
  finish: ((outcome: ReferenceAnswer | AppError) => void) | undefined;
  idleTimer: NodeJS.Timeout | undefined;
}

/** Threads without a task. */
const idle = new Set<ReferenceThread>();

async function runTask(task: ReferenceTask, { owner, signal }: ReferenceCaller): Promise<ReferenceAnswer> {
  const release = await slots.acquire(owner, signal);
  const thread = takeThread();
  try {
    const answer = await answerOf(thread, task, signal);
    rest(thread);
    return answer;
  } catch (error) {
    // What it was doing for somebody who left must not go on.
    await dismiss(thread);
    throw error;
  } finally {
    release();
  }
}

function takeThread(): ReferenceThread {
  const [known] = idle;
  if (!known) return startThread();
  idle.delete(known);
  clearTimeout(known.idleTimer);
  known.worker.ref();
  return known;
}

function startThread(): ReferenceThread {
  const worker = new Worker(new URL('reference-worker.ts', import.meta.url), { env: threadEnvironment() });
  const thread: ReferenceThread = { worker, finish: undefined, idleTimer: undefined };
  worker.on('message', (answer: ReferenceAnswer) => thread.finish?.(answer));
  worker.on('error', (cause) => thread.finish?.(lostError(cause)));
  worker.on('exit', () => {
    idle.delete(thread);
    thread.finish?.(lostError());
  });
  return thread;
}

function rest(thread: ReferenceThread): void {
  thread.worker.unref();
  thread.idleTimer = afterRest(() => dismiss(thread));
  idle.add(thread);
}

async function dismiss(thread: ReferenceThread): Promise<void> {
  clearTimeout(thread.idleTimer);
  idle.delete(thread);
  await thread.worker.terminate();
}

function answerOf(
  thread: ReferenceThread,
  task: ReferenceTask,
  signal: AbortSignal,
): Promise<ReferenceAnswer> {
  return new Promise((resolve, reject) => {
    const abort = () => thread.finish?.(cancelledError());
    thread.finish = (outcome) => {
      thread.finish = undefined;
      signal.removeEventListener('abort', abort);
      if (outcome instanceof AppError) reject(outcome);
      else resolve(outcome);
    };
    signal.addEventListener('abort', abort, { once: true });
    thread.worker.postMessage(task);
    if (signal.aborted) abort();
  });
}

function lostError(cause?: unknown): AppError {
  return new AppError('engine_failed', 'The recording could not be worked on. Try again.', { cause });
}
