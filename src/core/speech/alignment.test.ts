import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAlignmentCursor, type CharacterAlignment, type WordTiming } from './alignment.ts';

const words: WordTiming[] = [
  { start: 0, end: 2, startSeconds: 0.1, endSeconds: 0.3 },
  { start: 3, end: 6, startSeconds: 0.5, endSeconds: 0.8 },
];
const track = { text: 'Hi you!', words };

function joined(parts: readonly (CharacterAlignment | undefined)[]): string {
  return parts.flatMap((part) => part?.characters ?? []).join('');
}

test('every character is handed out once, whatever the cut, with times that never go back', () => {
  const cursor = createAlignmentCursor(track);
  const parts = [cursor.take(0.05), cursor.take(0.2), cursor.take(0.2), cursor.take(0.6), cursor.takeRest(1)];
  assert.equal(joined(parts), track.text);
  const starts = parts.flatMap((part) => part?.startSeconds ?? []);
  const ends = parts.flatMap((part) => part?.endSeconds ?? []);
  assert.deepEqual(
    starts,
    [...starts].sort((a, b) => a - b),
  );
  assert.ok(starts.every((start, index) => start <= (ends[index] ?? 0)));
  assert.equal(parts[0], undefined);
  assert.equal(parts[2], undefined);
  assert.equal(ends.at(-1), 1);
});

test('a word is spread evenly over its characters and the space takes the gap', () => {
  const whole = createAlignmentCursor(track).takeRest(1);
  assert.deepEqual(whole?.characters, ['H', 'i', ' ', 'y', 'o', 'u', '!']);
  assert.deepEqual(whole?.startSeconds, [0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8]);
  assert.deepEqual(whole?.endSeconds, [0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 1]);
});

test('an astral character counts as one', () => {
  const whole = createAlignmentCursor({
    text: '😀a',
    words: [{ start: 0, end: 2, startSeconds: 0, endSeconds: 1 }],
  }).takeRest(2);
  assert.deepEqual(whole?.characters, ['😀', 'a']);
});

test('words that come later are found by a cursor that began before them', () => {
  const growing: WordTiming[] = [];
  const cursor = createAlignmentCursor({ text: 'Hi you!', words: growing });
  assert.equal(cursor.take(10), undefined);
  growing.push(...words);
  assert.equal(joined([cursor.take(10), cursor.takeRest(1)]), 'Hi you!');
});
