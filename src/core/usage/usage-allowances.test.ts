import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import { manualTime } from '../../../test/manual-time.ts';
import { memoryStore, recordingLogger, testPrincipal } from '../../../test/support.ts';
import { createAccessGuard, type MeteredAct } from '../access/access-guard.ts';
import { FULL_GRANT, type KeyLimits } from '../access/grant.ts';
import type { UsageStore } from '../ports/usage-store.ts';
import { createUsageAllowances } from './usage-allowances.ts';
import { createUsageMeter } from './usage-meter.ts';
import type { UsageRecord } from './usage-record.ts';

const NOON = '2026-11-21T12:00:00Z';

const SPEECH: MeteredAct = { capability: 'speech', model: 'tts-1', characters: 0 };

function house(start = NOON) {
  const time = manualTime(Date.parse(start));
  const log = recordingLogger();
  const { usage } = memoryStore();
  const state = { reads: 0, behave: async () => {} };
  const store: UsageStore = {
    ...usage,
    sum: async (query) => {
      state.reads += 1;
      await state.behave();
      return usage.sum(query);
    },
  };
  const parts = { clock: time.clock, pause: time.pause, log, store };
  const meter = createUsageMeter(parts);
  const allowances = createUsageAllowances({ ...parts, meter });
  const use = (facts: Partial<UsageRecord>) =>
    meter.add({ principalId: 'ann', dialect: 'openai', capability: 'speech', model: 'tts-1', ...facts });
  const check = (limits: KeyLimits, act: Partial<MeteredAct> = {}) =>
    allowances.check({ ...SPEECH, ...act }, { principal: testPrincipal('ann', { limits }) });
  return { time, log, state, meter, allowances, use, check };
}

async function refusal(work: Promise<unknown>): Promise<AppError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  return assert.fail('no refusal');
}

test('a text that is longer than what is left is refused, one that fits exactly is not', async () => {
  const { use, check } = house();
  use({ characters: 900 });
  await check({ charactersPerMonth: 1000 }, { characters: 100 });
  const error = await refusal(check({ charactersPerMonth: 1000 }, { characters: 101 }));
  assert.equal(error.code, 'quota_exceeded');
  assert.equal(error.reason, 'characters_per_month');
  assert.equal(
    error.message,
    'This API key may use 1000 characters a month and has used 900. This request has 101. The next month begins 2026-12-01T00:00 UTC.',
  );
  assert.equal(error.retryAfterMs, Date.parse('2026-12-01T00:00:00Z') - Date.parse(NOON));
});

test('of several spent allowances the one is told that lasts longest', async () => {
  const { use, check } = house();
  use({ characters: 50 });
  const limits = { charactersPerDay: 40, charactersPerMonth: 40 };
  assert.equal((await refusal(check(limits, { characters: 1 }))).reason, 'characters_per_month');
  const day = await refusal(check({ ...limits, charactersPerMonth: 4000 }, { characters: 1 }));
  assert.equal(day.reason, 'characters_per_day');
  assert.equal(day.retryAfterMs, 12 * 60 * 60 * 1000);
});

test('seconds of sound count when they are there: the request that goes over is the last one', async () => {
  const { use, check } = house();
  const limits = { audioSecondsPerDay: 10 };
  use({ audioSeconds: 9.9 });
  await check(limits);
  use({ audioSeconds: 60 });
  const error = await refusal(check(limits, { capability: 'transcription' }));
  assert.match(error.message, /may use 10 seconds of sound a day and has used 69\.9\. The next day/);
  assert.equal(error.reason, 'audio_seconds_per_day');
  await check(limits, { capability: 'image' });
  await check(limits, { capability: 'chat' });
});

