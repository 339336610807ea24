import { Worker } from 'node:worker_threads';
import { AppError } from '../base/errors.ts';
import { childEnvironment } from './child-environment.ts';
import type { MessageStream } from './message-stream.ts';
import type { WorkerReport, WorkerStart, WorkerTask } from './worker-task.ts';

interface PoolWorkerParts {
  readonly engine: string;
  readonly script: URL;
  readonly prepared: unknown;
  readonly idleMs: number;
  readonly cancelGraceMs: number;
  /** Called when the worker can take a task. */
  readonly onFree: () => void;
  /** Called once, when the worker is no more. `wasReady` is false when it never came to its first task. */
  readonly onGone: (wasReady: boolean) => void;
}

/** One worker thread of a pool, from its start to its end. */
export interface PoolWorker {
  /** Settles when the worker can take its first task, or fails when it never will. */
  readonly ready: Promise<void>;
  readonly starting: boolean;
  readonly free: boolean;
  /** Gives the worker a task. Only for a free worker. */
  perform(task: unknown, messages: MessageStream<unknown>): void;
  /** Ends the thread; a task that runs in it fails with the reason. */
  end(reason: AppError): Promise<void>;
}

/** Starts a thread. It keeps the process alive only while it starts or works. */
export function startPoolWorker(parts: PoolWorkerParts): PoolWorker {
  return new ThreadWorker(parts);
}

interface Running {
  readonly id: number;
  readonly messages: MessageStream<unknown>;
}

class ThreadWorker implements PoolWorker {
  readonly ready: Promise<void>;
  readonly #parts: PoolWorkerParts;
  readonly #thread: Worker;
  readonly #cancelled = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  readonly #settleReady: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  #state: 'starting' | 'free' | 'busy' | 'gone' = 'starting';
  #running: Running | undefined;
  #lastId = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #graceTimer: NodeJS.Timeout | undefined;

  constructor(parts: PoolWorkerParts) {
    this.#parts = parts;
    this.ready = this.#settleReady.promise;
    // Whoever waits for it hears of a failed start; nobody has to wait.
    this.ready.catch(() => undefined);
    const start: WorkerStart = { prepared: parts.prepared, cancelled: this.#cancelled };
    // Flags that tell the process what to run (such as --input-type) would keep the thread from running its script.
    this.#thread = new Worker(parts.script, { workerData: start, execArgv: [], env: childEnvironment() });
    this.#thread.on('message', (report: WorkerReport) => this.#receive(report));
    this.#thread.on('messageerror', (error) => void this.end(this.#broken(error)));
    this.#thread.on('error', (error) => void this.end(this.#broken(error)));
    this.#thread.on(
      'exit',
      (code) => void this.end(this.#broken(new Error(`The worker exited with code ${code}.`))),
    );
  }

  get starting(): boolean {
    return this.#state === 'starting';
  }

  get free(): boolean {
    return this.#state === 'free';
  }

  perform(task: unknown, messages: MessageStream<unknown>): void {
    clearTimeout(this.#idleTimer);
    const id = this.#lastId + 1;
    this.#lastId = id;
    this.#state = 'busy';
    this.#running = { id, messages };
    this.#thread.ref();
    const order: WorkerTask = { id, task };
    this.#thread.postMessage(order);
    messages.onClose(() => this.#cancel(id));
  }

  async end(reason: AppError): Promise<void> {
    if (this.#state === 'gone') return;
    const wasReady = this.#state !== 'starting';
    this.#state = 'gone';
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#graceTimer);
    this.#settleReady.reject(reason);
    const running = this.#running;
    this.#running = undefined;
    running?.messages.fail(reason);
    this.#parts.onGone(wasReady);
    await this.#thread.terminate();
  }

  #receive(report: WorkerReport): void {
    if (this.#state === 'gone') return;
    if (report.kind === 'ready') {
      this.#settleReady.resolve();
      this.#becomeFree();
      return;
    }
    const running = this.#running;
    if (!running || report.id !== running.id) return;
    if (report.kind === 'message') running.messages.push(report.message);
    else if (report.kind === 'task-failed') void this.end(this.#broken(report.error));
    else {
      this.#running = undefined;
      clearTimeout(this.#graceTimer);
      running.messages.end();
      this.#becomeFree();
    }
  }

  #becomeFree(): void {
    this.#state = 'free';
    this.#thread.unref();
    const { idleMs } = this.#parts;
    const idleEnd = () => void this.end(this.#broken(undefined));
    if (Number.isFinite(idleMs)) this.#idleTimer = setTimeout(idleEnd, idleMs).unref();
    this.#parts.onFree();
  }

  /** Asks the worker to stop; it is replaced when it does not listen in time. */
  #cancel(id: number): void {
    if (this.#running?.id !== id) return;
    Atomics.store(new Int32Array(this.#cancelled), 0, id);
    const replace = () => void this.end(this.#broken(undefined));
    this.#graceTimer = setTimeout(replace, this.#parts.cancelGraceMs).unref();
  }

  #broken(cause: unknown): AppError {
    const message = `The engine ${this.#parts.engine} broke down while it worked on this.`;
    return new AppError('engine_failed', message, { cause });
  }
}
