import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSpeakerNames } from './speaker-names.ts';

const group = (samples: readonly number[], name?: string) => ({
  samples: new Set(samples),
  ...(name === undefined ? {} : { name }),
});

test('unknown voices are A, B … in order of appearance, known ones have their names, and no name is given twice', () => {
  const names = createSpeakerNames();
  names.reserve('B');
  const told = names.atLast([group([0, 3]), group([1], 'B'), group([2])]);
  assert.deepEqual(
    [...told].toSorted(([a], [b]) => a - b),
    [
      [0, 'A'],
      [1, 'B'],
      [2, 'C'],
      [3, 'A'],
    ],
  );
});

test('after Z comes AA', () => {
  const groups = Array.from({ length: 28 }, (_, index) => group([index]));
  const told = createSpeakerNames().atLast(groups);
  assert.deepEqual([told.get(25), told.get(26), told.get(27)], ['Z', 'AA', 'AB']);
});

test('a name that was told stays with its samples; what was two voices and is one goes on with the first name', () => {
  const names = createSpeakerNames();
  names.soFar([group([0]), group([1])]);
  const told = new Map(names.soFar([group([0, 1, 2]), group([3])]));
  assert.deepEqual(
    [0, 1, 2, 3].map((sample) => told.get(sample)),
    ['A', 'B', 'A', 'C'],
  );
  assert.deepEqual(
    [0, 1, 2, 3].map((sample) => names.atLast([group([0, 1, 2]), group([3])]).get(sample)),
    ['A', 'A', 'A', 'B'],
  );
});

test('what was one voice and is two goes on with its name where it was first heard', () => {
  const names = createSpeakerNames();
  names.soFar([group([0, 1])]);
  const told = names.soFar([group([0, 2]), group([1, 3])]);
  assert.deepEqual(
    [0, 1, 2, 3].map((sample) => told.get(sample)),
    ['A', 'A', 'A', 'B'],
  );
});
