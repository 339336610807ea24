import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, test } from 'node:test';
import * as fc from 'fast-check';
import postgres from 'postgres';
import { claimJob, queuedJob } from './contracts/job-store-contract.ts';
import { contextOf, MADE, orderOf, testHouse } from './job-support.ts';
import { startPostgres } from './postgres-server.ts';
import { listening } from './support.ts';
import { openPostgresStore } from '../src/platform/store/postgres-store.ts';
import { openSqliteStore } from '../src/platform/store/sqlite-store.ts';
import type { Store } from '../src/core/ports/store.ts';
import { payloadText, readPayload } from '../src/core/jobs/job-payload.ts';
import type { AnyJob } from '../src/core/jobs/job.ts';

/** What other versions, or a broken disk, may have left in the column. */
const UNREADABLE = {
  'an older shape': '{"version":0,"input":{"path":"/v1/audio/speech"},"notes":{}}',
  'a shape without its parts': '{"input":{"method":"POST"},"notes":{}}',
  'an order without input': '{"notes":{}}',
  'no JSON': '{"version":1,"input":{"meth',
  nothing: '',
  'a version that is no number': '{"version":"1","input":{"method":"POST","url":"/","headers":{}}}',
} as const;

interface Place {
  readonly store: Store;
  /** Writes something else into columns of a job. */
  readonly spoil: (id: string, columns: Readonly<Record<string, string>>) => Promise<void>;
  readonly close: () => Promise<void>;
}

