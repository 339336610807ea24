import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aloneParts, lengthOf, overlapOf, stitchTurns, type LocalTurn } from './voice-stitching.ts';

const turn = (voice: number, startSeconds: number, endSeconds: number): LocalTurn => ({
  voice,
  startSeconds,
  endSeconds,
});
const chunk = (startSeconds: number, ...turns: readonly LocalTurn[]) => ({
  startSeconds,
  endSeconds: startSeconds + 10,
  turns,
});

test('a voice keeps its number from chunk to chunk, whatever number the chunk gives it', () => {
  const stitched = stitchTurns([
    chunk(0, turn(0, 1, 4), turn(1, 5, 10)),
    chunk(5, turn(0, 5, 12), turn(2, 13, 15)),
    chunk(10, turn(1, 10, 12), turn(0, 13, 18)),
  ]);
  assert.deepEqual(stitched, [turn(0, 1, 4), turn(1, 5, 12), turn(2, 13, 18)]);
});

test('a voice that is not heard where chunks overlap gets a new number: only its sound can tell whose it is', () => {
  assert.deepEqual(stitchTurns([chunk(0, turn(0, 1, 4)), chunk(5, turn(0, 11, 14))]), [
    turn(0, 1, 4),
    turn(1, 11, 14),
  ]);
});

test('two voices of one chunk never become one voice of the chunk before', () => {
  const stitched = stitchTurns([
    chunk(0, turn(0, 5, 10)),
    chunk(5, turn(0, 5, 10), turn(1, 5.5, 9.5), turn(1, 11, 12)),
  ]);
  assert.equal(new Set(stitched.map(({ voice }) => voice)).size, 2);
});

test('short gaps are closed, flicker is dropped, and several may speak at once', () => {
  assert.deepEqual(
    stitchTurns([chunk(0, turn(0, 1, 2), turn(0, 2.2, 3), turn(1, 2, 2.05), turn(1, 2.5, 4))]),
    [turn(0, 1, 3), turn(1, 2.5, 4)],
  );
});

test('knows for how long voices speak together, and when one speaks alone', () => {
  const turns = [turn(0, 0, 4), turn(1, 1, 2), turn(1, 3, 6)];
  assert.equal(overlapOf(turns.slice(0, 1), turns.slice(1)), 2);
  assert.equal(lengthOf(turns), 8);
  assert.deepEqual(aloneParts(0, turns), [
    { startSeconds: 0, endSeconds: 1 },
    { startSeconds: 2, endSeconds: 3 },
  ]);
  assert.deepEqual(aloneParts(1, turns), [{ startSeconds: 4, endSeconds: 6 }]);
});
