import { readPayload } from '../../core/jobs/job-payload.ts';
import type { AnyJob, JobError, JobKind } from '../../core/jobs/job.ts';
import type { JobTally } from '../../core/ports/job-store.ts';

/** A row of the table `jobs`, of whichever database. */
export type JobRow = Readonly<Record<string, unknown>>;

/** Counts the jobs that have not ended. */
export const TALLY = `
  SELECT kind, sum(CASE WHEN state = 'queued' THEN 1 ELSE 0 END) AS queued,
      sum(CASE WHEN state = 'running' THEN 1 ELSE 0 END) AS running,
      min(CASE WHEN state = 'queued' THEN queued_at END) AS waiting_since
    FROM jobs WHERE state IN ('queued', 'running') GROUP BY kind ORDER BY kind`;

/** A line of that count. */
export function toTally(row: JobRow): JobTally {
  const since = row['waiting_since'];
  return {
    // Only jobs of these kinds are ever written down.
    kind: String(row['kind']) as JobKind,
    queued: Number(row['queued']),
    running: Number(row['running']),
    waitingSince: since === null ? undefined : Number(since),
  };
}

/** A job as its row has it. */
export function toJob(row: JobRow): AnyJob {
  const reference = row['engine_reference'];
  const kept: unknown = {
    id: String(row['id']),
    kind: String(row['kind']),
    ownerId: String(row['owner_id']),
    dialect: String(row['dialect']),
    model: String(row['model']),
    priority: row['priority'] === 0 ? 'interactive' : 'batch',
    ...readPayload(String(row['kind']), String(row['record'])),
    createdAt: Number(row['created_at']),
    attempts: Number(row['attempts']),
    ...(reference === null ? {} : { engineReference: reference }),
    ...stateOf(row),
  };
  // The row was written from a job, and each state sets all of its columns.
  return kept as AnyJob;
}

function stateOf(row: JobRow): object {
  const startedAt = row['started_at'] === null ? undefined : Number(row['started_at']);
  const ended = { finishedAt: Number(row['finished_at']), expiresAt: Number(row['expires_at']) };
  const state = String(row['state']);
  if (state === 'running') return { state, startedAt, progress: Number(row['progress']) };
  if (state === 'cancelled') return { state, ...ended };
  if (state !== 'succeeded' && state !== 'failed') return { state };
  const outcome = outcomeOf(row['outcome']);
  // One row that nobody can read must not stop those who list or sweep.
  if (!outcome || (state === 'failed' && !('code' in outcome)))
    return { state: 'failed', startedAt, ...ended, error: UNREADABLE };
  return state === 'succeeded'
    ? { state, startedAt, ...ended, output: outcome }
    : { state, startedAt, ...ended, error: outcome };
}

const UNREADABLE: JobError = {
  code: 'internal',
  message: 'What came of this job was written by another version of the server and cannot be read.',
};

function outcomeOf(column: unknown): object | undefined {
  try {
    const parsed: unknown = JSON.parse(String(column));
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