async function sqlitePlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-payload-'));
  const path = join(folder, 'a.sqlite');
  const store = openSqliteStore(path);
  return {
    store,
    spoil: async (id, columns) => {
      const database = new DatabaseSync(path);
      for (const [column, text] of Object.entries(columns))
        database.prepare(`UPDATE jobs SET ${column} = ? WHERE id = ?`).run(text, id);
      database.close();
    },
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

describe('jobs of other versions', () => {
  for (const [title, record] of Object.entries(UNREADABLE)) {
    test(`${title} ends the job with a reason, and the others go on`, async () => {
      const { store, spoil, close } = await sqlitePlace();
      let done = 0;
      const handle = async () => {
        done += 1;
        return MADE;
      };
      const { jobs, jobRunner, time } = testHouse({ store, handle });
      const ann = contextOf('ann');
      const old = await jobs.submit(orderOf(), ann);
      await spoil(old.id, { record });
      const fresh = await jobs.submit(orderOf(), ann);
      jobRunner.start();
      await time.settle();
      await time.advance(1000);
      const ended = await jobs.find(old.id, 'ann');
      assert.ok(ended?.state === 'failed', ended?.state);
      assert.equal(ended.error.code, 'internal');
      assert.match(ended.error.message, /another version of the server/);
      assert.equal(ended.attempts, 1);
      assert.equal((await jobs.find(fresh.id, 'ann'))?.state, 'succeeded');
      assert.equal(done, 1);
      await jobRunner.stop();
      assert.equal((await jobs.list({ ownerId: 'ann', order: 'oldest_first', limit: 5 })).length, 2);
      assert.equal(await jobs.remove(old.id, 'ann'), true);
      await close();
    });
  }

  test('an order of a newer version is left to others for a while before it is failed', async () => {
    const { store, spoil, close } = await sqlitePlace();
    const { jobs, jobRunner, time } = testHouse({ store });
    const { id } = await jobs.submit(orderOf(), contextOf('ann'));
    await spoil(id, { record: '{"version":2,"input":{"steps":[]},"notes":{}}' });
    jobRunner.start();
    await time.settle();
    assert.equal((await jobs.find(id, 'ann'))?.state, 'queued');
    for (let second = 0; second < 10; second += 1) await time.advance(1000);
    const ended = await jobs.find(id, 'ann');
    assert.ok(ended?.state === 'failed', ended?.state);
    assert.match(ended.error.message, /newer version/);
    await jobRunner.stop();
    await close();
  });

  test('a result that cannot be read is told as failed, and is forgotten in its time', async () => {
    const { store, spoil, close } = await sqlitePlace();
    const { jobs, jobRunner, time } = testHouse({ store });
    const { id } = await jobs.submit(orderOf(), contextOf('ann'));
    jobRunner.start();
    await time.settle();
    assert.equal((await jobs.find(id, 'ann'))?.state, 'succeeded');
    await spoil(id, { outcome: '{"sta' });
    const told = await jobs.find(id, 'ann');
    assert.ok(told?.state === 'failed');
    assert.match(told.error.message, /cannot be read/);
    await time.advance(25 * 60 * 60 * 1000);
    await time.advance(61_000);
    assert.equal(await jobs.find(id, 'ann'), undefined);
    await jobRunner.stop();
    await close();
  });
});

const server = await startPostgres();
if ('reason' in server) test('PostgreSQL hands out jobs of other versions', { skip: server.reason });
else {
  after(() => server.stop());
  test('PostgreSQL hands out jobs of other versions with what is wrong with them, and lets them end', async () => {
    const { url, drop } = await server.place();
    const store = await openPostgresStore(url);
    const sql = postgres(url, { max: 1 });
    for (const [id, record] of Object.entries(UNREADABLE)) {
      await store.jobs.add(queuedJob(id), 100);
      await sql`UPDATE jobs SET record = ${record} WHERE id = ${id}`;
      const { job, lease } = (await claimJob(store.jobs)) ?? assert.fail();
      assert.equal(job.id, id);
      assert.ok(job.payloadProblem);
      const error = { code: 'internal', message: 'It cannot be read.' } as const;
      await store.jobs.finish(lease, { state: 'failed', error, finishedAt: 5, expiresAt: 6 });
      await sql`UPDATE jobs SET outcome = 'broken' WHERE id = ${id}`;
      const told = await store.jobs.find(id, 'ann');
      assert.match(told?.state === 'failed' ? told.error.message : '', /cannot be read/);
    }
    assert.equal((await store.jobs.listExpired(10, 100)).length, Object.keys(UNREADABLE).length);
    await sql.end();
    await store.close();
    await drop();
  });
}

test('a caller who asks for such a job gets an answer, whatever its kind', async () => {
  const { store, spoil, close } = await sqlitePlace();
  const { jobs } = testHouse({ store });
  const { id } = await jobs.submit(orderOf(), contextOf('anonymous'));
  await listening({ store }, async ({ origin, core }) => {
    for (const kind of ['request', 'sound', 'video', 'of another time']) {
      await core.jobRunner.stop();
      await spoil(id, { record: UNREADABLE['an older shape'], kind, state: 'queued' });
      const answer = await fetch(`${origin}/antiphon/v1/jobs/${id}`);
      assert.equal(answer.status, 200, `${kind}: ${await answer.text()}`);
    }
  });
  await close();
});

test('what this version writes it reads, and whatever else stands there it survives', () => {
  const input = { method: 'POST', url: '/v1', headers: { a: 'b' }, body: { blob: 'files/x', byteLength: 3 } };
  const webhook = { url: 'https://example.com', secret: 'c2VjcmV0' };
  // The other facts are not written down.
  const job = { input, notes: { size: 'big' }, webhook, traceparent: '00-a-b-01' } as unknown as AnyJob;
  assert.deepEqual(readPayload('request', payloadText(job)), {
    input,
    notes: { size: 'big' },
    webhook,
    traceparent: '00-a-b-01',
  });
  // Earlier programs wrote no version.
  assert.equal(readPayload('request', JSON.stringify({ input, notes: {} })).payloadProblem, undefined);
  const kinds = fc.constantFrom('request', 'sound', 'video', 'other');
  fc.assert(
    fc.property(kinds, fc.oneof(fc.json(), fc.string()), (kind, text) => {
      const { input: read, notes } = readPayload(kind, text);
      assert.ok(typeof read === 'object' && typeof notes === 'object');
    }),
  );
});