test('a new day and a new month begin with a whole allowance, at midnight of UTC', async () => {
  const { use, check, time } = house('2026-11-30T23:59:50Z');
  const limits = { charactersPerDay: 10, charactersPerMonth: 10 };
  use({ characters: 10 });
  await refusal(check(limits, { characters: 1 }));
  await time.advance(9_999);
  await refusal(check(limits, { characters: 1 }));
  await time.advance(1);
  await check(limits, { characters: 10 });
});

test('yesterday counts for the month and not for the day', async () => {
  const { use, check, time } = house();
  use({ characters: 10 });
  await time.advance(24 * 60 * 60 * 1000);
  await check({ charactersPerDay: 10 }, { characters: 10 });
  assert.equal(
    (await refusal(check({ charactersPerMonth: 10 }, { characters: 1 }))).reason,
    'characters_per_month',
  );
});

test('what this process counts is known at once, whether written down or not, and once only', async () => {
  const { use, check, meter, allowances, time } = house();
  const limits = { charactersPerMonth: 100 };
  await check(limits, { characters: 1 });
  for (let count = 1; count <= 5; count += 1) {
    use({ characters: 10 });
    assert.equal((await allowances.usedBy('ann')).month.characters, count * 10);
    if (count % 2 === 0) await meter.flush();
    await time.advance(count * 700);
    assert.equal((await allowances.usedBy('ann')).month.characters, count * 10);
  }
});

test('the store is asked at most every two seconds, once for all who wait', async () => {
  const { check, state, time } = house();
  const limits = { charactersPerDay: 10 };
  await Promise.all(Array.from({ length: 50 }, () => check(limits, { characters: 1 })));
  assert.equal(state.reads, 1);
  await time.advance(1999);
  await check(limits);
  assert.equal(state.reads, 1);
  await time.advance(1);
  await check(limits);
  assert.equal(state.reads, 2);
});

test('a key without allowances costs no question, whatever else it is held to', async () => {
  const { allowances, state, check } = house();
  await check({ concurrency: 1, requestsPerMinute: 1 }, { characters: 1e9 });
  const guard = createAccessGuard(allowances);
  await guard.admit(SPEECH, { principal: { ...testPrincipal('ann'), grant: FULL_GRANT } });
  assert.equal(state.reads, 0);
});

test('while the store is away what was known last counts, with what is used meanwhile', async () => {
  const { use, check, state, time, log } = house();
  const limits = { charactersPerMonth: 100 };
  use({ characters: 60 });
  await check(limits, { characters: 40 });
  state.behave = () => Promise.reject(new AppError('overloaded', 'The store is away.'));
  await time.advance(5000);
  await check(limits, { characters: 40 });
  use({ characters: 30 });
  await check(limits, { characters: 10 });
  await refusal(check(limits, { characters: 11 }));
  assert.ok(log.entries.some(({ event }) => event === 'allowance-not-read'));
});

test('a store that says nothing holds nobody up for long, and a key that is not known yet is let in', async () => {
  const { check, state, time, use } = house();
  state.behave = () => new Promise(() => {});
  const waiting = check({ charactersPerMonth: 10 }, { characters: 5 });
  await time.advance(2000);
  await waiting;
  use({ characters: 10 });
  const later = refusal(check({ charactersPerMonth: 10 }, { characters: 5 }));
  await time.advance(2000);
  assert.equal((await later).code, 'quota_exceeded');
});

test('the narrowest allowance of characters is told, and none where there is none', async () => {
  const { use, allowances } = house();
  use({ characters: 30 });
  const left = (limits: KeyLimits) => allowances.charactersLeft(testPrincipal('ann', { limits }));
  assert.deepEqual(await left({ charactersPerDay: 50, charactersPerMonth: 1000 }), {
    limit: 50,
    used: 30,
    remaining: 20,
    resetAt: Date.parse('2026-11-22T00:00:00Z'),
  });
  assert.equal((await left({ charactersPerMonth: 20 }))?.remaining, 0);
  assert.equal(await left({ audioSecondsPerDay: 1 }), undefined);
});
