import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { splitBySpeaker, type SpeakerTurn } from './speaker-text.ts';
import type { TranscribedSegment } from './transcription.ts';

/** A segment of words that last a second each, unless they are given their times. */
function segmentOf(
  text: string,
  words: readonly (string | readonly [string, number, number])[],
  changes: Partial<TranscribedSegment> = {},
): TranscribedSegment {
  const timed = words.map((word, index) => {
    const [spelled, startSeconds, endSeconds] =
      typeof word === 'string' ? ([word, index, index + 1] as const) : word;
    return { text: spelled, startSeconds, endSeconds };
  });
  return {
    id: 0,
    startSeconds: 0,
    endSeconds: Math.max(1, timed.at(-1)?.endSeconds ?? 10),
    text,
    tokens: [],
    temperature: 0,
    compressionRatio: 1,
    words: timed,
    logprobs: [],
    ...changes,
  };
}

function turnsOf(...turns: readonly (readonly [string, number, number])[]): SpeakerTurn[] {
  return turns.map(([speaker, startSeconds, endSeconds]) => ({ speaker, startSeconds, endSeconds }));
}

const spoken = (segments: readonly TranscribedSegment[]) =>
  segments.map(({ speaker, text }) => [speaker, text]);

test('a segment is cut between words, and punctuation and spaces stay where the model put them', () => {
  const segment = segmentOf(' Are you sure? (Yes,) “quite” — sure.', [
    'Are',
    'you',
    'sure?',
    'Yes',
    'quite',
    'sure.',
  ]);
  const parts = splitBySpeaker(segment, turnsOf(['A', 0, 3], ['B', 3, 4], ['A', 4, 6]));
  assert.deepEqual(spoken(parts), [
    ['A', ' Are you sure?'],
    ['B', ' (Yes,)'],
    ['A', ' “quite” — sure.'],
  ]);
  assert.deepEqual(
    parts.map(({ startSeconds, endSeconds, words }) => [startSeconds, endSeconds, words.length]),
    [
      [0, 3, 3],
      [3, 4, 1],
      [4, 6, 2],
    ],
  );
  assert(parts.every((part) => part.words.every((word) => word.speaker === part.speaker)));
});

test('no space comes into Chinese and Japanese, and opening brackets go with what they open', () => {
  const chinese = segmentOf('你好吗？我很好，「谢谢」你。', ['你好', '吗', '我', '很好', '谢谢', '你']);
  assert.deepEqual(spoken(splitBySpeaker(chinese, turnsOf(['A', 0, 2], ['B', 2, 4], ['A', 4, 6]))), [
    ['A', '你好吗？'],
    ['B', '我很好，'],
    ['A', '「谢谢」你。'],
  ]);
});

test('a word that the text spells otherwise is split off only with some text', () => {
  const segment = segmentOf(' It is 5 o’clock now.', ['It', 'is', 'five', 'o’clock', 'now.']);
  const parts = splitBySpeaker(segment, turnsOf(['A', 0, 2], ['B', 2, 3], ['A', 3, 5]));
  assert.equal(parts.map(({ text }) => text).join(''), segment.text);
  assert(parts.every(({ text }) => text.trim() !== ''));
  assert.equal(parts.flatMap(({ words }) => words).length, 5);
});

test('a lone short word inside a sentence does not change hands; a sentence of its own, or a longer word, does', () => {
  const turns = turnsOf(['A', 0, 1], ['B', 1, 1.2], ['A', 1.2, 3]);
  const inside = segmentOf(' what of that', [
    ['what', 0, 1],
    ['of', 1, 1.2],
    ['that', 1.2, 2],
  ]);
  assert.deepEqual(spoken(splitBySpeaker(inside, turns)), [['A', ' what of that']]);
  const own = segmentOf(' I went. Oh. Then I left.', [
    ['went.', 0, 1],
    ['Oh.', 1, 1.2],
    ['Then', 1.2, 2],
  ]);
  assert.deepEqual(
    splitBySpeaker(own, turns).map(({ speaker }) => speaker),
    ['A', 'B', 'A'],
  );
  const long = segmentOf(' what really that', [
    ['what', 0, 1],
    ['really', 1, 1.4],
    ['that', 1.4, 2],
  ]);
  assert.deepEqual(
    splitBySpeaker(long, turnsOf(['A', 0, 1], ['B', 1, 1.4], ['A', 1.4, 3])).map(({ speaker }) => speaker),
    ['A', 'B', 'A'],
  );
});

