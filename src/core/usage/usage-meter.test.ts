import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { processEnds } from '../../base/errors.ts';
import { manualTime } from '../../../test/manual-time.ts';
import { recordingLogger, testContext, testMeter } from '../../../test/support.ts';
import type { UsageRow } from '../ports/usage-store.ts';
import { createUsageMeter, OTHER_MODELS } from './usage-meter.ts';
import { countingFailures, countUse, type UsageRecord } from './usage-record.ts';
import { AppError } from '../../base/errors.ts';

const NOON = Date.parse('2026-11-21T12:00:00Z');

const RECORD: UsageRecord = {
  principalId: 'ann',
  dialect: 'openai',
  capability: 'speech',
  model: 'tts-1',
  servedBy: 'flite/flite',
  characters: 10,
  audioSeconds: 1.2346,
  engineSeconds: 0.5,
};

const ROW: UsageRow = {
  day: '2026-11-21',
  principalId: 'ann',
  dialect: 'openai',
  capability: 'speech',
  model: 'tts-1',
  servedBy: 'flite/flite',
  requests: 1,
  failures: 0,
  characters: 10,
  audioMs: 1235,
  pictures: 0,
  engineMs: 500,
};

/** A meter on a store that is away while `failing` says so. */
function house() {
  const time = manualTime(NOON);
  const log = recordingLogger();
  const written: (readonly UsageRow[])[] = [];
  const state = { failing: false, held: undefined as Promise<void> | undefined };
  const add = async (rows: readonly UsageRow[]) => {
    await state.held;
    if (state.failing) throw new Error('the store is away');
    written.push(rows);
  };
  const meter = createUsageMeter({ store: { add }, clock: time.clock, pause: time.pause, log });
  return { meter, time, log, written, state };
}

test('what is used within a second is written at once, added up', async () => {
  const { meter, time, written } = house();
  for (let count = 0; count < 100; count += 1) meter.add(RECORD);
  meter.add({ ...RECORD, dialect: 'eigen', failed: true });
  await time.advance(999);
  assert.deepEqual(written, []);
  await time.advance(1);
  const hundred = { ...ROW, requests: 100, characters: 1000, audioMs: 123_500, engineMs: 50_000 };
  assert.deepEqual(written, [[hundred, { ...ROW, dialect: 'eigen', failures: 1 }]]);
  await time.advance(10_000);
  assert.equal(written.length, 1, 'nothing is written where nothing is used');
});

test('figures belong to the day of UTC on which they were counted, also when they are written later', async () => {
  const { meter, time, written } = house();
  await time.advance(Date.parse('2026-11-21T23:59:59.600Z') - NOON);
  meter.add(RECORD);
  await time.advance(500);
  meter.add(RECORD);
  await time.advance(1000);
  assert.deepEqual(
    written.flat().map(({ day, requests }) => [day, requests]),
    [
      ['2026-11-21', 1],
      ['2026-11-22', 1],
    ],
  );
});

test('while the store is away figures are kept and added up, and it is asked ever less often', async () => {
  const { meter, time, written, log, state } = house();
  state.failing = true;
  for (let second = 0; second < 600; second += 1) {
    meter.add(RECORD);
    await time.advance(1000);
  }
  const errors = log.entries.filter(({ event }) => event === 'usage-not-written');
  assert.ok(errors.length >= 6 && errors.length <= 20, `${errors.length} tries in ten minutes`);
  assert.ok(errors.every(({ fields }) => fields['rows'] === 1));
  assert.equal(meter.pendingOf('ann', '2026-11-21').requests, 600);
  state.failing = false;
  await time.advance(60_000);
  assert.deepEqual(
    written.map((rows) => rows.map(({ requests }) => requests)),
    [[600]],
  );
  assert.equal(meter.pendingOf('ann', '2026-11-21').requests, 0);
});

test('what is counted while something is being written is neither lost nor written twice', async () => {
  const { meter, time, written, state } = house();
  const hold = Promise.withResolvers<void>();
  state.held = hold.promise;
  meter.add(RECORD);
  await time.advance(1000);
  meter.add(RECORD);
  assert.equal(meter.pendingOf('ann', '2026-11-21').requests, 2);
  state.failing = true;
  hold.resolve();
  await time.settle();
  assert.equal(meter.pendingOf('ann', '2026-11-21').requests, 2);
  state.failing = false;
  await meter.flush();
  assert.deepEqual(
    written.flat().map(({ requests }) => requests),
    [2],
  );
});

test('flushing leaves nothing to be written when the store is closed, whatever is counted meanwhile', async () => {
  const { meter, time, written, state, log } = house();
  const held = Promise.withResolvers<void>();
  state.held = held.promise;
  meter.add(RECORD);
  const flushed = meter.flush();
  await setImmediate();
  meter.add(RECORD);
  held.resolve();
  await flushed;
  assert.deepEqual(written, [[ROW], [ROW]]);
  state.failing = true;
  await time.advance(60_000);
  assert.deepEqual(log.entries, [], 'nobody asks the store any more');
});

test('flushing writes what there is, without waiting for the second to end', async () => {
  const { meter, written } = house();
  meter.add(RECORD);
  await meter.flush();
  await meter.flush();
  assert.deepEqual(written, [[ROW]]);
});

test('ever new models do not make it grow: the key, the dialect and the amounts are still told', async () => {
  const { meter, written } = house();
  for (let count = 0; count < 12_000; count += 1) meter.add({ ...RECORD, model: `model ${count}` });
  await meter.flush();
  const rows = written.flat();
  assert.ok(rows.length <= 10_001, `${rows.length} rows`);
  const other = rows.find(({ model }) => model === OTHER_MODELS);
  assert.deepEqual([other?.principalId, other?.dialect, other?.requests], ['ann', 'openai', 2000]);
  assert.equal(
    rows.reduce((sum, { characters }) => sum + characters, 0),
    120_000,
  );
});

test('a name that no store takes becomes one that any does', async () => {
  const { meter, written } = house();
  meter.add({ ...RECORD, model: `a\u0000b\n\ud800${'x'.repeat(500)}` });
  await meter.flush();
  const [row] = written.flat();
  assert.match(row?.model ?? '', /^a b \ufffdx{195}$/);
});

test('a request that our side fails is counted once, one that was wrong or unlucky is not', async () => {
  const usage = testMeter();
  const use = { capability: 'speech', model: 'tts-1' } as const;
  const attempt = (error: unknown, context = testContext()) =>
    assert.rejects(
      countingFailures(usage, { use, context }, async () => {
        throw error;
      }),
    );
  await attempt(new AppError('engine_failed', 'broken'));
  await attempt(new TypeError('a mistake of ours'));
  await attempt(new AppError('invalid_request', 'wrong'));
  await attempt(new AppError('overloaded', 'full'));
  await attempt(new AppError('cancelled', 'gone'));
  await attempt(new AppError('engine_failed', 'ended'), testContext({ signal: AbortSignal.abort() }));
  assert.equal(usage.records.length, 2);
  assert.ok(usage.records.every(({ failed, characters }) => failed === true && characters === undefined));
});

test('work that is cut because the process ends is counted by the process that takes it up', () => {
  const usage = testMeter();
  const use = { capability: 'speech', model: 'tts-1', characters: 5 } as const;
  countUse(usage, use, testContext({ signal: AbortSignal.any([AbortSignal.abort(processEnds())]) }));
  assert.deepEqual(usage.records, []);
  countUse(usage, use, testContext({ signal: AbortSignal.abort() }));
  assert.equal(usage.totalFor('anonymous').characters, 5);
});
