import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { createUsageAllowances } from '../../src/core/usage/usage-allowances.ts';
import { AMOUNTS, NOTHING_USED, addAmounts } from '../../src/core/usage/usage-amounts.ts';
import { createUsageMeter } from '../../src/core/usage/usage-meter.ts';
import type { UsageAmounts, UsageDimension, UsageRow, UsageStore } from '../../src/core/ports/usage-store.ts';
import { silentLogger } from '../../src/core/ports/logger.ts';
import { manualTime } from '../manual-time.ts';
import { testPrincipal } from '../support.ts';
import type { StorePlace } from './store-contract.ts';

const DIMENSIONS: readonly UsageDimension[] = [
  'day',
  'principalId',
  'dialect',
  'capability',
  'model',
  'servedBy',
];

const ALWAYS = { from: '2000-01-01', to: '2100-01-01', limit: 10_000 } as const;

function row(facts: Partial<UsageRow> = {}): UsageRow {
  return {
    day: '2026-11-21',
    principalId: 'ann',
    dialect: 'openai',
    capability: 'speech',
    model: 'tts-1',
    servedBy: 'flite/flite',
    ...NOTHING_USED,
    requests: 1,
    ...facts,
  };
}

const ROWS: fc.Arbitrary<readonly UsageRow[]> = fc.array(
  fc.record({
    day: fc.constantFrom('2026-10-31', '2026-11-01', '2026-11-02'),
    principalId: fc.constantFrom('ann', 'bob', 'anonymous'),
    dialect: fc.constantFrom('openai', 'eigen'),
    capability: fc.constantFrom('speech', 'image'),
    model: fc.constantFrom('tts-1', 'gpt-image-1', '模型 "x"'),
    servedBy: fc.constantFrom('', 'flite/flite'),
    requests: fc.nat(5),
    failures: fc.nat(5),
    // So large that sums would lose their last digits as numbers of 32 bits, or as fractions.
    characters: fc.nat(1e12),
    audioMs: fc.nat(1e12),
    pictures: fc.nat(100),
    engineMs: fc.nat(1e12),
  }),
  { maxLength: 30 },
);

/** What every store of usage promises. */
export function describeUsageStoreContract(name: string, makePlace: () => Promise<StorePlace>): void {
  const onStore = async (use: (store: UsageStore, place: StorePlace) => Promise<void>) => {
    const place = await makePlace();
    const store = await place.open();
    try {
      await use(store.usage, place);
    } finally {
      await store.close();
      await place.remove();
    }
  };
  describe(`usage in ${name}`, () => {
    testSums(onStore);
    testSharing(onStore);
    testForgetting(onStore);
  });
}

type OnStore = (use: (store: UsageStore, place: StorePlace) => Promise<void>) => Promise<void>;

function testSums(onStore: OnStore): void {
  test('the sum over any grouping is what was added', () =>
    onStore((store) =>
      fc.assert(
        fc.asyncProperty(ROWS, fc.subarray([...DIMENSIONS]), async (rows, by) => {
          for (const owner of ['ann', 'bob', 'anonymous']) await store.removeOf(owner);
          const half = Math.ceil(rows.length / 2);
          await store.add(rows.slice(0, half));
          await store.add(rows.slice(half));
          const sums = await store.sum({ ...ALWAYS, by });
          const placeOf = (one: Partial<UsageRow>) => by.map((dimension) => one[dimension]).join('|');
          assert.equal(new Set(sums.map(placeOf)).size, sums.length, 'a place comes once');
          assert.deepEqual(total(sums), total(rows));
          for (const sum of sums) {
            assert.deepEqual(total([sum]), total(rows.filter((one) => placeOf(one) === placeOf(sum))));
          }
        }),
        { numRuns: 40 },
      ),
    ));

  test('sums come in the order of what they are told by, and no more of them than were asked for', () =>
    onStore(async (store) => {
      await store.add([
        row({ day: '2026-11-02', model: 'b' }),
        row({ day: '2026-11-01', model: 'b' }),
        row({ day: '2026-11-01', model: 'B' }),
        row({ day: '2026-11-01', model: 'a' }),
      ]);
      const models = async (limit: number) =>
        (await store.sum({ ...ALWAYS, by: ['day', 'model'], limit })).map(({ day, model }) => [day, model]);
      const all = [
        ['2026-11-01', 'B'],
        ['2026-11-01', 'a'],
        ['2026-11-01', 'b'],
        ['2026-11-02', 'b'],
      ];
      assert.deepEqual(await models(10), all);
      assert.deepEqual(await models(2), all.slice(0, 2));
    }));

  test('first and last day count, and only whose usage was asked for', () =>
    onStore(async (store) => {
      await store.add(
        ['2026-10-31', '2026-11-01', '2026-11-30', '2026-12-01'].flatMap((day) => [
          row({ day, characters: 1 }),
          row({ day, principalId: 'bob', characters: 10 }),
        ]),
      );
      const days = { from: '2026-11-01', to: '2026-11-30', by: [], limit: 1 };
      assert.deepEqual(
        (await store.sum(days)).map(({ characters }) => characters),
        [22],
      );
      const [own] = await store.sum({ ...days, principalId: 'ann' });
      assert.equal(own?.characters, 2);
      assert.deepEqual(await store.sum({ ...days, principalId: 'eve' }), [NOTHING_USED]);
      assert.deepEqual(await store.sum({ ...days, principalId: 'eve', by: ['day'] }), []);
      await store.add([]);
    }));
}

