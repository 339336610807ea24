import type { DatabaseSync } from 'node:sqlite';
import { payloadText } from '../../core/jobs/job-payload.ts';
import type { AnyJob } from '../../core/jobs/job.ts';
import type { JobQuery } from '../../core/jobs/job-service.ts';
import type { JobStore } from '../../core/ports/job-store.ts';
import { sqliteJobQueue } from './sqlite-job-queue.ts';
import { TALLY, toJob, toTally, type JobRow } from './job-rows.ts';
import { placeIn, READING, type RowPlace } from './reading-order.ts';
import { inTransaction } from './sqlite-transaction.ts';

/** Jobs in SQLite. */
export function sqliteJobs(database: DatabaseSync): JobStore {
  const tally = database.prepare(TALLY);
  return {
    ...keeping(database),
    ...sqliteJobQueue(database),
    ...ending(database),
    ...announcing(database),
    tally: async () => tally.all().map(toTally),
  };
}

function found(row: JobRow | undefined): AnyJob | undefined {
  return row && toJob(row);
}

type Keeping = Pick<JobStore, 'add' | 'find' | 'list' | 'remove' | 'restart' | 'listExpired'>;

function keeping(database: DatabaseSync): Keeping {
  const waiting = database.prepare(
    "SELECT count(*) AS found FROM (SELECT 1 FROM jobs WHERE state = 'queued' AND owner_id = ? LIMIT ?)",
  );
  const hasRoom = (ownerId: string, most: number) => Number(waiting.get(ownerId, most)?.['found']) < most;
  const insert = database.prepare(
    `INSERT INTO jobs (id, owner_id, kind, dialect, model, priority, state, created_at, queued_at, available_at, record)
      VALUES (:id, :owner, :kind, :dialect, :model, :priority, 'queued', :now, :now, :now, :record)`,
  );
  const find = database.prepare('SELECT * FROM jobs WHERE id = ? AND owner_id = ?');
  const remove = database.prepare(
    "DELETE FROM jobs WHERE id = ? AND owner_id = ? AND state IN ('succeeded', 'failed', 'cancelled')",
  );
  const restart = database.prepare(RESTART);
  const expired = database.prepare('SELECT * FROM jobs WHERE expires_at <= ? ORDER BY expires_at LIMIT ?');
  const place = database.prepare('SELECT created_at, sequence FROM jobs WHERE id = ? AND owner_id = ?');
  const lists = {
    newest_first: database.prepare(listing('newest_first')),
    oldest_first: database.prepare(listing('oldest_first')),
  };
  return {
    add: async (job, mostWaiting) =>
      inTransaction(database, () => {
        if (!hasRoom(job.ownerId, mostWaiting)) return false;
        insert.run(insertParameters(job));
        return true;
      }),
    find: async (id, ownerId) => found(find.get(id, ownerId)),
    list: async (query) => {
      const row = query.afterId === undefined ? undefined : place.get(query.afterId, query.ownerId);
      if (query.afterId !== undefined && !row) return [];
      const from = row ? placeIn(row) : READING[query.order].start;
      return lists[query.order].all(listParameters(query, from)).map(toJob);
    },
    remove: async (id, ownerId) => remove.run(id, ownerId).changes === 1,
    restart: async (id, owner, { now, mostWaiting }) =>
      inTransaction(database, () =>
        hasRoom(owner, mostWaiting) ? found(restart.get({ id, owner, now })) : undefined,
      ),
    listExpired: async (now, limit) => expired.all(now, limit).map(toJob),
  };
}

const RESTART = `
  UPDATE jobs SET state = 'queued', queued_at = :now, available_at = :now, attempts = 0, failures = 0, losses = 0,
      started_at = NULL, finished_at = NULL, expires_at = NULL, progress = 0, engine_reference = NULL, outcome = NULL,
      notice_at = NULL, notice_attempts = 0
    WHERE id = :id AND owner_id = :owner AND state IN ('failed', 'cancelled') RETURNING *`;

/**
 * One statement for every combination of filters: one that is not asked for is null. Where to begin never is, or the
 * index would not lead there.
 */
