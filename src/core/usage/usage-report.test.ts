import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { memoryStore } from '../../../test/support.ts';
import type { UsageDimension, UsageRow, UsageStore } from '../ports/usage-store.ts';
import type { KeyRecord } from '../ports/store.ts';
import { AMOUNTS, NOTHING_USED } from './usage-amounts.ts';
import { usageCsv } from './usage-csv.ts';
import { usageJson } from './usage-json.ts';
import type { PriceList } from './usage-prices.ts';
import { createUsageReports } from './usage-report.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');

const PRICES: PriceList = {
  currency: 'EUR',
  models: { 'tts-1': { perMillionCharacters: 15 }, __proto__x: {} },
  capabilities: { speech: { perMillionCharacters: 5, perHour: 3.6 }, image: { perPicture: 0.04 } },
};

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

async function house(rows: readonly UsageRow[] = [], prices?: PriceList, names: readonly string[] = []) {
  const { usage: store } = memoryStore();
  await store.add(rows);
  const keys = { list: async () => names.map((name) => keyCalled(name)) };
  const clock = { now: () => NOW };
  return createUsageReports({ store, keys, clock, prices: () => prices });
}

function keyCalled(name: string): KeyRecord {
  return {
    id: 'ann',
    name,
    role: 'user',
    scopes: {},
    limits: {},
    hash: '',
    hint: '',
    createdAt: 1,
    rotatedAt: undefined,
    expiresAt: undefined,
    revokedAt: undefined,
  };
}

const ROWS = fc.array(
  fc.record({
    day: fc.constantFrom('2026-11-01', '2026-11-20'),
    principalId: fc.constantFrom('ann', 'bob'),
    dialect: fc.constantFrom('openai', 'eigen'),
    capability: fc.constantFrom('speech', 'image', 'video'),
    model: fc.constantFrom('tts-1', 'other', '__proto__', 'constructor'),
    servedBy: fc.constantFrom('', 'flite/flite'),
    requests: fc.nat(9),
    failures: fc.nat(9),
    characters: fc.nat(1e6),
    audioMs: fc.nat(1e6),
    pictures: fc.nat(9),
    engineMs: fc.nat(1e6),
  }),
  { maxLength: 20 },
);

test('lines add up to the total, and cost the same, whatever a report is told by', () =>
  fc.assert(
    fc.asyncProperty(
      ROWS,
      fc.shuffledSubarray<UsageDimension>([
        'day',
        'principalId',
        'dialect',
        'capability',
        'model',
        'servedBy',
      ]),
      fc.boolean(),
      async (rows, by, priced) => {
        const reports = await house(rows, priced ? PRICES : undefined);
        const { total, rows: lines } = await reports.report({ by });
        const { total: alone } = await reports.report({ by: [] });
        for (const amount of AMOUNTS) {
          assert.equal(
            lines.reduce((sum, line) => sum + line[amount], 0),
            alone[amount],
            amount,
          );
          assert.equal(total[amount], alone[amount], amount);
        }
        const places = lines.map((line) => JSON.stringify(by.map((dimension) => line[dimension])));
        assert.equal(new Set(places).size, places.length);
        assert.deepEqual(places, places.toSorted(), 'in the order of what it is told by');
        if (!priced) return assert.equal(total.cost, undefined);
        const costs = lines.reduce((sum, { cost = 0 }) => sum + cost, 0);
        assert.ok(Math.abs(costs - (alone.cost ?? -1)) < 1e-6 * (1 + costs));
        assert.ok(Math.abs((total.cost ?? -1) - costs) < 1e-6 * (1 + costs));
      },
    ),
    { numRuns: 60 },
  ));

test('the price of a model takes the place of that of what it does, and what has none costs nothing', async () => {
  const reports = await house(
    [
      row({ characters: 1_000_000, audioMs: 3_600_000 }),
      row({ model: 'kokoro', characters: 1_000_000, audioMs: 3_600_000 }),
      row({ model: 'gpt-image-1', capability: 'image', pictures: 3, characters: 100 }),
      row({ model: 'veo', capability: 'video', audioMs: 1000 }),
    ],
    PRICES,
  );
  const report = await reports.report({ by: ['model'] });
  assert.deepEqual(
    report.rows.map(({ model, cost }) => [model, Math.round((cost ?? -1) * 100) / 100]),
    [
      ['gpt-image-1', 0.12],
      ['kokoro', 8.6],
      ['tts-1', 15],
      ['veo', 0],
    ],
  );
  assert.equal(report.currency, 'EUR');
});

