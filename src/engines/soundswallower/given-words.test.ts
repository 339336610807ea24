import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type FoundWord, toGivenTimes } from './given-words.ts';

function found(word: number, ...times: readonly [] | readonly [number, number]): FoundWord {
  const [startSeconds, endSeconds] = times;
  return {
    word,
    interval: startSeconds === undefined ? undefined : { startSeconds, endSeconds: endSeconds ?? 0 },
  };
}

function timesOf(count: number, words: readonly FoundWord[], duration = 10): number[][] {
  return toGivenTimes(count, words, duration).map(({ startSeconds, endSeconds }) => [
    startSeconds,
    endSeconds,
  ]);
}

describe('the times of given words', () => {
  test('a word that is said as several lasts from the first to the last of them', () => {
    assert.deepEqual(timesOf(2, [found(0, 1, 2), found(0, 2.5, 3), found(1, 3, 4)]), [
      [1, 3],
      [3, 4],
    ]);
  });

  test('words that could not be looked for share the gap between their neighbours', () => {
    assert.deepEqual(timesOf(4, [found(0, 1, 2), found(1), found(3, 2.5, 3)]), [
      [1, 2],
      [2, 2.25],
      [2.25, 2.5],
      [2.5, 3],
    ]);
  });

  test('where there is one neighbour only, they keep close to it and inside the sound', () => {
    assert.deepEqual(timesOf(3, [found(0), found(1, 4, 9.75), found(2)]), [
      [3.5, 4],
      [4, 9.75],
      [9.75, 10],
    ]);
    assert.deepEqual(timesOf(2, [found(1, 0.25, 1)]), [
      [0, 0.25],
      [0.25, 1],
    ]);
  });

  test('they never run backwards nor past the end', () => {
    assert.deepEqual(timesOf(3, [found(0, 1, 3), found(1, 2, 2.5), found(2, 4, 11)]), [
      [1, 3],
      [3, 3],
      [4, 10],
    ]);
  });
});
