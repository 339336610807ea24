import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { after, test } from 'node:test';
import postgres from 'postgres';
import { claimJob, describeJobStoreContract, queuedJob } from '../../../test/contracts/job-store-contract.ts';
import { describeStoreContract, type StorePlace } from '../../../test/contracts/store-contract.ts';
import { describeUsageStoreContract } from '../../../test/contracts/usage-store-contract.ts';
import { startPostgres, type PostgresServer } from '../../../test/postgres-server.ts';
import { openPostgres } from './postgres-database.ts';
import { knownMigrations, migratePostgres } from './postgres-migrating.ts';
import { openPostgresStore, type SharedStore } from './postgres-store.ts';

const started = await startPostgres();

if ('reason' in started) {
  test('PostgreSQL keeps what the contract promises', { skip: started.reason });
} else {
  after(() => started.stop());
  const makePlace = async (): Promise<StorePlace> => {
    const { url, drop } = await started.place();
    return { open: () => openPostgresStore(url), remove: drop };
  };
  describeStoreContract('PostgreSQL', makePlace);
  describeJobStoreContract('PostgreSQL', makePlace);
  describeUsageStoreContract('PostgreSQL', makePlace);
  testSchema(started);
  testSharing(started);
  testTrouble(started);
}

const TIMES = { finishedAt: 1, expiresAt: 2 };

/** Two openings of one store. */
async function onTwo(
  server: PostgresServer,
  use: (first: SharedStore, second: SharedStore, url: string) => Promise<void>,
): Promise<void> {
  const { url, drop } = await server.place();
  const stores = [await openPostgresStore(url), await openPostgresStore(url)] as const;
  try {
    await use(stores[0], stores[1], url);
  } finally {
    for (const store of stores) await store.close();
    await drop();
  }
}

/** What there is in the schema of an address: tables, columns, indices. */
async function shapeOf(url: string): Promise<string> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const columns = await sql`
      SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
        WHERE table_schema = current_schema() ORDER BY table_name, column_name`;
    const indices = await sql`
      SELECT replace(indexdef, current_schema(), '') AS indexdef FROM pg_indexes
        WHERE schemaname = current_schema() ORDER BY indexname`;
    const [version] = await sql`SELECT version FROM schema_version`;
    return JSON.stringify([columns, indices, version], undefined, 1);
  } finally {
    await sql.end();
  }
}

function testSchema(server: PostgresServer): void {
  test('every earlier schema is brought up to date with what it holds, and becomes what a new one is', async () => {
    const fresh = await server.place();
    await (await openPostgresStore(fresh.url)).close();
    const shape = await shapeOf(fresh.url);
    // A key of before could do everything, for ever.
    const record = {
      id: 'k',
      name: 'kept',
      hash: 'h',
      hint: 'ant_',
      createdAt: 5,
      role: 'admin',
      scopes: {},
      limits: {},
      rotatedAt: undefined,
      expiresAt: undefined,
      revokedAt: undefined,
    };
    assert.ok(knownMigrations() > 1);
    for (let version = 1; version < knownMigrations(); version += 1) {
      const { url, drop } = await server.place();
      const database = openPostgres(url);
      await migratePostgres(database, version);
      await database.change(
        "INSERT INTO api_keys (id, name, hash, hint, created_at) VALUES ('k', 'kept', 'h', 'ant_', 5)",
      );
      await database.close();
      const store = await openPostgresStore(url);
      assert.deepEqual(await store.keys.list(), [record]);
      await store.close();
      assert.equal(await shapeOf(url), shape, `from version ${version}`);
      await drop();
    }
    await fresh.drop();
  });

  test('processes that start at the same time on a new database make its schema once', async () => {
    const { url, drop } = await server.place();
    const stores = await Promise.all(Array.from({ length: 6 }, () => openPostgresStore(url)));
    assert.deepEqual(await stores[5]?.keys.list(), []);
    for (const store of stores) await store.close();
    await drop();
  });

  test('the database of a newer version is refused, and left as it is', async () => {
    const { url, drop } = await server.place();
    await (await openPostgresStore(url)).close();
    const database = openPostgres(url);
    await database.change('UPDATE schema_version SET version = 1000');
    await assert.rejects(openPostgresStore(url), /made by a newer version/);
    assert.equal(Number((await database.rows('SELECT version FROM schema_version'))[0]?.['version']), 1000);
    await database.close();
    await drop();
  });
}

