import type { FileService } from '../files/file-service.ts';
import type { Clock } from '../ports/clock.ts';
import type { JobStore } from '../ports/job-store.ts';
import { createJobAnnouncer, type AnnouncerParts, type JobDescription } from './job-announcer.ts';
import { removeJobFiles } from './job-keeping.ts';
import type { JobRunParts } from './job-run.ts';
import { createJobWorker } from './job-worker.ts';

/** Does jobs from its start to its stop. */
export interface JobRunner {
  start(): void;
  /** Says how a job is described to webhooks; nothing is announced before. */
  describeWith(describe: JobDescription): void;
  /** There is something to do. */
  wake(): void;
  /** Gives back what is not finished, and waits until nothing happens any more. */
  stop(): Promise<void>;
}

/** How often it looks by itself at least: other processes wake nobody here. */
const ROUND_MS = 1000;

/** A lease is prolonged so often before it ends, so that one look that comes late costs no job. */
const RENEWALS = 3;

/** How often what has expired is forgotten. */
const SWEEP_MS = 60_000;

/** Makes a runner. */
export function createJobRunner(parts: JobRunParts & AnnouncerParts): JobRunner {
  const { clock, pause, limits } = parts;
  const roundMs = () => Math.min(ROUND_MS, limits.leaseMs / RENEWALS);
  const end = new AbortController();
  let nudge = new AbortController();
  let running: Promise<void> | undefined;
  const wake = () => nudge.abort();
  const worker = createJobWorker(parts, wake);
  const announcer = createJobAnnouncer(parts, wake);
  let renewedAt = clock.monotonicMs();
  let sweptAt = -Infinity;
  let dayBegan = clock.now() - renewedAt;
  const round = async () => {
    const now = clock.monotonicMs();
    // Leases end by the time of day: when that was set forward, ours would look to us as if nobody worked at them.
    const timeOfDay = clock.now() - now;
    const wasSet = Math.abs(timeOfDay - dayBegan) > ROUND_MS;
    dayBegan = timeOfDay;
    if (wasSet || now - renewedAt >= roundMs() / 2) {
      renewedAt = now;
      await worker.renew();
    }
    await worker.takeUp();
    await announcer.announce();
    if (now - sweptAt >= SWEEP_MS) {
      sweptAt = now;
      await sweepJobs(parts);
    }
  };
  const loop = async () => {
    while (!end.signal.aborted) {
      nudge = new AbortController();
      // A store that fails now may work a moment later, and nobody else would look after the jobs.
      await round().catch((error: unknown) => parts.log.error({ error }, 'job-round-failed'));
      await pause(roundMs(), AbortSignal.any([end.signal, nudge.signal]));
    }
  };
  return {
    start: () => {
      running ??= loop();
    },
    wake,
    describeWith: (describe) => announcer.describeWith(describe),
    stop: async () => {
      end.abort();
      await Promise.all([worker.stop(), announcer.stop()]);
      await running;
      // Something may have been begun at the last moment.
      await Promise.all([worker.stop(), announcer.stop()]);
    },
  };
}

/** What it takes to forget jobs. */
export interface JobSweepParts {
  readonly store: Pick<JobStore, 'listExpired' | 'remove'>;
  readonly files: Pick<FileService, 'remove' | 'sweep'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Jobs that are forgotten in one go. */
const SWEEP_SIZE = 100;

/** Forgets jobs and files that have expired. */
export async function sweepJobs({ store, files, clock }: JobSweepParts): Promise<void> {
  for (;;) {
    const expired = await store.listExpired(clock.now(), SWEEP_SIZE);
    for (const job of expired) {
      await removeJobFiles(job, files);
      await store.remove(job.id, job.ownerId);
    }
    if (expired.length < SWEEP_SIZE) break;
  }
  await files.sweep();
}
