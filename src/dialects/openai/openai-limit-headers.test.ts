import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openaiLimitHeaders, toDuration } from './openai-limit-headers.ts';

test('times are spelled as the vendor spells them', () => {
  const spelled = [0, 17, 999.2, 1_000, 1_200, 59_999, 60_000, 61_500, 360_000].map(toDuration);
  assert.deepEqual(spelled, ['0ms', '17ms', '1s', '1s', '1.2s', '59.999s', '1m0s', '1m1.5s', '6m0s']);
});

test('a key without requests per minute has no such headers', () => {
  assert.deepEqual(openaiLimitHeaders({ concurrency: { limit: 2, current: 1 } }), {});
});
