import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeBytes } from './spent-bytes.ts';

test('a large chunk gives back its memory at once', () => {
  const chunk = new Uint8Array(65_536);
  const { buffer } = chunk;
  freeBytes([chunk]);
  assert.equal(buffer.byteLength, 0);
});

test('what is a part of something larger, or small, stays as it was', () => {
  const whole = new Uint8Array(65_536).fill(7);
  const small = new Uint8Array(255).fill(7);
  freeBytes([whole.subarray(1), whole.subarray(0, 40_000), small]);
  assert.ok(whole.length === 65_536 && whole.every((byte) => byte === 7));
  assert.ok(small.length === 255 && small.every((byte) => byte === 7));
});
