import { randomUUID } from 'node:crypto';
import type { AnyJob } from '../src/core/jobs/job.ts';
import type { ClaimedJob, JobStore } from '../src/core/ports/job-store.ts';

/** Jobs that one owner may have running at the same time. */
export const SLOTS = 4;

/** Longer than any benchmark takes, in milliseconds. */
const KEPT_MS = 100 * 86_400_000;

/** A job as a request for speech leaves it, with nothing beside it that could be done. */
export function queuedJob(ownerId: string, id: string = randomUUID()): AnyJob & { readonly state: 'queued' } {
  return {
    id,
    kind: 'request',
    ownerId,
    dialect: 'openai',
    model: 'tts-1',
    priority: 'interactive',
    input: { method: 'POST', url: '/v1/audio/speech', headers: { 'content-type': 'application/json' } },
    notes: {},
    createdAt: Date.now(),
    attempts: 0,
    state: 'queued',
  };
}

/** The next job in turn; none where all are running, or none is there. */
export function claimJob(jobs: JobStore): Promise<ClaimedJob | undefined> {
  const now = Date.now();
  const lease = { token: randomUUID(), now, leaseUntil: now + 15_000 };
  return jobs.claim({ ...lease, kinds: ['request'], mostPerOwner: SLOTS });
}

/** Ends a job as one whose answer is kept. */
export async function finishJob(jobs: JobStore, { lease }: ClaimedJob): Promise<void> {
  const output = { status: 200, headers: {}, blob: 'files/none', byteLength: 0 };
  const finishedAt = Date.now();
  await jobs.finish(lease, { state: 'succeeded', output, finishedAt, expiresAt: finishedAt + KEPT_MS });
}

/** Both, with a job that has to be there. */
export async function claimAndFinish(jobs: JobStore): Promise<void> {
  const claimed = await claimJob(jobs);
  if (!claimed) throw new Error('There is nothing to do.');
  await finishJob(jobs, claimed);
}
