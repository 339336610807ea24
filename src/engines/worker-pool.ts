import { AppError, cancelledError } from '../base/errors.ts';
import { MessageStream } from './message-stream.ts';
import { startPoolWorker, type PoolWorker } from './pool-worker.ts';

/** How a pool is made. */
export interface WorkerPoolParts {
  /** Id of the engine, for error messages. */
  readonly engine: string;
  /** The script of the workers; it calls `serveTasks`. */
  readonly script: URL;
  /** Most workers at the same time. */
  readonly size: number;
  /** Makes what every worker is started with; it must survive a structured clone, and is let go with the last worker. */
  readonly prepare?: () => Promise<unknown>;
  /** How long a worker may do nothing before it is ended, in milliseconds; `Infinity` keeps it. */
  readonly idleMs?: number | undefined;
  /** How long a worker may go on with a task that nobody wants any more before it is replaced, in milliseconds. */
  readonly cancelGraceMs?: number;
}

export interface TaskOptions {
  readonly signal: AbortSignal;
  /**
   * When the result is needed, on the clock of `performance.now()`. Waiting tasks run in this order, so that a
   * listener who is about to run dry comes before one who has sound for seconds.
   */
  readonly dueMs: number;
}

/** Worker threads that are started on demand, kept warm, and given one task at a time. */
export interface WorkerPool<Task, Message> {
  /**
   * Queues the task at once and gives its messages as they come. Closing the iterator or firing the signal
   * cancels the task; after the signal the iterator throws `cancelled`, after a crash `engine_failed`.
   */
  run(task: Task, options: TaskOptions): AsyncIterableIterator<Message>;
  /** Starts so many workers, all of them unless told, and waits until all that were started are ready. */
  warm(count?: number): Promise<void>;
  /** Ends all workers. Tasks that wait or run fail with `overloaded`. */
  stop(): Promise<void>;
  /** How many workers are alive. */
  readonly alive: number;
}

interface Job {
  readonly task: unknown;
  readonly dueMs: number;
  readonly messages: MessageStream<unknown>;
}

const IDLE_MS = 5 * 60 * 1000;
const CANCEL_GRACE_MS = 100;

/** Makes a pool. No worker is started before the first task or `warm`. */
export function createWorkerPool<Task, Message>(parts: WorkerPoolParts): WorkerPool<Task, Message> {
  const pool = new Pool(parts);
  return {
    // The script answers this pool's tasks with this pool's messages: both types belong to the engine's folder.
    run: (task, options) => pool.run(task, options) as AsyncIterableIterator<Message>,
    warm: (count) => pool.warm(count),
    stop: () => pool.stop(),
    get alive() {
      return pool.alive;
    },
  };
}

class Pool {
  readonly #parts: WorkerPoolParts;
  readonly #workers = new Set<PoolWorker>();
  /** By due time, soonest first. */
  readonly #waiting: Job[] = [];
  #prepared: Promise<unknown> | undefined;
  #starting = 0;
  #stopped = false;

  constructor(parts: WorkerPoolParts) {
    this.#parts = parts;
  }

  get alive(): number {
    return this.#workers.size;
  }

  run(task: unknown, options: TaskOptions): AsyncIterableIterator<unknown> {
    const { signal } = options;
    const messages = new MessageStream<unknown>();
    const onAbort = () => messages.fail(cancelledError());
    if (this.#stopped) messages.fail(shuttingDown(this.#parts.engine));
    else if (signal.aborted) onAbort();
    else {
      signal.addEventListener('abort', onAbort, { once: true });
      messages.onClose(() => signal.removeEventListener('abort', onAbort));
      this.#enqueue({ task, dueMs: options.dueMs, messages });
    }
    return messages;
  }

  async warm(count = this.#parts.size): Promise<void> {
    if (this.#stopped) throw shuttingDown(this.#parts.engine);
    const missing = Math.min(count, this.#parts.size) - this.#workers.size - this.#starting;
    const started = Array.from({ length: Math.max(0, missing) }, () => this.#start());
    await Promise.all([...started, ...Array.from(this.#workers, (worker) => worker.ready)]);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const job of this.#waiting.splice(0)) job.messages.fail(shuttingDown(this.#parts.engine));
    await Promise.all(Array.from(this.#workers, (worker) => worker.end(shuttingDown(this.#parts.engine))));
  }

  #enqueue(job: Job): void {
    const later = this.#waiting.findIndex((other) => other.dueMs > job.dueMs);
    this.#waiting.splice(later < 0 ? this.#waiting.length : later, 0, job);
    job.messages.onClose(() => {
      const place = this.#waiting.indexOf(job);
      if (place >= 0) this.#waiting.splice(place, 1);
    });
    this.#assign();
  }

  /** Gives waiting tasks to free workers, and starts workers while there are more tasks than workers to come. */
  #assign(): void {
    for (const worker of this.#workers) {
      if (!worker.free) continue;
      const job = this.#waiting.shift();
      if (!job) return;
      worker.perform(job.task, job.messages);
    }
    const notReady = Array.from(this.#workers).filter((worker) => worker.starting).length;
    const room = this.#parts.size - this.#workers.size - this.#starting;
    const wanted = Math.min(room, this.#waiting.length - notReady - this.#starting);
    for (let count = 0; count < wanted; count += 1) void this.#start().catch(() => undefined);
  }

  /** A worker that cannot start costs one waiting task: otherwise the queue would start workers for ever. */
  async #start(): Promise<void> {
    try {
      const worker = await this.#startWorker();
      await worker?.ready;
    } catch (error) {
      const failure = new AppError(
        'engine_failed',
        `The engine ${this.#parts.engine} could not be started.`,
        {
          cause: error,
        },
      );
      this.#waiting.shift()?.messages.fail(failure);
      if (!this.#stopped) this.#assign();
      throw failure;
    }
  }

  async #startWorker(): Promise<PoolWorker | undefined> {
    this.#starting += 1;
    const prepared = await this.#prepare().finally(() => {
      this.#starting -= 1;
    });
    if (this.#stopped) return undefined;
    const { engine, script, idleMs = IDLE_MS, cancelGraceMs = CANCEL_GRACE_MS } = this.#parts;
    const worker = startPoolWorker({
      engine,
      script,
      prepared,
      idleMs,
      cancelGraceMs,
      onFree: () => this.#assign(),
      onGone: (wasReady) => {
        this.#workers.delete(worker);
        // What a worker is started with may be as large as the worker.
        if (this.#workers.size + this.#starting === 0) this.#prepared = undefined;
        if (wasReady && !this.#stopped) this.#assign();
      },
    });
    this.#workers.add(worker);
    return worker;
  }

  async #prepare(): Promise<unknown> {
    this.#prepared ??= Promise.resolve(this.#parts.prepare?.());
    try {
      return await this.#prepared;
    } catch (error) {
      this.#prepared = undefined;
      throw error;
    }
  }
}

function shuttingDown(engine: string): AppError {
  return new AppError('overloaded', `The engine ${engine} is being shut down.`);
}
