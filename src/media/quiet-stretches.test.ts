import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findQuiet, withoutQuietEnds } from './quiet-stretches.ts';

const RATE = 8000;

/** Sound between 0.5 and 1 s and between 1.3 and 2 s of 2.5 s, over some noise. */
function sound(noise: number): Float32Array {
  return Float32Array.from({ length: 2.5 * RATE }, (_, index) => {
    const seconds = index / RATE;
    const isLoud = (seconds >= 0.5 && seconds < 1) || (seconds >= 1.3 && seconds < 2);
    return (isLoud ? 0.5 : noise) * Math.sin(index * 0.7);
  });
}

test('quiet is what lies far below the sound, in silence as in noise', () => {
  for (const noise of [0, 0.02]) {
    const found = findQuiet(sound(noise), RATE, 0.2).map(({ startSeconds, endSeconds }) => [
      Math.round(startSeconds * 100) / 100,
      Math.round(endSeconds * 100) / 100,
    ]);
    assert.deepEqual(found, [
      [0, 0.5],
      [1, 1.3],
      [2, 2.5],
    ]);
  }
  assert.equal(findQuiet(sound(0), RATE, 0.4).length, 2, 'shorter stretches are left out');
});

test('the quiet ends of a sound go, and nothing is left of silence', () => {
  assert.equal(withoutQuietEnds(sound(0), RATE).length, 1.5 * RATE);
  assert.equal(withoutQuietEnds(new Float32Array(RATE), RATE).length, 0);
  assert.equal(withoutQuietEnds(new Float32Array(0), RATE).length, 0);
  assert.deepEqual(findQuiet(new Float32Array(RATE), RATE, 0.1), [{ startSeconds: 0, endSeconds: 1 }]);
});
