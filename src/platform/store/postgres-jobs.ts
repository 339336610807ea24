import type { JobQuery } from '../../core/jobs/job-service.ts';
import { payloadText } from '../../core/jobs/job-payload.ts';
import type { AnyJob } from '../../core/jobs/job.ts';
import type { JobStore } from '../../core/ports/job-store.ts';
import type { PostgresDatabase, Row, Value } from './postgres-database.ts';
import { postgresJobQueue } from './postgres-job-queue.ts';
import { TALLY, toJob, toTally } from './job-rows.ts';
import { placeIn, READING, type RowPlace } from './reading-order.ts';

/** Told by the database itself whenever a job waits to be done. */
export const WORK_CHANNEL = 'antiphon_work';

/** Jobs in PostgreSQL. */
export function postgresJobs(database: PostgresDatabase): JobStore {
  return {
    ...keeping(database),
    ...postgresJobQueue(database),
    ...ending(database),
    ...announcing(database),
    tally: async () => (await database.rows(TALLY)).map(toTally),
  };
}

function found(rows: readonly Row[]): AnyJob | undefined {
  return rows[0] && toJob(rows[0]);
}

type Keeping = Pick<JobStore, 'add' | 'find' | 'list' | 'remove' | 'restart' | 'listExpired'>;

function keeping(database: PostgresDatabase): Keeping {
  return {
    add: async (job, mostWaiting) => (await database.change(ADD, addValues(job, mostWaiting))) === 1,
    find: async (id, ownerId) =>
      found(await database.rows('SELECT * FROM jobs WHERE id = $1 AND owner_id = $2', [id, ownerId])),
    list: async (query) => {
      const from = await placeBefore(query, database);
      return from ? (await database.rows(LISTS[query.order], listValues(query, from))).map(toJob) : [];
    },
    remove: async (id, ownerId) => (await database.change(REMOVE, [id, ownerId])) === 1,
    restart: async (id, ownerId, { now, mostWaiting }) =>
      found(await database.rows(RESTART, [ownerId, mostWaiting, id, now])),
    listExpired: async (now, limit) => {
      const text = 'SELECT * FROM jobs WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2';
      return (await database.rows(text, [now, limit])).map(toJob);
    },
  };
}

/**
 * Whether the owner `$1` has fewer than `$2` waiting jobs. Counting and adding is done by one at a time, or two would
 * both find room for the last.
 */
const HAS_ROOM = 'waiting_jobs($1, $2::integer) < $2::integer';

const ADD = `
  INSERT INTO jobs
    (owner_id, id, kind, dialect, model, priority, state, created_at, queued_at, available_at, record, has_webhook)
    SELECT $1, $3, $4, $5, $6, $7::smallint, 'queued', $8::bigint, $8::bigint, $8::bigint, $9, $10::smallint
    WHERE ${HAS_ROOM}`;

const RESTART = `
  UPDATE jobs SET state = 'queued', queued_at = $4, available_at = $4, attempts = 0, failures = 0, losses = 0,
      started_at = NULL, finished_at = NULL, expires_at = NULL, progress = 0, engine_reference = NULL, outcome = NULL,
      notice_at = NULL, notice_attempts = 0
    WHERE id = $3 AND owner_id = $1 AND state IN ('failed', 'cancelled') AND ${HAS_ROOM}
    RETURNING *`;

const REMOVE =
  "DELETE FROM jobs WHERE id = $1 AND owner_id = $2 AND state IN ('succeeded', 'failed', 'cancelled')";

/** After which row a list begins; undefined where that is not there. */
async function placeBefore(query: JobQuery, database: PostgresDatabase): Promise<RowPlace | undefined> {
  if (query.afterId === undefined) return READING[query.order].start;
  const text = 'SELECT created_at, sequence FROM jobs WHERE id = $1 AND owner_id = $2';
  const [row] = await database.rows(text, [query.afterId, query.ownerId]);
  return row && placeIn(row);
}

const LISTS = { newest_first: listing('newest_first'), oldest_first: listing('oldest_first') } as const;

