import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TranscribedSegment, Transcript } from '../../core/transcription/transcription.ts';
import { readTranscriptionBody, readTranslationBody } from './openai-transcription-body.ts';
import type { FormFields } from './openai-transcription-form.ts';
import { toTranscriptionJson, toTranslationJson } from './openai-transcription-replies.ts';
import { transcriptWriter, type TextFormat } from './openai-transcription-text.ts';

const MORNING: TranscribedSegment = {
  id: 0,
  startSeconds: 0,
  endSeconds: 2,
  text: ' Good morning.',
  tokens: [50_364, 2_425],
  temperature: 0,
  averageLogprob: -0.5,
  compressionRatio: 0.83,
  noSpeechProbability: 0.002,
  words: [
    { text: 'Good', startSeconds: 0, endSeconds: 0.32 },
    { text: 'morning.', startSeconds: 0.4, endSeconds: 2 },
  ],
  logprobs: [
    { text: ' Good', logprob: -0.25 },
    { text: ' mörning.', logprob: -0.75 },
  ],
};

const QUESTION: TranscribedSegment = {
  id: 1,
  startSeconds: 2,
  endSeconds: 4.5,
  text: ' How are you?',
  tokens: [],
  temperature: 0,
  compressionRatio: 0.7,
  words: [],
  logprobs: [],
  speaker: 'Ann',
};

const TRANSCRIPT: Transcript = {
  text: 'Good morning. How are you?',
  language: 'en',
  durationSeconds: 4.6,
  segments: [MORNING, QUESTION],
};

const NOTHING: Transcript = { text: '', language: 'en', durationSeconds: 1.7, segments: [] };

function json(fields: FormFields, transcript = TRANSCRIPT): Record<string, unknown> {
  const body = readTranscriptionBody({ model: 'whisper-1', ...fields });
  return { ...toTranscriptionJson(transcript, body) };
}

/** A transcript written segment by segment, as it is sent. */
function toTextReply({ segments }: Transcript, format: TextFormat): string {
  const writer = transcriptWriter(format);
  return writer.opening + segments.map((segment) => writer.write(segment)).join('') + writer.ending;
}

test('T6: text ends with a line end, SubRip with one more than its cues, WebVTT with none more', () => {
  assert.equal(toTextReply(TRANSCRIPT, 'text'), 'Good morning. How are you?\n');
  assert.equal(
    toTextReply(TRANSCRIPT, 'srt'),
    '1\n00:00:00,000 --> 00:00:02,000\nGood morning.\n\n2\n00:00:02,000 --> 00:00:04,500\nHow are you?\n\n\n',
  );
  assert.equal(
    toTextReply(TRANSCRIPT, 'vtt'),
    'WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nGood morning.\n\n00:00:02.000 --> 00:00:04.500\nHow are you?\n\n',
  );
});

test('T6: a single cue has the 64 bytes of the vendor', () => {
  const single = { ...TRANSCRIPT, segments: [{ ...MORNING, text: ' ' + 'x'.repeat(29) }] };
  assert.equal(Buffer.byteLength(toTextReply(single, 'srt')), 2 + 30 + 29 + 3);
  assert.equal(Buffer.byteLength(toTextReply(single, 'text')), 30);
});

test('T6: where nothing was said the text is empty and the files are such as players take', () => {
  assert.deepEqual(
    (['text', 'srt', 'vtt'] as const).map((format) => toTextReply(NOTHING, format)),
    ['\n', '\n', 'WEBVTT\n\n'],
  );
});

test('T6: the pieces of a text join to it to the letter, whatever space its segments have', () => {
  const segments = ['  ', ' One  ', '', '\n two. ', ' '].map((text) => ({ ...MORNING, text }));
  const text = segments.map((segment) => segment.text).join('');
  assert.equal(toTextReply({ ...NOTHING, segments }, 'text'), `${text.trim()}\n`);
});

test('T7: usage is seconds, rounded up, for whisper-1 and about ten tokens a second for its successors', () => {
  assert.deepEqual(json({}), {
    text: 'Good morning. How are you?',
    usage: { type: 'duration', seconds: 5 },
  });
  for (const model of ['gpt-4o-transcribe', 'gpt-4o-mini-transcribe', 'gpt-4o-mini-transcribe-2025-12-15']) {
    assert.deepEqual(json({ model, prompt: 'Greetings' }), {
      text: 'Good morning. How are you?',
      usage: {
        type: 'tokens',
        total_tokens: 56,
        input_tokens: 49,
        input_token_details: { text_tokens: 3, audio_tokens: 46 },
        output_tokens: 7,
      },
    });
  }
});

for (const [seconds, tokens] of [
  [1.7, 17],
  [6.46, 64],
  [1.1, 11],
  [0.1, 1],
] as const) {
  test(`T7: ${seconds} s are ${tokens} tokens`, () => {
    const { usage } = json({ model: 'gpt-4o-transcribe' }, { ...NOTHING, durationSeconds: seconds });
    assert.equal((usage as { input_tokens: number }).input_tokens, tokens); // Asserted just so.
  });
}

