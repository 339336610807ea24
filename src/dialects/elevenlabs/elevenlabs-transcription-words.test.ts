import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as assertProperty, constantFrom, property, record } from 'fast-check';
import type {
  TranscribedSegment,
  TranscribedWord,
  Transcript,
} from '../../core/transcription/transcription.ts';
import { transcriptTokens } from './elevenlabs-transcription-words.ts';

type Sketch = Pick<TranscribedSegment, 'text' | 'startSeconds' | 'endSeconds'> & Partial<TranscribedSegment>;

function transcriptOf(sketches: readonly Sketch[]): Transcript {
  const segments = sketches.map((sketch, id) => ({
    id,
    tokens: [],
    temperature: 0,
    compressionRatio: 1,
    words: [],
    logprobs: [],
    ...sketch,
  }));
  const text = segments
    .map((segment) => segment.text)
    .join('')
    .trim();
  return { text, language: 'en', durationSeconds: segments.at(-1)?.endSeconds ?? 0, segments };
}

function word(text: string, startSeconds: number, endSeconds: number): TranscribedWord {
  return { text, startSeconds, endSeconds };
}

function table(sketches: readonly Sketch[]) {
  return transcriptTokens(transcriptOf(sketches)).map((token) => [
    token.text,
    token.startSeconds,
    token.endSeconds,
  ]);
}

test('words have the times that the model gave, and spaces fill the time between them', () => {
  const words = [word('Two', 1, 1.5), word('words.', 2, 2.4)];
  assert.deepEqual(table([{ text: ' Two words.', startSeconds: 0.8, endSeconds: 3, words }]), [
    ['Two', 1, 1.5],
    [' ', 1.5, 2],
    ['words.', 2, 2.4],
  ]);
});

test('signs that the model gave no time for stay at the word that they touch', () => {
  const words = [word('he', 0, 0.2), word('said', 0.3, 0.5), word('go', 0.6, 0.8)];
  assert.deepEqual(
    table([{ text: '(he) said, “go!”', startSeconds: 0, endSeconds: 1, words }]).map(([text]) => text),
    ['(he)', ' ', 'said,', ' ', '“go!”'],
  );
});

test('a word without a time shares the gap between its neighbours', () => {
  const words = [word('one', 0, 1), word('four', 3, 4)];
  assert.deepEqual(table([{ text: ' one two three four', startSeconds: 0, endSeconds: 4, words }]), [
    ['one', 0, 1],
    [' ', 1, 1],
    ['two', 1, 1.667],
    [' ', 1.667, 1.889],
    ['three', 1.889, 3],
    [' ', 3, 3],
    ['four', 3, 4],
  ]);
});

test('where a model gives no times at all, words are spread over their segment by their length', () => {
  const spread = table([
    { text: ' ab cdef', startSeconds: 1, endSeconds: 1.7 },
    { text: ' gh', startSeconds: 3, endSeconds: 4 },
  ]);
  assert.deepEqual(spread, [
    ['ab', 1, 1.2],
    [' ', 1.2, 1.3],
    ['cdef', 1.3, 1.7],
    [' ', 1.7, 3],
    ['gh', 3, 4],
  ]);
});

test('a language without spaces is cut into its words, and its signs stay with them', () => {
  const spread = table([{ text: '今天天气很好。', startSeconds: 0, endSeconds: 7 }]);
  assert.ok(spread.length > 1 && spread.length < 7, String(spread));
  assert.equal(spread.map(([text]) => text).join(''), '今天天气很好。');
  assert.ok(String(spread.at(-1)?.[0]).endsWith('。') && spread.at(-1)?.[0] !== '。');
  const timed = [word('今天', 0, 1), word('天气', 1, 2), word('很好', 2, 3)];
  assert.deepEqual(table([{ text: '今天天气很好。', startSeconds: 0, endSeconds: 7, words: timed }]), [
    ['今天', 0, 1],
    ['天气', 1, 2],
    ['很好。', 2, 3],
  ]);
});

test('speakers are numbered as they appear, and a space is the speaker’s before it', () => {
  const tokens = transcriptTokens(
    transcriptOf([
      { text: ' a b', startSeconds: 0, endSeconds: 1, speaker: 'B' },
      { text: ' c', startSeconds: 1, endSeconds: 2, speaker: 'A' },
      { text: ' d', startSeconds: 2, endSeconds: 3, speaker: 'B' },
    ]),
  );
  assert.deepEqual(
    tokens.map((token) => `${token.text}${token.speaker?.at(-1)}`),
    ['a0', ' 0', 'b0', ' 0', 'c1', ' 1', 'd0'],
  );
  assert.ok(
    transcriptTokens(transcriptOf([{ text: ' a', startSeconds: 0, endSeconds: 1 }]))[0]?.speaker ===
      undefined,
  );
});

test('a word has its own probability, or that of its segment', () => {
  const words = [{ ...word('a', 0, 1), logprob: -0.5 }];
  const tokens = transcriptTokens(
    transcriptOf([{ text: ' a b', startSeconds: 0, endSeconds: 2, words, averageLogprob: -0.25 }]),
  );
  assert.deepEqual(
    tokens.map((token) => token.logprob),
    [-0.5, undefined, -0.25],
  );
});

test('silence is no words', () => {
  assert.deepEqual(table([]), []);
  assert.deepEqual(table([{ text: '  ', startSeconds: 0, endSeconds: 1 }]), []);
});

test('E34: whatever a model writes, joined words are the transcript and times never run backwards', () => {
  const text = array(constantFrom('a', 'be', 'see', ' ', '  ', ',', '“', '-', '你', 'ไทย', '\n', '🎉'), {
    maxLength: 12,
  });
  const segment = record({
    parts: text,
    known: array(constantFrom('a', 'be', 'see', 'zed', '', '你'), { maxLength: 6 }),
  });
  assertProperty(
    property(array(segment, { maxLength: 5 }), (sketched) => {
      const transcript = transcriptOf(
        sketched.map(({ parts, known }, index) => ({
          text: parts.join(''),
          startSeconds: index * 10,
          endSeconds: index * 10 + 9,
          words: known.map((one, at) => word(one, index * 10 + at, index * 10 + at + 0.5)),
        })),
      );
      const tokens = transcriptTokens(transcript);
      assert.equal(tokens.map((token) => token.text).join(''), transcript.text);
      let clock = 0;
      for (const token of tokens) {
        assert.ok(
          token.startSeconds >= clock - 1e-9,
          `${token.text} starts at ${token.startSeconds}, after ${clock}`,
        );
        assert.ok(token.endSeconds >= token.startSeconds);
        assert.ok(token.endSeconds <= transcript.durationSeconds);
        assert.ok(token.type === 'spacing' ? token.text.trim() === '' : !/^\s|\s$/.test(token.text));
        clock = token.endSeconds;
      }
    }),
    { numRuns: 300 },
  );
});
