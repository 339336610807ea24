import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { test } from 'node:test';
import { claimJob, describeJobStoreContract, queuedJob } from '../../../test/contracts/job-store-contract.ts';
import { describeStoreContract, type StorePlace } from '../../../test/contracts/store-contract.ts';
import { describeUsageStoreContract } from '../../../test/contracts/usage-store-contract.ts';
import { openSqliteStore } from './sqlite-store.ts';

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
