import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diarizationError, readRttm } from './diarization-error.ts';

const turn = (speaker: string, startSeconds: number, endSeconds: number) => ({
  speaker,
  startSeconds,
  endSeconds,
});
const REAL = [turn('ann', 0, 6), turn('bob', 6, 10)];

function errorOf(...found: ReturnType<typeof turn>[]) {
  const { missed, invented, confused, total } = diarizationError(REAL, found);
  return [missed, invented, confused, total].map((share) => Math.round(share * 1000) / 1000);
}

test('names do not matter, only who is whom', () => {
  assert.deepEqual(errorOf(turn('2', 0, 6), turn('1', 6, 10)), [0, 0, 0, 0]);
});

test('missed, invented and confused speech are told apart, as shares of what is really spoken', () => {
  assert.deepEqual(errorOf(turn('1', 0, 5), turn('2', 6, 10)), [0.1, 0, 0, 0.1]);
  assert.deepEqual(errorOf(turn('1', 0, 6), turn('2', 6, 12)), [0, 0.2, 0, 0.2]);
  assert.deepEqual(errorOf(turn('1', 0, 7), turn('2', 7, 10)), [0, 0, 0.1, 0.1]);
  assert.deepEqual(errorOf(turn('1', 0, 10)), [0, 0, 0.4, 0.4]);
  assert.deepEqual(errorOf(turn('1', 0, 6), turn('2', 6, 10), turn('3', 0, 1)), [0, 0.1, 0, 0.1]);
  assert.deepEqual(errorOf(), [1, 0, 0, 1]);
});

test('a found speaker counts for one real speaker only, the one with whom most is right', () => {
  assert.deepEqual(errorOf(turn('1', 0, 3), turn('2', 3, 6), turn('2', 6, 10)), [0, 0, 0.3, 0.3]);
});

test('time beside a change may be left out', () => {
  const late = [turn('1', 0, 6.2), turn('2', 6.2, 10)];
  assert(diarizationError(REAL, late).total > 0.015);
  assert.equal(diarizationError(REAL, late, 0.25).total, 0);
});

test('reads the turns of a file in the Rich Transcription format', () => {
  assert.deepEqual(readRttm('SPEAKER f 1 0.500 1.500 <NA> <NA> A <NA> <NA>\n'), [turn('A', 0.5, 2)]);
});
