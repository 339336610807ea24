import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toSegments } from './heard-words.ts';
import type { RecognizedSpeech } from './sherpa-config.ts';

const EVERYTHING = { wordTimes: true, logprobs: true };

function speech(
  tokens: readonly (string | readonly number[])[],
  changes: Partial<RecognizedSpeech> = {},
): RecognizedSpeech {
  const bytes = tokens.map((token) =>
    typeof token === 'string' ? Buffer.from(token) : Uint8Array.from(token),
  );
  return {
    language: '',
    text: Buffer.concat(bytes).toString('utf8').trim(),
    tokens: bytes.map((one, id) => ({ bytes: one, id })),
    starts: tokens.map((_, index) => index / 2),
    durations: tokens.map(() => 0.5),
    logprobs: [],
    segments: [],
    ...changes,
  };
}

function words(heard: RecognizedSpeech, seconds = 60) {
  return toSegments(heard, seconds, EVERYTHING).flatMap((segment) =>
    (segment.words ?? []).map(({ text, startSeconds, endSeconds }) => [text, startSeconds, endSeconds]),
  );
}

test('joins the pieces of a word, and marks with the word before them', () => {
  assert.deepEqual(words(speech([' ill', '-', 'dis', 'posed', ',', ' is', ' he', '.'])), [
    ['ill-disposed,', 0, 2.5],
    ['is', 2.5, 3],
    ['he.', 3, 4],
  ]);
});

test('takes each character of a script without spaces for a word, and its marks with it', () => {
  assert.deepEqual(words(speech(['你好', '，', '世', '界', '。', 'OK', '吗', '？'])), [
    ['你', 0, 0.5],
    ['好，', 0, 1],
    ['世', 1, 1.5],
    ['界。', 1.5, 2.5],
    ['OK', 2.5, 3],
    ['吗？', 3, 4],
  ]);
});

test('puts a character together whose bytes lie in several tokens', () => {
  const [first, ...rest] = Buffer.from('广');
  const heard = speech([[0x20, first ?? 0], rest, '州']);
  assert.deepEqual(words(heard), [
    ['广', 0, 1],
    ['州', 1, 1.5],
  ]);
  const segment = toSegments(heard, 60, EVERYTHING)[0];
  assert.equal(segment?.text, '广州');
  assert.deepEqual(segment?.tokens, [0, 1, 2]);
});

test('leaves out bytes that never become a character', () => {
  const heard = speech([' a', [0xe5, 0xb9]], { text: 'a' });
  assert.equal(toSegments(heard, 2, EVERYTHING)[0]?.text, ' a');
});

test("keeps the model's own segments, each with its words", () => {
  const heard = speech([' One', ' two', '.', ' Three', '.'], {
    segments: [
      { startSeconds: 0, durationSeconds: 1.5, tokens: 3 },
      { startSeconds: 1.5, durationSeconds: 1, tokens: 2 },
    ],
  });
  const segments = toSegments(heard, 2.5, EVERYTHING);
  assert.deepEqual(
    segments.map(({ text, startSeconds, endSeconds }) => [text, startSeconds, endSeconds]),
    [
      [' One two.', 0, 1.5],
      [' Three.', 1.5, 2.5],
    ],
  );
  assert.deepEqual(segments[1]?.words, [{ text: 'Three.', startSeconds: 1.5, endSeconds: 2.5 }]);
});

test('makes a segment of each sentence where the model has none, and gives probabilities', () => {
  const heard = speech([' Mr', '.', ' Q', ' sits', '.', ' Why', '?'], {
    logprobs: [-0.1, -0.2, -0.3, -0.4, -0.5, -1, -2],
  });
  const segments = toSegments(heard, 10, EVERYTHING);
  assert.deepEqual(
    segments.map(({ text }) => text),
    [' Mr. Q sits.', ' Why?'],
  );
  assert.equal(segments[1]?.averageLogprob, -1.5);
  assert.equal(segments[1]?.words?.[0]?.logprob, -3);
  assert.deepEqual(segments[1]?.logprobs, [
    { text: ' Why', logprob: -1 },
    { text: '?', logprob: -2 },
  ]);
});

test('gives one segment over the whole window when the model has no times', () => {
  const heard = speech([' No', ' times', '.', ' None', '.'], { starts: [], durations: [] });
  assert.deepEqual(toSegments(heard, 3, EVERYTHING), [
    { startSeconds: 0, endSeconds: 3, text: ' No times. None.', tokens: [0, 1, 2, 3, 4] },
  ]);
});

test('believes the text where the tokens say otherwise', () => {
  const heard = speech([' twenty', ' two'], { text: '22' });
  assert.deepEqual(toSegments(heard, 3, EVERYTHING), [{ startSeconds: 0, endSeconds: 3, text: ' 22' }]);
});

test('never lets times run backwards or past the end', () => {
  const heard = speech([' a', ' b', ' c'], { starts: [1, 5, 40], durations: [-3, 90, 2] });
  for (const { text, startSeconds, endSeconds } of toSegments(heard, 6, EVERYTHING)[0]?.words ?? []) {
    assert(startSeconds >= 0 && endSeconds >= startSeconds && endSeconds <= 6, text);
  }
  assert.equal(words(heard, 6).length, 3);
});

test('hears nothing in silence', () => {
  assert.deepEqual(toSegments(speech([], { text: '' }), 3, EVERYTHING), []);
  assert.deepEqual(toSegments(speech([' ']), 3, EVERYTHING), []);
});
