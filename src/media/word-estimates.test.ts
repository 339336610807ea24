import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimateWordTimes } from './word-estimates.ts';

const RATE = 1000;

/** Sound and silence in turn, in seconds. */
function recording(...stretches: number[]): Float32Array {
  const samples = stretches.flatMap((seconds, index) =>
    Array.from({ length: Math.round(seconds * RATE) }, (_, at) => (index % 2 === 0 ? 0.3 * Math.sin(at) : 0)),
  );
  return Float32Array.from(samples);
}

function estimate(text: string, samples: Float32Array, language = 'en') {
  return estimateWordTimes({ text, samples, sampleRate: RATE, language }).map((word) => ({
    word: text.slice(word.start, word.end),
    from: Math.round(word.startSeconds * 100) / 100,
    to: Math.round(word.endSeconds * 100) / 100,
  }));
}

test('words share the sound by their length, the last one drawn out, and silence at the ends belongs to none', () => {
  const samples = recording(0, 0.5, 1, 0.5);
  assert.deepEqual(estimate('four fourfour.', samples), [
    { word: 'four', from: 0.5, to: 0.77 },
    { word: 'fourfour', from: 0.77, to: 1.5 },
  ]);
});

test('a phrase ends at the pause nearest to where it should end, and the next begins after it', () => {
  const samples = recording(0.4, 0.2, 0.7, 0.3, 0.3);
  assert.deepEqual(
    estimate('Good evening, sir.', samples).map(({ word, from, to }) => [word, from, to]),
    [
      ['Good', 0, 0.38],
      ['evening', 0.38, 1.3],
      ['sir', 1.6, 1.9],
    ],
  );
});

test('phrases without a pause between them follow one another', () => {
  assert.deepEqual(
    estimate('Ja, ja.', recording(1)).map(({ from, to }) => [from, to]),
    [
      [0, 0.5],
      [0.5, 1],
    ],
  );
});

test('words are found in scripts without spaces', () => {
  const words = estimate('今天天气很好。', recording(1.2), 'zh').map(({ word }) => word);
  assert.equal(words.join(''), '今天天气很好');
  assert(words.length > 1);
});

test('there are no times where there is no sound or no word', () => {
  assert.deepEqual(estimate('Hello.', new Float32Array(500)), []);
  assert.deepEqual(estimate('Hello.', new Float32Array(0)), []);
  assert.deepEqual(estimate('…', recording(1)), []);
});