test('T8: log probabilities come with the bytes of each token, the first without its space', () => {
  assert.deepEqual(json({ include: ['logprobs'] })['logprobs'], [
    { token: 'Good', logprob: -0.25, bytes: [71, 111, 111, 100] },
    { token: ' mörning.', logprob: -0.75, bytes: [32, 109, 195, 182, 114, 110, 105, 110, 103, 46] },
  ]);
  assert.deepEqual(json({ include: ['logprobs'] }, NOTHING)['logprobs'], []);
  assert.equal('logprobs' in json({}), false);
});

test('gpt-transcribe tells the languages, and none where nobody spoke', () => {
  assert.deepEqual(json({ model: 'gpt-transcribe' })['languages'], [{ code: 'en' }]);
  assert.deepEqual(json({ model: 'gpt-transcribe' }, NOTHING)['languages'], []);
  assert.equal('languages' in json({ model: 'gpt-4o-transcribe' }), false);
});

test('T5: verbose_json is complete, and certain where the model does not tell how sure it is', () => {
  const verbose = json({ response_format: 'verbose_json', timestamp_granularities: ['word', 'segment'] });
  assert.deepEqual(Object.keys(verbose), [
    'task',
    'language',
    'duration',
    'text',
    'segments',
    'words',
    'usage',
  ]);
  assert.deepEqual(verbose, {
    task: 'transcribe',
    language: 'english',
    duration: 4.6,
    text: 'Good morning. How are you?',
    segments: [
      {
        id: 0,
        seek: 0,
        start: 0,
        end: 2,
        text: ' Good morning.',
        tokens: [50_364, 2_425],
        temperature: 0,
        avg_logprob: -0.5,
        compression_ratio: 0.83,
        no_speech_prob: 0.002,
      },
      {
        id: 1,
        seek: 200,
        start: 2,
        end: 4.5,
        text: ' How are you?',
        tokens: [],
        temperature: 0,
        avg_logprob: 0,
        compression_ratio: 0.7,
        no_speech_prob: 0,
      },
    ],
    words: [
      { word: 'Good', start: 0, end: 0.32 },
      { word: 'morning', start: 0.4, end: 2 },
    ],
    usage: { type: 'duration', seconds: 5 },
  });
});

for (const [granularities, keys] of [
  [undefined, ['segments']],
  [['segment'], ['segments']],
  [['word'], ['words']],
  [
    ['word', 'segment'],
    ['segments', 'words'],
  ],
] as const) {
  test(`T5: with granularity ${granularities?.join(' and ') ?? 'none'} there are ${keys.join(' and ')}`, () => {
    const verbose = json({ response_format: 'verbose_json', timestamp_granularities: granularities });
    assert.deepEqual(
      Object.keys(verbose).filter((key) => ['segments', 'words'].includes(key)),
      keys,
    );
  });
}

for (const [heard, word] of [
  ['morning.', 'morning'],
  ['“Hello,”', 'Hello'],
  ["don't", "don't"],
  ['twenty-one!', 'twenty-one'],
  ['50%.', '50%'],
  ['-5,', '-5'],
  ['$3.50', '$3.50'],
  ['¿Qué?', 'Qué'],
  ['—', undefined],
  ['你好。', '你好'],
] as const) {
  test(`T5: the word ${heard} is written as ${word ?? 'nothing'}`, () => {
    const words = [{ text: heard, startSeconds: 0, endSeconds: 1 }];
    const transcript = { ...TRANSCRIPT, segments: [{ ...MORNING, words }] };
    const verbose = json({ response_format: 'verbose_json', timestamp_granularities: ['word'] }, transcript);
    assert.deepEqual(verbose['words'], word === undefined ? [] : [{ word, start: 0, end: 1 }]);
  });
}

test('T11: diarized_json has a speaker for every segment', () => {
  assert.deepEqual(json({ response_format: 'diarized_json' }), {
    task: 'transcribe',
    duration: 4.6,
    text: 'Good morning. How are you?',
    segments: [
      {
        type: 'transcript.text.segment',
        text: ' Good morning.',
        speaker: 'A',
        start: 0,
        end: 2,
        id: 'seg_0',
      },
      {
        type: 'transcript.text.segment',
        text: ' How are you?',
        speaker: 'Ann',
        start: 2,
        end: 4.5,
        id: 'seg_1',
      },
    ],
    usage: {
      type: 'tokens',
      total_tokens: 53,
      input_tokens: 46,
      input_token_details: { text_tokens: 0, audio_tokens: 46 },
      output_tokens: 7,
    },
  });
});

test('L1: a translation is English', () => {
  const brief = readTranslationBody({ model: 'whisper-1' });
  assert.deepEqual(toTranslationJson(TRANSCRIPT, brief), { text: 'Good morning. How are you?' });
  const verbose = { ...toTranslationJson(TRANSCRIPT, { ...brief, response_format: 'verbose_json' }) };
  assert.deepEqual(Object.keys(verbose), ['task', 'language', 'duration', 'text', 'segments']);
  assert.deepEqual(
    Object.entries(verbose).slice(0, 2),
    Object.entries({ task: 'translate', language: 'english' }),
  );
});
