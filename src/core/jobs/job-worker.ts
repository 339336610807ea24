import { randomHex } from '../../base/ids.ts';
import { beginJob, type JobRun, type JobRunParts } from './job-run.ts';
import type { JobHandlers } from './job-service.ts';
import type { JobKind } from './job.ts';

/** Does jobs, as many at a time as it may. Somebody else gives it its turns. */
export interface JobWorker {
  /** Says for every running job that it is being worked at, and ends those that were cancelled or lost. */
  renew(): Promise<void>;
  /** Takes up jobs whose worker has vanished, and begins as many as it may. */
  takeUp(): Promise<void>;
  /** Gives every job back and waits until nothing happens any more. */
  stop(): Promise<void>;
}

/** Makes a worker. `onRoom` is called whenever it could do one more. */
export function createJobWorker(parts: JobRunParts, onRoom: () => void): JobWorker {
  const runs = new Set<JobRun>();
  const { store, clock, limits, news } = parts;
  let stopped = false;
  const forgetAtEnd = async (run: JobRun) => {
    await run.ended;
    runs.delete(run);
    onRoom();
  };
  const claimNext = async (): Promise<boolean> => {
    const kinds = kindsWithRoom(parts.handlers, runs, limits.running);
    if (stopped || kinds.length === 0 || parts.memory?.isShort()) return false;
    const now = clock.now();
    const claimed = await store.claim({
      token: randomHex(16),
      now,
      leaseUntil: now + limits.leaseMs,
      kinds,
      mostPerOwner: limits.perOwner,
    });
    if (!claimed) return false;
    const run = beginJob(claimed, parts);
    runs.add(run);
    void forgetAtEnd(run);
    if (stopped) run.stop();
    news.tell(claimed.job.id);
    return true;
  };
  return {
    renew: async () => {
      const held = [...runs];
      if (held.length === 0) return;
      const renewals = held.map((run) => ({ ...run.lease, progress: run.progress() }));
      const kept = new Set(await store.renew(renewals, clock.now() + limits.leaseMs));
      for (const run of held) if (!kept.has(run.lease.jobId)) run.lose();
      for (const { lease } of held) news.tell(lease.jobId);
    },
    takeUp: async () => {
      await store.takeBack(clock.now());
      while (await claimNext());
    },
    stop: async () => {
      stopped = true;
      for (const run of runs) run.stop();
      await Promise.all([...runs].map((run) => run.ended));
    },
  };
}

function kindsWithRoom(handlers: JobHandlers, runs: ReadonlySet<JobRun>, most: number): readonly JobKind[] {
  // The names of the handlers are the kinds.
  const kinds = Object.keys(handlers) as JobKind[];
  return kinds.filter((kind) => [...runs].filter((run) => run.kind === kind).length < most);
}
