import type { AnyJob } from '../../core/jobs/job.ts';

/** A row of the table `jobs`, of whichever database. */
export type JobRow = Readonly<Record<string, unknown>>;

/** What of a job stands in the column `record`. */
export function recordOf({ input, notes, webhook }: AnyJob): string {
  return JSON.stringify({ input, notes, webhook });
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
    ...fromJson(row['record']),
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
  if (state === 'succeeded') return { state, startedAt, ...ended, output: fromJson(row['outcome']) };
  if (state === 'failed') return { state, startedAt, ...ended, error: fromJson(row['outcome']) };
  return state === 'cancelled' ? { state, ...ended } : { state };
}

function fromJson(column: unknown): object {
  const parsed: unknown = JSON.parse(String(column));
  return typeof parsed === 'object' && parsed !== null ? parsed : {};
}
