import type { AnyJob } from '../../core/jobs/job.ts';
import type { ClaimedJob, JobClaim, JobLine, JobStore } from '../../core/ports/job-store.ts';
import type { PostgresDatabase, Row, Value } from './postgres-database.ts';
import { toJob } from './job-rows.ts';

/** The part of the job store that shares jobs among workers, in PostgreSQL. */
export function postgresJobQueue(
  database: PostgresDatabase,
): Pick<JobStore, 'claim' | 'renew' | 'takeBack' | 'line' | 'durations'> {
  return {
    claim: async (order) => {
      // Asking is cheap and waits for nobody; choosing waits for its turn.
      if ((await database.rows(ANY_QUEUED)).length === 0) return undefined;
      const [row] = await database.rows(CLAIM, claimValues(order));
      return row && claimed(row, order.token);
    },
    renew: async (renewals, leaseUntil) => {
      const held = renewals.map(({ jobId, token, progress }) => ({ id: jobId, token, progress }));
      const rows = await database.rows(RENEW, [leaseUntil, JSON.stringify(held)]);
      return rows.map((row) => String(row['id']));
    },
    takeBack: (now) => database.change(TAKE_BACK, [now]),
    line: (job) => lineBefore(job, database),
    durations: async ({ kind, model, limit }) =>
      (await database.rows(DURATIONS, [kind, model ?? null, limit])).map((row) =>
        Number(row['milliseconds']),
      ),
  };
}

const ANY_QUEUED = "SELECT 1 AS found FROM jobs WHERE state = 'queued' LIMIT 1";

const CLAIM = 'SELECT * FROM claim_job($1, $2, $3, $4, $5, $6)';

const RENEW = `
  UPDATE jobs SET lease_until = $1, progress = held.progress
    FROM json_to_recordset($2::text::json) AS held (id text, token text, progress double precision)
    WHERE jobs.id = held.id AND jobs.lease_token = held.token AND jobs.state = 'running'
    RETURNING jobs.id`;

/** A job that somebody else touches at this moment shows a sign of life. */
const TAKE_BACK = `
  UPDATE jobs SET state = 'queued', lease_token = NULL, lease_until = NULL, progress = 0, losses = losses + 1
    WHERE sequence IN (
      SELECT sequence FROM jobs WHERE state = 'running' AND lease_until <= $1 FOR UPDATE SKIP LOCKED
    )`;

const DURATIONS = `
  SELECT finished_at - started_at AS milliseconds FROM jobs
    WHERE state = 'succeeded' AND kind = $1 AND ($2::text IS NULL OR model = $2)
    ORDER BY finished_at DESC LIMIT $3`;

const OWN = `
  SELECT count(*) AS found FROM jobs, (SELECT priority, queued_at, sequence FROM jobs WHERE id = $1) AS mine
    WHERE state = 'queued' AND owner_id = $2 AND kind = $3
      AND (jobs.priority, jobs.queued_at, jobs.sequence) < (mine.priority, mine.queued_at, mine.sequence)`;

const OWN_RUNNING = "SELECT count(*) AS found FROM jobs WHERE state = 'running' AND owner_id = $1";

const OTHERS = `
  SELECT queued, (SELECT count(*) FROM jobs WHERE state = 'running' AND owner_id = line.owner_id) AS running
    FROM (
      SELECT owner_id, count(*) AS queued FROM jobs
        WHERE state = 'queued' AND kind = $1 AND owner_id <> $2 GROUP BY owner_id
    ) AS line`;

function claimValues({ token, now, leaseUntil, kinds, mostPerOwner, weights }: JobClaim): readonly Value[] {
  return [token, now, leaseUntil, JSON.stringify(kinds), mostPerOwner, JSON.stringify(weights ?? {})];
}

function claimed(row: Row, token: string): ClaimedJob {
  const job = toJob(row);
  if (job.state !== 'running') throw new Error('A claimed job runs.');
  return {
    job,
    lease: { jobId: job.id, token },
    failures: Number(row['failures']),
    losses: Number(row['losses']),
  };
}

async function lineBefore(
  { id, ownerId, kind }: Pick<AnyJob, 'id' | 'ownerId' | 'kind'>,
  database: PostgresDatabase,
): Promise<JobLine> {
  const [own, ownRunning, others] = await Promise.all([
    database.rows(OWN, [id, ownerId, kind]),
    database.rows(OWN_RUNNING, [ownerId]),
    database.rows(OTHERS, [kind, ownerId]),
  ]);
  return {
    own: Number(own[0]?.['found']),
    ownRunning: Number(ownRunning[0]?.['found']),
    others: others.map((row) => ({ queued: Number(row['queued']), running: Number(row['running']) })),
  };
}
