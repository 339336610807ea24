import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sample16, toInt16 } from './pcm.ts';

test('a 16-bit sample is the nearest to its float, halves up, and never beyond the range', () => {
  for (let step = -70_000; step <= 70_000; step += 1) {
    const sample = Math.fround(step / 65_536);
    const nearest = Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768)));
    assert.equal(sample16(sample) + 0, nearest + 0, String(sample));
  }
  for (const tiny of [1e-9, -1e-9, Math.fround(0.49999997 / 32_768)]) assert.equal(sample16(tiny) + 0, 0);
});

test('what is no number becomes silence', () => {
  assert.deepEqual([...toInt16(Float32Array.of(Number.NaN, Infinity, -Infinity))], [0, 32_767, -32_768]);
});
