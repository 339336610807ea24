import { parentPort, workerData } from 'node:worker_threads';
import { present } from '../base/assert.ts';

/** What a worker of a pool is started with. */
export interface WorkerStart {
  /** What the pool's `prepare` made, a compiled module for instance. */
  readonly prepared: unknown;
  /** One 32-bit integer: the number of the task that is no longer wanted. */
  readonly cancelled: SharedArrayBuffer;
}

/** What the pool sends to its worker. */
export interface WorkerTask {
  readonly id: number;
  readonly task: unknown;
}

/** What a worker sends to its pool. */
export type WorkerReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'message'; readonly id: number; readonly message: unknown }
  | { readonly kind: 'task-end'; readonly id: number }
  | { readonly kind: 'task-failed'; readonly id: number; readonly error: unknown };

/** What a task may do while it runs in its worker. */
export interface TaskControl<Message> {
  /** Hands a message to the reader at once, also from inside a synchronous computation. Listed buffers move along. */
  readonly send: (message: Message, transfer?: readonly ArrayBuffer[]) => void;
  /** Whether nobody wants the rest any more. To be polled: no event can arrive during a synchronous computation. */
  readonly isCancelled: () => boolean;
}

/** The worker's half of a pool: what it does with a task, and what it gets ready between two of them. */
export interface TaskServer<Task, Message> {
  /** Makes the worker fit for its first task. */
  prepare(prepared: unknown): Promise<void> | void;
  /** Throwing ends the worker: its memory cannot be trusted any more, and the pool starts another one. */
  run(task: Task, control: TaskControl<Message>): Promise<void> | void;
  /** Runs after each task, when its reader has everything already. */
  tidy?(): Promise<void> | void;
}

/** Serves the pool that started this worker thread. Called once, by the worker's script. */
export async function serveTasks<Task, Message>(server: TaskServer<Task, Message>): Promise<void> {
  const port = present(parentPort, 'The port to the pool');
  // Only a pool starts these scripts, and it always passes a WorkerStart.
  const start = workerData as WorkerStart;
  const cancelled = new Int32Array(start.cancelled);
  const report = (message: WorkerReport, transfer: readonly ArrayBuffer[] = []) =>
    port.postMessage(message, transfer);

  const perform = async ({ id, task }: WorkerTask) => {
    try {
      // The pool's type parameter is the same as this server's: both come from the engine's own folder.
      await server.run(task as Task, {
        send: (message, transfer) => report({ kind: 'message', id, message }, transfer),
        isCancelled: () => Atomics.load(cancelled, 0) === id,
      });
      report({ kind: 'task-end', id });
      await server.tidy?.();
    } catch (error) {
      report({ kind: 'task-failed', id, error });
    }
  };

  await server.prepare(start.prepared);
  port.on('message', (task: WorkerTask) => void perform(task));
  report({ kind: 'ready' });
}