function testSharing(server: PostgresServer): void {
  test('an owner’s limits hold however many come at the same time', () =>
    onTwo(server, async ({ jobs }, { jobs: others }) => {
      for (let round = 1; round <= 15; round += 1) {
        const adds = Array.from({ length: 40 }, (_, index) =>
          (index % 2 === 0 ? jobs : others).add(queuedJob(`${round}-${index}`), 12),
        );
        assert.equal((await Promise.all(adds)).filter(Boolean).length, 12);
        const claims = Array.from({ length: 40 }, (_, index) =>
          claimJob(index % 2 === 0 ? jobs : others, { mostPerOwner: 3 }),
        );
        assert.equal((await Promise.all(claims)).filter(Boolean).length, 3);
        for (const { id } of await jobs.list({ ownerId: 'ann', order: 'oldest_first', limit: 100 })) {
          await jobs.cancel(id, 'ann', TIMES);
          await jobs.remove(id, 'ann');
        }
      }
    }));

  test('turns go round the owners also when many workers come at the same time', () =>
    onTwo(server, async ({ jobs }, { jobs: others }) => {
      for (let index = 0; index < 12; index += 1) await jobs.add(queuedJob(`a${index}`), 100);
      for (let index = 0; index < 4; index += 1) {
        await jobs.add(queuedJob(`b${index}`, { ownerId: 'bob', createdAt: 100 + index }), 100);
      }
      const claims = Array.from({ length: 8 }, (_, index) =>
        claimJob(index % 2 === 0 ? jobs : others, { now: 200 }),
      );
      const owners = (await Promise.all(claims)).map((claimed) => claimed?.job.ownerId);
      assert.equal(owners.filter((owner) => owner === 'bob').length, 4);
    }));

  test('of a job that ends, is cancelled and is taken back at the same time, one of these happens', () =>
    onTwo(server, async ({ jobs }, { jobs: others }) => {
      const output = { status: 200, headers: {}, blob: 'files/1', byteLength: 3 };
      for (let index = 0; index < 20; index += 1) {
        const id = `job-${index}`;
        await jobs.add(queuedJob(id), 100);
        const lease = (await claimJob(jobs))?.lease ?? assert.fail();
        const [ended, cancelled, back] = await Promise.all([
          jobs.finish(lease, { state: 'succeeded', output, ...TIMES }),
          others.cancel(id, 'ann', TIMES),
          others.takeBack(200),
        ]);
        // A job that was taken back waits again, and may be cancelled then.
        assert.ok([ended, cancelled].filter(Boolean).length + back >= 1);
        assert.ok(!(ended && cancelled) && !(ended && back === 1));
        await others.cancel(id, 'ann', TIMES);
        await jobs.remove(id, 'ann');
      }
    }));

  test('every process hears at once of work that any of them has', () =>
    onTwo(server, async (first, second) => {
      const heard = [0, 0];
      let expected = Promise.withResolvers<void>();
      const hear = async (store: SharedStore, index: 0 | 1) => {
        await store.hearOfWork(() => {
          heard[index] = (heard[index] ?? 0) + 1;
          if (heard.every((count) => count > 0)) expected.resolve();
        });
      };
      await Promise.all([hear(first, 0), hear(second, 1)]);
      const { jobs } = first;
      const steps = [
        () => jobs.add(queuedJob('a'), 5),
        async () => {
          const { lease } = (await claimJob(second.jobs)) ?? assert.fail();
          heard.fill(0);
          await second.jobs.giveBack(lease, { availableAt: 0, failed: false });
        },
        async () => {
          await jobs.cancel('a', 'ann', TIMES);
          heard.fill(0);
          assert.ok(await jobs.restart('a', 'ann', { now: 5, mostWaiting: 5 }));
        },
      ];
      for (const step of steps) {
        expected = Promise.withResolvers<void>();
        heard.fill(0);
        await step();
        await expected.promise;
      }
    }));

  test('text with the one character that PostgreSQL has not is kept, and finds nothing', () =>
    onTwo(server, async ({ jobs, keys, voices }) => {
      const notes = { odd: 'a\0b \ud800' };
      await jobs.add(queuedJob('a', { notes, model: 'm\0' }), 5);
      assert.deepEqual((await jobs.find('a', 'ann'))?.notes, notes);
      assert.equal(await jobs.find('a\0', 'ann'), undefined);
      assert.equal(await voices.find('\0', ['ann']), undefined);
      assert.equal(await keys.findSecret('\0'), undefined);
    }));

  test('with twenty thousand jobs of two hundred owners in the line, each step takes milliseconds', () =>
    onTwo(server, async ({ jobs }, _second, url) => {
      const sql = postgres(url, { max: 1, onnotice: () => {} });
      // One owner has a tenth of the jobs.
      await sql`
        INSERT INTO jobs (owner_id, id, kind, dialect, model, priority, state, created_at, queued_at, available_at, record, has_webhook)
          SELECT CASE WHEN n % 10 = 9 THEN 'crowd' ELSE 'owner-' || n % 200 END, 'job-' || n, 'request', 'openai', 'tts-1',
            0, 'queued', n, n, n, '{"input":{},"notes":{}}', 0
          FROM generate_series(0, 19999) AS n`;
      await sql.end();
      assert.ok((await quickest(15, () => claimJob(jobs, { now: 30_000 }))) < 25);
      assert.ok((await quickest(15, () => claimJob(jobs, { now: 30_000, kinds: ['video'] }))) < 25);
      assert.ok((await quickest(15, () => jobs.takeBack(1))) < 15);
      const page = { ownerId: 'crowd', order: 'newest_first', limit: 20, afterId: 'job-9999' } as const;
      assert.ok((await quickest(15, () => jobs.list(page))) < 15);
      assert.ok((await quickest(15, () => jobs.line(queuedJob('job-19999', { ownerId: 'crowd' })))) < 60);
    }));
}

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

