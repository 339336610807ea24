import assert from 'node:assert/strict';
import { after, describe, mock, test } from 'node:test';
import type { KeyLimits } from '../../core/access/grant.ts';
import type { RequestLimiter } from '../../core/ports/request-limiter.ts';
import { manualTime } from '../../../test/manual-time.ts';
import { startPostgres, type PostgresServer } from '../../../test/postgres-server.ts';
import { recordingLogger, testPrincipal } from '../../../test/support.ts';
import { openPostgres, type PostgresDatabase } from '../store/postgres-database.ts';
import { migratePostgres } from '../store/postgres-migrating.ts';
import { systemPause } from '../system-pause.ts';
import { createPostgresGate, type SharedGate } from './postgres-gate.ts';
import { createRequestLimiter } from './request-limits.ts';

const started = await startPostgres();

if ('reason' in started) {
  test('machines share the limits of a key on PostgreSQL', { skip: started.reason });
} else {
  after(() => started.stop());
  describe('on PostgreSQL', () => testSharing(started));
  describe('on PostgreSQL that goes away', () => testTrouble(started));
}

const key = (id: string, limits: KeyLimits) => testPrincipal(id, { limits });

interface Machine {
  readonly limiter: RequestLimiter;
  readonly gate: SharedGate;
  readonly database: PostgresDatabase;
  readonly log: ReturnType<typeof recordingLogger>;
}

interface Machines {
  readonly machines: readonly [Machine, Machine];
  readonly time: ReturnType<typeof manualTime>;
  /** Lets the server's own clock be so much later than it was when the rows were written. */
  readonly pass: (seconds: number) => Promise<void>;
}

/** Two machines on one database. */
async function withMachines(
  server: PostgresServer,
  use: (machines: Machines) => Promise<void>,
  leaseMs = 30_000,
): Promise<void> {
  const { url, drop } = await server.place();
  const time = manualTime();
  const open = (): Machine => {
    const database = openPostgres(url);
    const log = recordingLogger();
    const gate = createPostgresGate({ database, clock: time.clock, log, leaseMs, patienceMs: 20_000 });
    return { limiter: createRequestLimiter({ gate, pause: systemPause }), gate, database, log };
  };
  const machines = [open(), open()] as const;
  const [{ database }] = machines;
  await migratePostgres(database);
  const pass = async (seconds: number) => {
    await database.change(`UPDATE request_windows SET ends_at = ends_at - make_interval(secs => ${seconds})`);
    await database.change(
      `UPDATE request_places SET held_until = held_until - make_interval(secs => ${seconds})`,
    );
    await time.advance(seconds * 1000);
  };
  try {
    await use({ machines, time, pass });
  } finally {
    for (const machine of machines) {
      await machine.gate.close();
      await machine.database.close();
    }
    await drop();
  }
}

async function countPlaces({ database }: Machine): Promise<number> {
  const [row] = await database.rows('SELECT count(*) AS places FROM request_places');
  return Number(row?.['places']);
}

/** Waits until the database holds so many places. */
async function untilPlaces(machine: Machine, count: number): Promise<void> {
  while ((await countPlaces(machine)) !== count) await new Promise((resolve) => setImmediate(resolve));
}

async function untilAway(database: PostgresDatabase): Promise<void> {
  const answers = () =>
    database.rows('SELECT 1').then(
      () => true,
      () => false,
    );
  while (await answers());
}

