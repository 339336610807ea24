import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStore, recordingLogger } from '../../../test/support.ts';
import type { UsageRow } from '../ports/usage-store.ts';
import { NOTHING_USED } from './usage-amounts.ts';
import { sweepUsage } from './usage-sweep.ts';

test('figures of use are kept for so many days, today not counted', async () => {
  const store = memoryStore();
  const row = (day: string): UsageRow => ({
    day,
    principalId: 'ann',
    dialect: 'openai',
    capability: 'speech',
    model: 'tts-1',
    servedBy: '',
    ...NOTHING_USED,
    requests: 1,
  });
  await store.usage.add(['2026-10-20', '2026-10-21', '2026-10-22', '2026-11-21'].map(row));
  const log = recordingLogger();
  const clock = { now: () => Date.parse('2026-11-21T12:00:00Z') };
  await sweepUsage({ store: store.usage, clock, log, days: 31 });
  const kept = await store.usage.sum({ from: '2026-01-01', to: '2026-12-31', by: ['day'], limit: 9 });
  assert.deepEqual(
    kept.map(({ day }) => day),
    ['2026-10-21', '2026-10-22', '2026-11-21'],
  );
  assert.equal(log.entries[0]?.event, 'usage-swept');
});

test('a store that is away is complained of, and nothing breaks', async () => {
  const log = recordingLogger();
  const store = { removeBefore: async () => Promise.reject(new Error('away')) };
  await sweepUsage({ store, clock: { now: () => 0 }, log, days: 31 });
  assert.deepEqual(
    log.entries.map(({ level, event }) => `${level} ${event}`),
    ['error usage-sweep-failed'],
  );
});