function listing(direction: JobQuery['order']): string {
  const { beyond, order } = READING[direction];
  return `SELECT * FROM jobs WHERE owner_id = :owner
    AND (:kind IS NULL OR kind = :kind)
    AND (:dialect IS NULL OR dialect = :dialect)
    AND (created_at, sequence) ${beyond} (:createdAt, :row)
    ORDER BY created_at ${order}, sequence ${order} LIMIT :limit`;
}

function listParameters(query: JobQuery, { createdAt, row }: RowPlace) {
  return {
    owner: query.ownerId,
    kind: query.kind ?? null,
    dialect: query.dialect ?? null,
    createdAt,
    row,
    limit: query.limit,
  };
}

function insertParameters(job: AnyJob) {
  return {
    id: job.id,
    owner: job.ownerId,
    kind: job.kind,
    dialect: job.dialect,
    model: job.model,
    priority: job.priority === 'interactive' ? 0 : 1,
    now: job.createdAt,
    record: payloadText(job),
  };
}

/** The end is announced where the job says to whom. */
const NOTICE =
  "notice_attempts = 0, notice_at = CASE WHEN json_valid(record) AND json_extract(record, '$.webhook') IS NOT NULL THEN :finishedAt END";

function ending(database: DatabaseSync): Pick<JobStore, 'remember' | 'finish' | 'giveBack' | 'cancel'> {
  const held = "id = :jobId AND lease_token = :token AND state = 'running'";
  const remember = database.prepare(`UPDATE jobs SET engine_reference = :reference WHERE ${held}`);
  const finish = database.prepare(
    `UPDATE jobs SET state = :state, finished_at = :finishedAt, expires_at = :expiresAt, outcome = :outcome,
      lease_token = NULL, lease_until = NULL, ${NOTICE} WHERE ${held} RETURNING *`,
  );
  const giveBack = database.prepare(
    `UPDATE jobs SET state = 'queued', lease_token = NULL, lease_until = NULL, progress = 0,
      available_at = :availableAt, failures = failures + :failed WHERE ${held}`,
  );
  const cancel = database.prepare(
    `UPDATE jobs SET state = 'cancelled', finished_at = :finishedAt, expires_at = :expiresAt,
      lease_token = NULL, lease_until = NULL, ${NOTICE}
      WHERE id = :id AND owner_id = :owner AND state IN ('queued', 'running') RETURNING *`,
  );
  return {
    remember: async ({ jobId, token }, reference) => remember.run({ jobId, token, reference }).changes === 1,
    finish: async ({ jobId, token }, end) => {
      const { state, finishedAt, expiresAt } = end;
      const outcome = JSON.stringify(end.state === 'succeeded' ? end.output : end.error);
      return found(finish.get({ jobId, token, state, finishedAt, expiresAt, outcome }));
    },
    giveBack: async ({ jobId, token }, { availableAt, failed }) =>
      giveBack.run({ jobId, token, availableAt, failed: failed ? 1 : 0 }).changes === 1,
    cancel: async (id, owner, times) =>
      found(cancel.get({ id, owner, finishedAt: times.finishedAt, expiresAt: times.expiresAt })),
  };
}

function announcing(database: DatabaseSync): Pick<JobStore, 'claimNotice' | 'settleNotice'> {
  const anyDue = database.prepare('SELECT 1 FROM jobs WHERE notice_at <= ? LIMIT 1');
  const claim = database.prepare(
    `UPDATE jobs SET notice_at = :againAt, notice_attempts = notice_attempts + 1
      WHERE sequence = (SELECT sequence FROM jobs WHERE notice_at <= :now ORDER BY notice_at LIMIT 1) RETURNING *`,
  );
  const settle = database.prepare('UPDATE jobs SET notice_at = ? WHERE id = ? AND finished_at = ?');
  return {
    claimNotice: async ({ now, againAt }) => {
      if (!anyDue.get(now)) return undefined;
      const row = claim.get({ now, againAt });
      return row && { job: toJob(row), attempts: Number(row['notice_attempts']) };
    },
    settleNotice: async (id, { finishedAt, againAt }) => {
      settle.run(againAt ?? null, id, finishedAt);
    },
  };
}
