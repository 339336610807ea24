import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKernel, createPlainKernel, createVectorKernel } from './resample-kernel.ts';

/** The same numbers in every run, so that a failure can be looked at. */
function noise(length: number): Float32Array<ArrayBuffer> {
  let state = 7;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    return (state >>> 16) / 32_768 - 1;
  });
}

const RATIOS = [
  { up: 3, down: 2, taps: 64 },
  { up: 1, down: 3, taps: 192 },
  { up: 2, down: 7, taps: 224 },
  { up: 160, down: 147, taps: 64 },
  { up: 5, down: 1, taps: 8 },
];

for (const { up, down, taps } of RATIOS) {
  const filter = { up, down, taps, rows: noise((up + 1) * taps) };

  test(`multiplies with vectors as it does without at ${up} to ${down}`, () => {
    // More than one call of the program makes, and a length that is no multiple of anything.
    for (const outputs of [0, 1, 5, 4_096, 9_001]) {
      const window = noise(Math.ceil(((outputs + 1) * down) / up) + taps + 1);
      for (const phase of [0, up - 1]) {
        const expected = new Float32Array(outputs);
        createPlainKernel(filter)(window, phase, expected);
        const made = new Float32Array(outputs);
        createVectorKernel(filter)(window, phase, made);
        const furthest = made.reduce((most, value, index) => {
          return Math.max(most, Math.abs(value - (expected[index] ?? Number.NaN)));
        }, 0);
        // Products of up to 1, summed in 32 bits.
        assert.ok(furthest < taps * 2 ** -22, `${outputs} outputs from phase ${phase} differ by ${furthest}`);
        assert.ok(outputs === 0 || expected.some((value) => Math.abs(value) > 0.1));
      }
    }
  });
}

test('keeps two filters apart that are used in turn', () => {
  const window = Float32Array.from({ length: 20 }, (_, index) => index);
  const pick = (tap: number) => {
    const rows = new Float32Array(16);
    rows[tap] = 1;
    rows[8 + tap] = 1;
    return createKernel({ up: 1, down: 1, taps: 8, rows });
  };
  const [first, last] = [pick(0), pick(7)];
  const output = new Float32Array(4);
  for (let round = 0; round < 3; round += 1) {
    first(window, 0, output);
    assert.deepEqual([...output], [0, 1, 2, 3]);
    last(window, 0, output);
    assert.deepEqual([...output], [7, 8, 9, 10]);
  }
});
