import { cancelledError } from '../../base/errors.ts';
import type { PullOptions, PullProgress } from '../../core/models/weights.ts';

/** The work behind a pull: it reports progress and ends when its signal fires. */
export type PullWork = (report: (progress: PullProgress) => void, signal: AbortSignal) => Promise<void>;

interface Running {
  readonly done: Promise<void>;
  readonly stop: AbortController;
  readonly listeners: Set<(progress: PullProgress) => void>;
  latest: PullProgress | undefined;
  waiting: number;
}

/** Lets all callers in this process share one download per model. */
export interface SharedPulls {
  isRunning(id: string): boolean;
  /** Joins the download of this id, or starts it. It ends early only when everybody who waited for it has left. */
  join(id: string, work: PullWork, options: PullOptions): Promise<void>;
}

export function createSharedPulls(): SharedPulls {
  const all = new Map<string, Running>();
  const start = (id: string, work: PullWork): Running => {
    const stop = new AbortController();
    const listeners = new Set<(progress: PullProgress) => void>();
    const report = (progress: PullProgress) => {
      running.latest = progress;
      for (const listener of listeners) listener(progress);
    };
    const done = Promise.resolve()
      .then(() => work(report, stop.signal))
      .finally(() => all.delete(id));
    // Everybody may have left before it fails; those who stayed get the failure from their own await.
    done.catch(() => undefined);
    const running: Running = { done, stop, listeners, latest: undefined, waiting: 0 };
    all.set(id, running);
    return running;
  };
  return {
    isRunning: (id) => all.has(id),
    join: async (id, work, options) => {
      for (let old = all.get(id); old?.stop.signal.aborted; old = all.get(id))
        await old.done.catch(() => undefined);
      if (options.signal?.aborted) throw cancelledError();
      await wait(all.get(id) ?? start(id, work), options);
    },
  };
}

async function wait(running: Running, { onProgress, signal }: PullOptions): Promise<void> {
  running.waiting += 1;
  if (onProgress) {
    running.listeners.add(onProgress);
    if (running.latest) onProgress(running.latest);
  }
  const leave = Promise.withResolvers<never>();
  const onAbort = () => {
    // The last one to leave waits for the end, so that nothing is written any more when it is told.
    if (running.waiting === 1) running.stop.abort();
    else leave.reject(cancelledError());
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([running.done, leave.promise]);
  } finally {
    running.waiting -= 1;
    signal?.removeEventListener('abort', onAbort);
    if (onProgress) running.listeners.delete(onProgress);
  }
}