function testTrouble(server: PostgresServer): void {
  test('a crowd of calls has no more connections than the address allows, and closing leaves none', async () => {
    const { url, drop } = await server.place();
    const own = `${url}&max=3&application_name=crowd-${process.pid}`;
    const watcher = postgres(server.url, { max: 1 });
    const connections = async () => {
      const found =
        await watcher`SELECT 1 FROM pg_stat_activity WHERE application_name = ${`crowd-${process.pid}`}`;
      return found.length;
    };
    const store = await openPostgresStore(own);
    const calls = Array.from({ length: 200 }, (_, index) => store.jobs.add(queuedJob(`job-${index}`), 1000));
    await Promise.all(calls.slice(0, 20));
    assert.ok((await connections()) <= 3);
    await Promise.all(calls);
    // What fails inside a transaction gives its connection back as well.
    const failing = Array.from({ length: 20 }, () => store.jobs.add(queuedJob('job-1'), 1000));
    assert.ok((await Promise.allSettled(failing)).every(({ status }) => status === 'rejected'));
    assert.equal((await store.jobs.list({ ownerId: 'ann', order: 'oldest_first', limit: 500 })).length, 200);
    assert.ok((await connections()) <= 3);
    await store.close();
    while ((await connections()) > 0);
    await watcher.end();
    await drop();
  });

  test('while the database is away calls say to come again, and when it is back they work again by themselves', async (t) => {
    const { kill } = server;
    if (!kill) return t.skip('TEST_DATABASE_URL names a database that is not ours to kill');
    await onTwo(server, async ({ jobs, keys, ...store }) => {
      let heard = 0;
      let onHeard = Promise.withResolvers<void>();
      await store.hearOfWork(() => {
        heard += 1;
        onHeard.resolve();
      });
      await jobs.add(queuedJob('before'), 10);
      const burst = Array.from({ length: 40 }, (_, index) => jobs.add(queuedJob(`job-${index}`), 1000));
      await kill();
      const accepted = (await Promise.allSettled(burst)).flatMap(({ status, ...rest }, index) => {
        if (status === 'fulfilled') return [`job-${index}`];
        const { reason } = rest as PromiseRejectedResult; // Its status is not "fulfilled".
        assert.equal(reason.code, 'overloaded', String(reason.cause));
        return [];
      });
      const calls = [() => keys.list(), () => jobs.claim(CLAIM), () => jobs.add(queuedJob('x'), 10)];
      for (const call of [...calls, () => store.check()]) {
        await assert.rejects(call, { code: 'overloaded', retryable: true, retryAfterMs: 2000 });
      }
      onHeard = Promise.withResolvers();
      heard = 0;
      await server.start();
      const kept = await untilItAnswers(() =>
        jobs.list({ ownerId: 'ann', order: 'oldest_first', limit: 500 }),
      );
      for (const id of ['before', ...accepted])
        assert.ok(
          kept.some((job) => job.id === id),
          `${id} is lost`,
        );
      assert.ok(await jobs.claim(CLAIM));
      await store.check();
      // Work that came meanwhile may have been missed, so it is told again.
      await onHeard.promise;
      onHeard = Promise.withResolvers();
      await jobs.add(queuedJob('after'), 1000);
      await onHeard.promise;
      assert.ok(heard >= 2);
    });
  });
}

const CLAIM = { token: 't', now: 100, leaseUntil: 200, kinds: ['request'], mostPerOwner: 10 } as const;

async function untilItAnswers<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      assert.equal((error as { code?: unknown }).code, 'overloaded'); // Whatever was thrown, it has this code or the test fails.
    }
  }
}