function testSharing(server: PostgresServer): void {
  test('two machines count the requests of a minute together, by the database’s clock', () =>
    withMachines(server, async ({ machines: [one, two], pass }) => {
      const principal = key('a', { requestsPerMinute: 3 });
      const remaining = [];
      for (const { limiter } of [one, two, one]) {
        const { standing } = await limiter.enter(principal);
        remaining.push(standing.requests?.remaining);
      }
      assert.deepEqual(remaining, [2, 1, 0]);
      const refused = await two.limiter.enter(principal);
      assert.ok(refused.kind === 'refused' && refused.error.reason === 'requests_per_minute');
      const waitMs = refused.error.retryAfterMs ?? 0;
      assert.ok(waitMs > 50_000 && waitMs <= 60_000, String(waitMs));
      assert.equal((await one.limiter.enter(key('b', { requestsPerMinute: 3 }))).kind, 'admitted');
      await pass(61);
      assert.equal((await two.limiter.enter(principal)).kind, 'admitted');
    }));

  test('a minute that is spent is not counted any further, so that a flood is no load', () =>
    withMachines(server, async ({ machines: [one] }) => {
      const principal = key('a', { requestsPerMinute: 1 });
      for (let count = 0; count < 50; count += 1) await one.limiter.enter(principal);
      const [row] = await one.database.rows('SELECT requests FROM request_windows');
      assert.equal(row?.['requests'], 2);
      const raised = await one.limiter.enter(key('a', { requestsPerMinute: 10 }));
      assert.equal(raised.kind, 'admitted');
    }));

  test('two machines share the places of a key, and of a hundred who come at once no more get in', () =>
    withMachines(server, async ({ machines: [one, two] }) => {
      const principal = key('a', { concurrency: 7 });
      const entries = await Promise.all(
        Array.from({ length: 100 }, (_, index) => (index % 2 ? one : two).limiter.enter(principal)),
      );
      const admitted = entries.flatMap((entry) => (entry.kind === 'admitted' ? [entry] : []));
      assert.equal(admitted.length, 7);
      assert.equal(await countPlaces(one), 7);
      for (const entry of entries)
        if (entry.kind === 'refused') assert.equal(entry.error.reason, 'concurrent_requests');
      for (const { leave } of admitted) leave();
      await untilPlaces(one, 0);
      const next = await two.limiter.enter(principal);
      assert.deepEqual(next.standing, { concurrency: { limit: 7, current: 1 } });
    }));

  test('whoever sends one request after another to two machines is never refused', () =>
    withMachines(server, async ({ machines }) => {
      const principal = key('a', { concurrency: 1 });
      for (let count = 0; count < 20; count += 1) {
        const entry = await machines[count % 2 === 0 ? 0 : 1].limiter.enter(principal);
        if (entry.kind === 'refused') assert.fail(`request ${count}: ${entry.error.message}`);
        entry.leave();
      }
    }));

  test('the places of a machine that was killed come back when its lease ends', () =>
    withMachines(server, async ({ machines: [one, two], pass }) => {
      const principal = key('a', { concurrency: 2 });
      for (let count = 0; count < 2; count += 1) await one.limiter.enter(principal);
      assert.equal((await two.limiter.enter(principal)).kind, 'refused');
      // It says nothing any more: nobody renews while the test holds the clock.
      await pass(31);
      const entry = await two.limiter.enter(principal);
      assert.deepEqual([entry.kind, entry.standing.concurrency?.current], ['admitted', 1]);
    }));

  test('a request that lasts longer than a lease keeps its place', () =>
    withMachines(
      server,
      async ({ machines: [one, two] }) => {
        const principal = key('a', { concurrency: 1 });
        await one.limiter.enter(principal);
        const end = async () =>
          Number(
            (
              await one.database.rows('SELECT extract(epoch FROM held_until) AS until FROM request_places')
            )[0]?.['until'],
          );
        const first = await end();
        while ((await end()) < first + 0.2) await new Promise((resolve) => setImmediate(resolve));
        assert.equal((await two.limiter.enter(principal)).kind, 'refused');
      },
      1_500,
    ));

  test('a place that the database has lost is put back while its request lasts', () =>
    withMachines(
      server,
      async ({ machines: [one, two] }) => {
        await one.limiter.enter(key('a', { concurrency: 1 }));
        await one.database.change('DELETE FROM request_places');
        await untilPlaces(one, 1);
        assert.equal((await two.limiter.enter(key('a', { concurrency: 1 }))).kind, 'refused');
      },
      1_500,
    ));

  test('a machine that ends gives its places back at once', () =>
    withMachines(server, async ({ machines: [one, two] }) => {
      const principal = key('a', { concurrency: 1 });
      await one.limiter.enter(principal);
      await one.gate.close();
      assert.equal((await two.limiter.enter(principal)).kind, 'admitted');
    }));

  test('rows from before the server’s clock was put back an hour lock nobody out', () =>
    withMachines(server, async ({ machines: [one, two], pass }) => {
      const principal = key('a', { requestsPerMinute: 1, concurrency: 1 });
      await one.limiter.enter(principal);
      await pass(-3_600);
      const entry = await two.limiter.enter(principal);
      assert.deepEqual([entry.kind, entry.standing.concurrency?.current], ['admitted', 1]);
    }));
}

function testTrouble(server: PostgresServer): void {
  test('while it is away each machine counts alone, says so once, and counts with the others again afterwards', async (t) => {
    if (!server.kill) return t.skip('the PostgreSQL of TEST_DATABASE_URL is not ours to kill');
    await withMachines(server, async ({ machines: [one, two], time }) => {
      const principal = key('a', { concurrency: 2, requestsPerMinute: 4 });
      await one.limiter.enter(principal);
      await server.kill?.();
      // Those who serve its connections may outlive it for a moment.
      for (const { database } of [one, two]) await untilAway(database);
      const alone = await one.limiter.enter(principal);
      assert.deepEqual([alone.kind, alone.standing.concurrency?.current], ['admitted', 2]);
      const third = await one.limiter.enter(principal);
      assert.ok(third.kind === 'refused' && third.error.reason === 'concurrent_requests');
      const elsewhere = await two.limiter.enter(principal);
      assert.deepEqual([elsewhere.kind, elsewhere.standing.concurrency?.current], ['admitted', 1]);
      assert.deepEqual(
        one.log.entries.map(({ level, event }) => [level, event]),
        [['warn', 'limits-not-shared']],
      );
      await server.start();
      await one.database.rows('SELECT 1');
      await time.advance(2_000);
      const back = await one.limiter.enter(key('b', { requestsPerMinute: 4 }));
      assert.equal(back.kind, 'admitted');
      assert.equal(one.log.entries.at(-1)?.event, 'limits-shared-again');
      const [row] = await one.database.rows("SELECT requests FROM request_windows WHERE owner_id = 'b'");
      assert.equal(row?.['requests'], 1);
    });
  });

  test('a database that says nothing holds a request up for a second, and what it took meanwhile is given back', async () => {
    const asked: string[] = [];
    const silent = Promise.withResolvers<readonly Record<string, null | number | string>[]>();
    const gate = createPostgresGate({
      database: {
        rows: () => silent.promise,
        change: async (text, values = []) => {
          asked.push(`${text.trim().split(' ')[0]} ${String(values[0])}`);
          return 1;
        },
      },
      clock: manualTime().clock,
      log: recordingLogger(),
    });
    const place = { id: 'p1', most: 1 };
    mock.timers.enable({ apis: ['setTimeout'] });
    const asking = gate.ask({ ownerId: 'a', place });
    mock.timers.tick(1_000);
    const answer = await asking;
    mock.timers.reset();
    assert.deepEqual(answer, { places: { held: 1, isTaken: true } });
    gate.leave('a', 'p1');
    silent.resolve([{ requests: null, reset_ms: null, held: 1, is_taken: 1 }]);
    while (asked.length < 2) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(asked, ['DELETE ["p1"]', 'DELETE ["p1"]']);
  });
}