/**
 * One statement for every combination of filters: one that is not asked for is null. Where to begin never is, or the
 * index would not lead there.
 */
function listing(direction: JobQuery['order']): string {
  const { beyond, order } = READING[direction];
  return `SELECT * FROM jobs WHERE owner_id = $1
    AND ($2::text IS NULL OR kind = $2)
    AND ($3::text IS NULL OR dialect = $3)
    AND (created_at, sequence) ${beyond} ($4::bigint, $5::bigint)
    ORDER BY created_at ${order}, sequence ${order} LIMIT $6`;
}

function listValues(query: JobQuery, { createdAt, row }: RowPlace): readonly Value[] {
  return [query.ownerId, query.kind ?? null, query.dialect ?? null, createdAt, row, query.limit];
}

function addValues(job: AnyJob, mostWaiting: number): readonly Value[] {
  const { id, ownerId, kind, dialect, model, createdAt } = job;
  const priority = job.priority === 'interactive' ? 0 : 1;
  const facts = [ownerId, mostWaiting, id, kind, dialect, model, priority, createdAt];
  return [...facts, payloadText(job), job.webhook ? 1 : 0];
}

function ending(database: PostgresDatabase): Pick<JobStore, 'remember' | 'finish' | 'giveBack' | 'cancel'> {
  return {
    remember: async ({ jobId, token }, reference) =>
      (await database.change(REMEMBER, [jobId, token, reference])) === 1,
    finish: async ({ jobId, token }, end) => {
      const outcome = JSON.stringify(end.state === 'succeeded' ? end.output : end.error);
      const { state, finishedAt, expiresAt } = end;
      return found(await database.rows(FINISH, [jobId, token, finishedAt, expiresAt, state, outcome]));
    },
    giveBack: async ({ jobId, token }, { availableAt, failed }) =>
      (await database.change(GIVE_BACK, [jobId, token, availableAt, failed ? 1 : 0])) === 1,
    cancel: async (id, ownerId, { finishedAt, expiresAt }) =>
      found(await database.rows(CANCEL, [id, ownerId, finishedAt, expiresAt])),
  };
}

const HELD = "id = $1 AND lease_token = $2 AND state = 'running'";

/** The end, at `$3`, is announced where the job says to whom. */
const ENDED = `finished_at = $3, expires_at = $4, lease_token = NULL, lease_until = NULL,
  notice_attempts = 0, notice_at = CASE WHEN has_webhook = 1 THEN $3::bigint END`;

const REMEMBER = `UPDATE jobs SET engine_reference = $3 WHERE ${HELD}`;

const FINISH = `UPDATE jobs SET state = $5, outcome = $6, ${ENDED} WHERE ${HELD} RETURNING *`;

const GIVE_BACK = `UPDATE jobs SET state = 'queued', lease_token = NULL, lease_until = NULL, progress = 0,
  available_at = $3, failures = failures + $4 WHERE ${HELD}`;

const CANCEL = `UPDATE jobs SET state = 'cancelled', ${ENDED}
  WHERE id = $1 AND owner_id = $2 AND state IN ('queued', 'running') RETURNING *`;

function announcing(database: PostgresDatabase): Pick<JobStore, 'claimNotice' | 'settleNotice'> {
  return {
    claimNotice: async ({ now, againAt }) => {
      const [row] = await database.rows(CLAIM_NOTICE, [now, againAt]);
      return row && { job: toJob(row), attempts: Number(row['notice_attempts']) };
    },
    settleNotice: async (id, { finishedAt, againAt }) => {
      const text = 'UPDATE jobs SET notice_at = $1 WHERE id = $2 AND finished_at = $3';
      await database.change(text, [againAt ?? null, id, finishedAt]);
    },
  };
}

/** What somebody else claims at this moment is passed over. */
const CLAIM_NOTICE = `
  UPDATE jobs SET notice_at = $2, notice_attempts = notice_attempts + 1
    WHERE sequence = (
      SELECT sequence FROM jobs WHERE notice_at <= $1 ORDER BY notice_at LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING *`;
