import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { claimJob, describeJobStoreContract, queuedJob } from '../../../test/contracts/job-store-contract.ts';
import { describeStoreContract, type StorePlace } from '../../../test/contracts/store-contract.ts';
import { describeUsageStoreContract } from '../../../test/contracts/usage-store-contract.ts';
import { sqliteHistory } from './sqlite-history.ts';
import { sqliteJobs } from './sqlite-jobs.ts';
import { migrateSqlite } from './sqlite-migrating.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { sqliteVoices } from './sqlite-voices.ts';

const makePlace = async (): Promise<StorePlace> => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-store-'));
  return {
    open: async () => openSqliteStore(join(folder, 'nested', 'antiphon.sqlite')),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
};

describeStoreContract('SQLite', makePlace);
describeJobStoreContract('SQLite', makePlace);
describeUsageStoreContract('SQLite', makePlace);

/** The quickest of several goes: other programs use this machine, too. */
async function quickest(goes: number, act: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let go = 0; go < goes; go += 1) {
    const start = performance.now();
    await act();
    times.push(performance.now() - start);
  }
  return Math.min(...times);
}

test('with twenty thousand jobs of two hundred owners in the line, each step takes milliseconds', async () => {
  const store = openSqliteStore(':memory:');
  const { jobs } = store;
  for (let index = 0; index < 20_000; index += 1) {
    // One owner has a tenth of the jobs.
    const ownerId = index % 10 === 9 ? 'crowd' : `owner-${index % 200}`;
    await jobs.add(queuedJob(`job-${index}`, { ownerId, createdAt: index }), 5000);
  }
  assert.ok((await quickest(20, () => claimJob(jobs, { now: 30_000 }))) < 10);
  assert.ok((await quickest(20, () => claimJob(jobs, { now: 30_000, kinds: ['video'] }))) < 10);
  assert.ok((await quickest(20, () => jobs.takeBack(1))) < 5);
  const page = { ownerId: 'crowd', order: 'newest_first', limit: 20, afterId: 'job-9999' } as const;
  assert.ok((await quickest(20, () => jobs.list(page))) < 5);
  assert.ok((await quickest(20, () => jobs.line(queuedJob('job-19999', { ownerId: 'crowd' })))) < 50);
  await store.close();
});

/** Keeps the text of every statement. */
class WatchedDatabase extends DatabaseSync {
  readonly texts: string[] = [];

  override prepare(text: string) {
    this.texts.push(text);
    return super.prepare(text);
  }
}

test('pages of voices, jobs and histories begin where the index leads to, and need no sorting', () => {
  const database = new WatchedDatabase(':memory:');
  try {
    migrateSqlite(database);
    sqliteVoices(database);
    sqliteJobs(database);
    sqliteHistory(database);
    const pages = database.texts.filter((text) => text.includes('(:createdAt, :row)'));
    assert.equal(pages.length, 6);
    for (const text of pages) {
      const plan = database
        .prepare(`EXPLAIN QUERY PLAN ${text}`)
        .all()
        .map(({ detail }) => String(detail))
        .join('\n');
      assert.match(plan, /SEARCH \w+ USING INDEX \w+_by_owner \(owner_id=\? AND created_at[<>]/, text);
      assert.doesNotMatch(plan, /TEMP B-TREE/, text);
    }
  } finally {
    database.close();
  }
});
