import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import type {
  TranscribedSegment,
  Transcript,
  TranscriptionEvent,
} from '../../core/transcription/transcription.ts';
import { readTranscriptionBody } from './openai-transcription-body.ts';
import { transcriptionEvents } from './openai-transcription-events.ts';
import type { FormFields } from './openai-transcription-form.ts';

function segment(id: number, text: string): TranscribedSegment {
  return {
    id,
    startSeconds: id,
    endSeconds: id + 1,
    text,
    tokens: [],
    temperature: 0,
    compressionRatio: 1,
    words: [],
    logprobs: [{ text, logprob: -0.5 }],
    speaker: 'A',
  };
}

const SEGMENTS = [segment(0, ' One. '), segment(1, ' Two.\n'), segment(2, 'Three. ')];
const TRANSCRIPT: Transcript = {
  text: 'One.  Two.\nThree.',
  language: 'en',
  durationSeconds: 3,
  segments: SEGMENTS,
};
const USAGE = {
  type: 'tokens',
  total_tokens: 35,
  input_tokens: 30,
  input_token_details: { text_tokens: 0, audio_tokens: 30 },
  output_tokens: 5,
};

async function* heard(failAfter = Infinity): AsyncGenerator<TranscriptionEvent> {
  for (const one of SEGMENTS) {
    if (one.id >= failAfter) throw new AppError('engine_failed', 'The ear broke.');
    const text = one.id === 0 ? one.text.trimStart() : one.text;
    yield { type: 'text-delta', text, logprobs: one.logprobs };
    yield { type: 'segment-end', segment: one };
  }
  yield { type: 'transcript-end', transcript: TRANSCRIPT };
}

async function stream(fields: FormFields, events = heard()): Promise<string[]> {
  const body = readTranscriptionBody({ model: 'whisper-1', stream: 'true', ...fields });
  return Array.fromAsync(transcriptionEvents(Promise.resolve({ events }), body));
}

function parse(lines: readonly string[]): unknown[] {
  return lines.map((line) => {
    const [, json] = /^data: (.*)\r\n\r\n$/s.exec(line) ?? [];
    return json === '[DONE]' ? json : JSON.parse(json ?? '');
  });
}

test('T12: the pieces join to the text to the letter', async () => {
  assert.deepEqual(parse(await stream({})), [
    { type: 'transcript.text.delta', delta: 'One.' },
    { type: 'transcript.text.delta', delta: '  Two.' },
    { type: 'transcript.text.delta', delta: '\nThree.' },
    { type: 'transcript.text.done', text: TRANSCRIPT.text, usage: USAGE },
    '[DONE]',
  ]);
});

test('T8: log probabilities come with each piece and with the whole when they are asked for', async () => {
  const [first, second, , done] = parse(await stream({ include: ['logprobs'] }));
  const one = { token: 'One. ', logprob: -0.5, bytes: [79, 110, 101, 46, 32] };
  const two = { token: ' Two.\n', logprob: -0.5, bytes: [32, 84, 119, 111, 46, 10] };
  const three = { token: 'Three. ', logprob: -0.5, bytes: [84, 104, 114, 101, 101, 46, 32] };
  assert.deepEqual(first, { type: 'transcript.text.delta', delta: 'One.', logprobs: [one] });
  assert.deepEqual(second, { type: 'transcript.text.delta', delta: '  Two.', logprobs: [two] });
  assert.deepEqual(done, {
    type: 'transcript.text.done',
    text: TRANSCRIPT.text,
    logprobs: [one, two, three],
    usage: USAGE,
  });
});

test('T11: with speakers there are segments and no pieces', async () => {
  const [first, , , done, mark] = parse(await stream({ response_format: 'diarized_json' }));
  assert.deepEqual(first, {
    type: 'transcript.text.segment',
    text: ' One. ',
    speaker: 'A',
    start: 0,
    end: 1,
    id: 'seg_0',
  });
  assert.deepEqual(done, { type: 'transcript.text.done', text: TRANSCRIPT.text, usage: USAGE });
  assert.equal(mark, '[DONE]');
});

test('gpt-transcribe tells the languages at the end', async () => {
  const done = parse(await stream({ model: 'gpt-transcribe' })).at(-2);
  assert.deepEqual(done, {
    type: 'transcript.text.done',
    text: TRANSCRIPT.text,
    languages: [{ code: 'en' }],
    usage: USAGE,
  });
});

test('T13: a failure in the middle is an error event and the last', async () => {
  const failure = {
    error: { message: 'The ear broke.', type: 'server_error', param: null, code: 'engine_failed' },
  };
  const events = parse(await stream({}, heard(1)));
  assert.deepEqual(events, [{ type: 'transcript.text.delta', delta: 'One.' }, failure]);
});

test('a refusal that comes after the stream has begun is an error event', async () => {
  const refused = Promise.reject(new AppError('not_found', 'No such model.', { subject: 'model' }));
  const events = transcriptionEvents(refused, readTranscriptionBody({ model: 'x', stream: 'true' }));
  assert.deepEqual(parse(await Array.fromAsync(events)), [
    {
      error: {
        message: 'No such model.',
        type: 'invalid_request_error',
        param: null,
        code: 'model_not_found',
      },
    },
  ]);
});

test('nothing is said to a caller who hung up', async () => {
  const cancelled = Promise.reject(new AppError('cancelled', 'The caller hung up.'));
  const events = transcriptionEvents(cancelled, readTranscriptionBody({ model: 'x', stream: 'true' }));
  assert.deepEqual(await Array.fromAsync(events), []);
});
