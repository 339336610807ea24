import type { Clock } from '../ports/clock.ts';
import type { JobLine, JobStore } from '../ports/job-store.ts';
import type { JobLimits } from './job-limits.ts';
import type { JobOutlook } from './job-service.ts';
import type { AnyJob } from './job.ts';

/** What it takes to guess how long a job waits. */
export interface OutlookParts {
  readonly store: Pick<JobStore, 'line' | 'durations'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly limits: Pick<JobLimits, 'running'>;
}

/** Finished jobs whose durations are averaged. */
const REMEMBERED = 20;

/** Less progress than this says nothing about the rest. */
const TELLING_PROGRESS = 0.05;

/** How long a job will probably take from now. */
export async function outlookOf(job: AnyJob, parts: OutlookParts): Promise<JobOutlook> {
  if (job.state === 'queued') return waiting(job, parts);
  if (job.state !== 'running') return { position: 0, etaMs: 0 };
  const elapsed = Math.max(0, parts.clock.now() - job.startedAt);
  if (job.progress >= TELLING_PROGRESS) {
    return { position: 0, etaMs: Math.round(elapsed / job.progress - elapsed) };
  }
  const usual = await usualDuration(job, parts);
  return { position: 0, etaMs: usual === undefined ? undefined : Math.max(0, Math.round(usual - elapsed)) };
}

async function waiting(job: AnyJob, parts: OutlookParts): Promise<JobOutlook> {
  const position = positionIn(await parts.store.line(job));
  const usual = await usualDuration(job, parts);
  const rounds = Math.ceil((position + 1) / parts.limits.running);
  return { position, etaMs: usual === undefined ? undefined : Math.round(usual * rounds) };
}

/**
 * Each turn goes to the owner with the fewest running jobs, as if none ended meanwhile. By the time it is this job's
 * turn its owner has `ownRunning + own` jobs that were begun, and every other one at least as many, as far as they have any.
 */
function positionIn({ own, ownRunning, others }: JobLine): number {
  const begun = ownRunning + own;
  return others.reduce(
    (before, { queued, running }) => before + Math.min(queued, Math.max(0, begun - running)),
    own,
  );
}

/** The mean of the latest successful jobs of the model, else of the kind. */
async function usualDuration({ kind, model }: AnyJob, { store }: OutlookParts): Promise<number | undefined> {
  const ofModel = await store.durations({ kind, model, limit: REMEMBERED });
  const known = ofModel.length > 0 ? ofModel : await store.durations({ kind, limit: REMEMBERED });
  return known.length === 0 ? undefined : known.reduce((sum, one) => sum + one, 0) / known.length;
}