test('without prices nothing is said of costs', async () => {
  const report = await (await house([row()])).report({ by: ['day'] });
  assert.doesNotMatch(JSON.stringify(usageJson(report)) + usageCsv(report), /cost|currency/);
});

test('a report begins with the month, ends today, and covers no more than 400 days of the calendar', async () => {
  const reports = await house([row({ day: '2026-10-31' }), row({ day: '2026-11-01' }), row()]);
  const { from, to, total } = await reports.report({ by: [] });
  assert.deepEqual([from, to, total.requests], ['2026-11-01', '2026-11-21', 2]);
  const earlier = await reports.report({ by: [], to: '2026-10-31' });
  assert.deepEqual([earlier.from, earlier.total.requests], ['2026-10-01', 1]);
  assert.equal((await reports.report({ by: [], from: '2026-12-24' })).to, '2026-12-24');
  await reports.report({ by: [], from: '2025-01-01', to: '2026-02-04' });
  for (const [days, param] of [
    [{ from: '2025-01-01', to: '2026-02-05' }, 'from'],
    [{ from: '2026-11-02', to: '2026-11-01' }, 'from'],
    [{ from: '2026-02-30' }, 'from'],
    [{ from: '21.11.2026' }, 'from'],
    [{ to: '2026-11-1' }, 'to'],
    [{ to: '' }, 'to'],
    [{ from: '999999-01-01' }, 'from'],
  ] as const)
    await assert.rejects(reports.report({ by: ['day'], ...days }), { code: 'invalid_request', param });
});

test('a report that would be too long says how it becomes shorter', async () => {
  const store: Pick<UsageStore, 'sum'> = {
    sum: async ({ limit }) => Array.from({ length: limit }, () => NOTHING_USED),
  };
  const reports = createUsageReports({ store, keys: { list: async () => [] }, clock: { now: () => NOW } });
  await assert.rejects(reports.report({ by: ['day', 'principalId'] }), {
    code: 'invalid_request',
    message: /more than 50000 lines\. Ask for fewer days/,
  });
});

test('keys are told by id and name, those that are gone by their id', async () => {
  const reports = await house(
    [row(), row({ principalId: 'gone' }), row({ principalId: 'anonymous' })],
    undefined,
    ['Ann’s laptop'],
  );
  const { rows } = await reports.report({ by: ['principalId'] });
  assert.deepEqual(
    rows.map(({ principalId, keyName }) => [principalId, keyName]),
    [
      ['ann', 'Ann’s laptop'],
      ['anonymous', 'nobody (no key)'],
      ['gone', ''],
    ],
  );
});

test('the table of comma-separated values has a header, and quotes what needs it', async () => {
  const reports = await house([row({ characters: 5, audioMs: 1250 })], PRICES, ['A "big", new\r\nkey']);
  assert.equal(
    usageCsv(await reports.report({ by: ['day', 'principalId', 'servedBy'] })),
    'day,key_id,key_name,engine,requests,failures,characters,audio_seconds,pictures,engine_seconds,cost,currency\r\n' +
      '2026-11-21,ann,"A ""big"", new\r\nkey",flite/flite,1,0,5,1.25,0,0,0.000075,EUR\r\n',
  );
});

test('no name of a key becomes a formula in a spreadsheet', async () => {
  for (const name of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\r\n=1', '＝1', '\u0000=1']) {
    const reports = await house([row()], undefined, [name]);
    const csv = usageCsv(await reports.report({ by: ['principalId'] }));
    const cell = /^ann,"?(.)/m.exec(csv.slice(csv.indexOf('\n') + 1))?.[1];
    assert.equal(cell, "'", JSON.stringify(name));
  }
  const harmless = await house([row()], undefined, ['a=1-2@3']);
  assert.match(usageCsv(await harmless.report({ by: ['principalId'] })), /ann,a=1-2@3,/);
});
