import type { DatabaseSync } from 'node:sqlite';
import type { JobClaim, JobLine, JobStore } from '../../core/ports/job-store.ts';
import type { AnyJob } from '../../core/jobs/job.ts';
import { toJob, type JobRow } from './job-rows.ts';
import { inTransaction } from './sqlite-transaction.ts';

/** The part of the job store that shares jobs among workers, in SQLite. */
export function sqliteJobQueue(
  database: DatabaseSync,
): Pick<JobStore, 'claim' | 'renew' | 'takeBack' | 'line' | 'durations'> {
  const anyQueued = database.prepare("SELECT 1 FROM jobs WHERE state = 'queued' LIMIT 1");
  const claim = database.prepare(CLAIM);
  const renew = database.prepare(
    "UPDATE jobs SET lease_until = ?, progress = ? WHERE id = ? AND lease_token = ? AND state = 'running'",
  );
  const takeBack = database.prepare(
    `UPDATE jobs SET state = 'queued', lease_token = NULL, lease_until = NULL, progress = 0, losses = losses + 1
      WHERE state = 'running' AND lease_until <= ?`,
  );
  const anyLapsed = database.prepare(
    "SELECT 1 FROM jobs WHERE state = 'running' AND lease_until <= ? LIMIT 1",
  );
  const durations = database.prepare(DURATIONS);
  return {
    claim: async (order) => {
      // Asking is cheap and disturbs nobody; the write lock is not.
      if (!anyQueued.get()) return undefined;
      const row = inTransaction(database, () => claim.get(claimParameters(order)));
      return row && claimed(row, order.token);
    },
    renew: async (renewals, leaseUntil) =>
      inTransaction(database, () =>
        renewals
          .filter(({ jobId, token, progress }) => renew.run(leaseUntil, progress, jobId, token).changes === 1)
          .map(({ jobId }) => jobId),
      ),
    takeBack: async (now) => (anyLapsed.get(now) ? Number(takeBack.run(now).changes) : 0),
    line: jobLine(database),
    durations: async ({ kind, model, limit }) =>
      durations.all({ kind, model: model ?? null, limit }).map((row) => Number(row['milliseconds'])),
  };
}

/**
 * Owners are found by leaping from one to the next, so that somebody's hundred thousand jobs cost no more than one;
 * of each owner and kind only the first job is looked at.
 */
const CLAIM = `
  WITH RECURSIVE
    waiting (owner_id) AS (
      SELECT min(owner_id) FROM jobs WHERE state = 'queued'
      UNION ALL
      SELECT (SELECT min(owner_id) FROM jobs WHERE state = 'queued' AND owner_id > waiting.owner_id)
        FROM waiting WHERE waiting.owner_id IS NOT NULL
    ),
    busy (owner_id, running) AS (
      SELECT owner_id, count(*) FROM jobs WHERE state = 'running' GROUP BY owner_id
    ),
    shares (owner_id, weight) AS (SELECT key, value FROM json_each(:weights)),
    first (share, sequence) AS (
      SELECT coalesce(busy.running, 0) / coalesce(shares.weight, 1.0), (
        SELECT sequence FROM jobs
          WHERE state = 'queued' AND owner_id = waiting.owner_id AND kind = kinds.value AND available_at <= :now
          ORDER BY priority, queued_at, sequence LIMIT 1
      )
      FROM waiting
      CROSS JOIN json_each(:kinds) AS kinds
      LEFT JOIN busy ON busy.owner_id = waiting.owner_id
      LEFT JOIN shares ON shares.owner_id = waiting.owner_id
      WHERE waiting.owner_id IS NOT NULL AND coalesce(busy.running, 0) < :mostPerOwner
    )
  UPDATE jobs SET state = 'running', lease_token = :token, lease_until = :leaseUntil, started_at = :now,
      progress = 0, attempts = attempts + 1
    WHERE sequence = (
      SELECT jobs.sequence FROM first JOIN jobs ON jobs.sequence = first.sequence
        ORDER BY first.share, jobs.priority, jobs.queued_at, jobs.sequence LIMIT 1
    )
    RETURNING *`;

const DURATIONS = `
  SELECT finished_at - started_at AS milliseconds FROM jobs
    WHERE state = 'succeeded' AND kind = :kind AND (:model IS NULL OR model = :model)
    ORDER BY finished_at DESC LIMIT :limit`;

function claimParameters({ token, now, leaseUntil, kinds, mostPerOwner, weights }: JobClaim) {
  return {
    token,
    now,
    leaseUntil,
    mostPerOwner,
    kinds: JSON.stringify(kinds),
    weights: JSON.stringify(weights ?? {}),
  };
}

function claimed(row: JobRow, token: string) {
  const job = toJob(row);
  if (job.state !== 'running') throw new Error('A claimed job runs.');
  return {
    job,
    lease: { jobId: job.id, token },
    failures: Number(row['failures']),
    losses: Number(row['losses']),
  };
}

function jobLine(database: DatabaseSync): JobStore['line'] {
  const own = database.prepare(
    `SELECT count(*) AS found FROM jobs, (SELECT priority, queued_at, sequence FROM jobs WHERE id = :id) AS mine
      WHERE state = 'queued' AND owner_id = :owner AND kind = :kind
        AND (jobs.priority, jobs.queued_at, jobs.sequence) < (mine.priority, mine.queued_at, mine.sequence)`,
  );
  const running = database.prepare(
    "SELECT count(*) AS found FROM jobs WHERE state = 'running' AND owner_id = ?",
  );
  const others = database.prepare(
    `SELECT queued, (SELECT count(*) FROM jobs WHERE state = 'running' AND owner_id = line.owner_id) AS running
      FROM (
        SELECT owner_id, count(*) AS queued FROM jobs
          WHERE state = 'queued' AND kind = :kind AND owner_id <> :owner GROUP BY owner_id
      ) AS line`,
  );
  return async ({ id, ownerId, kind }: Pick<AnyJob, 'id' | 'ownerId' | 'kind'>): Promise<JobLine> => ({
    own: Number(own.get({ id, owner: ownerId, kind })?.['found']),
    ownRunning: Number(running.get(ownerId)?.['found']),
    others: others
      .all({ kind, owner: ownerId })
      .map((row) => ({ queued: Number(row['queued']), running: Number(row['running']) })),
  });
}