test('where two speak at once the one who was speaking goes on, and a word in a pause goes to the nearest', () => {
  const segment = segmentOf(' a b c d', ['a', 'b', 'c', ['d', 6, 7]]);
  const parts = splitBySpeaker(segment, turnsOf(['A', 0, 3], ['B', 1, 3], ['B', 7.5, 9]));
  assert.deepEqual(spoken(parts), [
    ['A', ' a b c'],
    ['B', ' d'],
  ]);
});

test('without times of words it is cut between sentences, and never inside one', () => {
  const segment = segmentOf(' Who is it? It costs 3.5 euros.', []);
  const parts = splitBySpeaker(segment, turnsOf(['A', 0, 3.6], ['B', 3.6, 10]));
  assert.deepEqual(spoken(parts), [
    ['A', ' Who is it?'],
    ['B', ' It costs 3.5 euros.'],
  ]);
  assert.equal(parts[0]?.endSeconds, parts[1]?.startSeconds);
  const whole = splitBySpeaker(segmentOf(' no stop at all', []), turnsOf(['A', 0, 3], ['B', 3, 10]));
  assert.deepEqual(spoken(whole), [['B', ' no stop at all']]);
  const chinese = splitBySpeaker(segmentOf('你好吗？我很好。', []), turnsOf(['A', 0, 5], ['B', 5, 10]));
  assert.deepEqual(spoken(chinese), [
    ['A', '你好吗？'],
    ['B', '我很好。'],
  ]);
});

test('each part keeps the tokens that spell it', () => {
  const logprobs = [' He', 'llo', '.', ' Yes', '.'].map((text) => ({ text, logprob: -0.1 }));
  const segment = segmentOf(' Hello. Yes.', ['Hello.', 'Yes.'], { logprobs, tokens: [1, 2, 3, 4, 5] });
  const parts = splitBySpeaker(segment, turnsOf(['A', 0, 1], ['B', 1, 2]));
  assert.deepEqual(
    parts.map(({ tokens, logprobs: own }) => [tokens, own.map(({ text }) => text).join('')]),
    [
      [[1, 2, 3], ' Hello.'],
      [[4, 5], ' Yes.'],
    ],
  );
});

test('with nobody known to speak the segment stays as it is', () => {
  const segment = segmentOf(' a b', ['a', 'b']);
  assert.deepEqual(splitBySpeaker(segment, []), [segment]);
});

/** Texts of any signs, with words that may or may not be in them, in any times. */
const anySegment = fc
  .record({
    pieces: fc.array(
      fc.record({
        word: fc.oneof(
          fc.string({ unit: 'grapheme', maxLength: 5 }),
          fc.constantFrom('好', 'it’s', 'a.', '¿qué'),
        ),
        after: fc.constantFrom(' ', '', ', ', '。', ' (', '” ', '—', '? ', ' ¿'),
        spelledOtherwise: fc.boolean(),
        seconds: fc.double({ min: 0, max: 0.9, noNaN: true }),
      }),
      { maxLength: 12 },
    ),
    timed: fc.boolean(),
  })
  .map(({ pieces, timed }) => {
    let clock = 0;
    const words = pieces.map(({ word, seconds, spelledOtherwise }) => {
      const start = clock;
      clock += seconds;
      return [spelledOtherwise ? `${word}x` : word.trim(), start, clock] as const;
    });
    return segmentOf(pieces.map(({ word, after }) => word + after).join(''), timed ? words : []);
  });
const anyTurns = fc.array(
  fc
    .tuple(
      fc.constantFrom('A', 'B', 'C'),
      fc.double({ min: 0, max: 6, noNaN: true }),
      fc.double({ min: 0, max: 3, noNaN: true }),
    )
    .map(([speaker, start, length]) => ({ speaker, startSeconds: start, endSeconds: start + length })),
  { maxLength: 8 },
);

test('whatever is said by whomever, the parts join to the text, the words are all there, and no time runs back', () => {
  fc.assert(
    fc.property(anySegment, anyTurns, (segment, turns) => {
      const parts = splitBySpeaker(segment, turns);
      assert.equal(parts.map(({ text }) => text).join(''), segment.text);
      assert.deepEqual(
        parts.flatMap(({ words }) => words.map(({ text }) => text)),
        segment.words.map(({ text }) => text),
      );
      assert.deepEqual(
        [parts[0]?.startSeconds, parts.at(-1)?.endSeconds],
        [segment.startSeconds, segment.endSeconds],
      );
      let clock = 0;
      for (const { startSeconds, endSeconds } of parts) {
        assert(startSeconds >= clock && endSeconds >= startSeconds);
        clock = startSeconds;
      }
      if (parts.length > 1) assert(parts.every(({ text }) => text.trim() !== ''));
      parts.forEach(({ speaker }, index) => index > 0 && assert.notEqual(speaker, parts[index - 1]?.speaker));
    }),
    { numRuns: 500 },
  );
});
