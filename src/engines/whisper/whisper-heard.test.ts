import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WhisperPiece } from './whisper-binding.ts';
import { toSegments, toUntimedSegment, toWordedSegments } from './whisper-heard.ts';

/** Pieces of 100 ms each, one after the other; a number is a gap in milliseconds. */
function pieces(...parts: (string | number)[]): WhisperPiece[] {
  let clock = 0;
  const made: WhisperPiece[] = [];
  for (const part of parts) {
    if (typeof part === 'number') clock += part;
    else {
      made.push({ text: part, t0: clock, t1: clock + 100 });
      clock += 100;
    }
  }
  return made;
}

function words(heard: readonly WhisperPiece[], language = 'en'): string[][] {
  return toWordedSegments(heard, { durationSeconds: 30, language }).map(
    (segment) => segment.words?.map((word) => word.text) ?? [],
  );
}

test('joins the tokens of a word and keeps its punctuation', () => {
  const [segment, ...others] = toWordedSegments(
    pieces(' un', 'bel', 'iev', 'able', ',', ' "', 'twenty', '-one', '"'),
    {
      durationSeconds: 30,
      language: 'en',
    },
  );
  assert.deepEqual(others, []);
  assert.equal(segment?.text, ' unbelievable, "twenty-one"');
  assert.deepEqual(segment?.words, [
    { text: 'unbelievable,', startSeconds: 0, endSeconds: 0.5 },
    { text: '"twenty-one"', startSeconds: 0.5, endSeconds: 0.9 },
  ]);
});

test('takes each character for a word where no spaces stand between words', () => {
  assert.deepEqual(words(pieces('你', '好', '，', '世', '界', '。'), 'zh'), [['你', '好，', '世', '界。']]);
  assert.deepEqual(words(pieces(' Gü', 'te', 'r'), 'de'), [['Güter']]);
});

test('ends a segment with its sentence or at a gap, not after an abbreviation', () => {
  assert.deepEqual(
    words(pieces(' Mr', '.', ' Fox', ' ran', '.', ' He', ' won', '!', ' So', ' we', 40, ' left')),
    [['Mr.', 'Fox', 'ran.'], ['He', 'won!'], ['So', 'we'], ['left']],
  );
});

test('keeps every character of the text', () => {
  const heard = pieces('', ' A', ' ', 'b', '.', ' -', ' C', '?', ' (', 'd', ')');
  const text = toWordedSegments(heard, { durationSeconds: 30, language: 'en' }).map(
    (segment) => segment.text,
  );
  assert.equal(text.join(''), ' A b. - C? (d)');
});

test('lets no time go back or leave the window, and drops what holds no text', () => {
  const heard = [
    { text: ' one', t0: -40, t1: 900 },
    { text: ' ', t0: 900, t1: 910 },
    { text: ' two', t0: 700, t1: 30_000 },
  ];
  assert.deepEqual(toSegments(heard, 2), [
    { text: ' one', startSeconds: 0, endSeconds: 0.9 },
    { text: ' two', startSeconds: 0.91, endSeconds: 2 },
  ]);
  assert.deepEqual(toUntimedSegment(heard, 2), [{ text: ' one  two', startSeconds: 0, endSeconds: 2 }]);
  assert.deepEqual(toUntimedSegment([{ text: ' ', t0: 0, t1: 1 }], 2), []);
});