function testSharing(onStore: OnStore): void {
  test('two machines that add to the same rows at the same time lose nothing and do not block each other', () =>
    onStore(async (store, place) => {
      const second = await place.open();
      try {
        const models = Array.from({ length: 30 }, (_, index) => `model ${index}`);
        const rows = models.map((model) => row({ model, characters: 1 }));
        await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            index % 2 === 0 ? store.add(rows) : second.usage.add(rows.toReversed()),
          ),
        );
        const sums = await second.usage.sum({ ...ALWAYS, by: ['model'] });
        assert.deepEqual(
          sums.map(({ characters }) => characters),
          models.map(() => 20),
        );
      } finally {
        await second.close();
      }
    }));

  test('machines that share a store hold a key to one allowance together', () =>
    onStore(async (store, place) => {
      const other = await place.open();
      try {
        const time = manualTime(Date.parse('2026-11-21T12:00:00Z'));
        const machine = (own: UsageStore) => {
          const parts = { store: own, clock: time.clock, pause: time.pause, log: silentLogger };
          const meter = createUsageMeter(parts);
          return { meter, allowances: createUsageAllowances({ ...parts, meter }) };
        };
        const [here, there] = [machine(store), machine(other.usage)];
        const principal = testPrincipal('ann', { limits: { charactersPerMonth: 100 } });
        const act = { capability: 'speech', model: 'tts-1', characters: 60 } as const;
        const use = { ...act, principalId: 'ann', dialect: 'openai' };
        await here.allowances.check(act, { principal });
        await there.allowances.check(act, { principal });
        here.meter.add(use);
        await here.meter.flush();
        await assert.rejects(here.allowances.check(act, { principal }), { code: 'quota_exceeded' });
        await time.advance(3000);
        await assert.rejects(there.allowances.check(act, { principal }), {
          code: 'quota_exceeded',
          message: /may use 100 characters a month and has used 60\. This request has 60/,
        });
        await there.allowances.check({ ...act, characters: 40 }, { principal });
      } finally {
        await other.close();
      }
    }));
}

function testForgetting(onStore: OnStore): void {
  test('old days, and all of somebody, are forgotten', () =>
    onStore(async (store) => {
      const days = ['2025-01-01', '2026-11-20', '2026-11-21'];
      await store.add(days.flatMap((day) => [row({ day }), row({ day, principalId: 'bob' })]));
      assert.equal(await store.removeBefore('2026-11-20'), 2);
      assert.equal(await store.removeOf('bob'), 2);
      assert.equal(await store.removeOf('bob'), 0);
      const left = await store.sum({ ...ALWAYS, by: ['day', 'principalId'] });
      assert.deepEqual(
        left.map(({ day, principalId }) => `${day} ${principalId}`),
        ['2026-11-20 ann', '2026-11-21 ann'],
      );
    }));
}

function total(rows: readonly UsageAmounts[]): UsageAmounts {
  const sum = rows.reduce<UsageAmounts>(addAmounts, NOTHING_USED);
  for (const amount of AMOUNTS) assert.ok(Number.isSafeInteger(sum[amount]));
  return sum;
}
