import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import type { SpeechRequest } from '../../core/speech/speech.ts';
import { parseFields } from './elevenlabs-fields.ts';
import { speechParameters, toSpeechRequest } from './elevenlabs-speech-request.ts';
import { speechBody, speechQuery } from './elevenlabs-speech-schema.ts';

function map(body: Record<string, unknown>, query: Record<string, unknown> = {}): SpeechRequest {
  return toSpeechRequest({
    voiceId: 'v',
    body: parseFields('body', speechBody, { text: 'Hello', ...body }),
    query: parseFields('query', speechQuery, query),
    delivery: 'stream',
    alignment: false,
  });
}

function refusal(body: Record<string, unknown>, query: Record<string, unknown> = {}): AppError {
  try {
    map(body, query);
  } catch (error) {
    assert.ok(error instanceof AppError);
    return error;
  }
  throw new Error('was accepted');
}

test('a text alone is spoken by Multilingual v2 as MP3 of 44.1 kHz and 128 kbit/s', () => {
  assert.deepEqual(map({}), {
    model: 'eleven_multilingual_v2',
    text: 'Hello',
    voice: { kind: 'id', id: 'v' },
    format: { id: 'mp3', sampleRate: 44_100, bitRate: 128_000 },
    delivery: 'stream',
    alignment: false,
    normalization: 'auto',
    asked: [],
    spelling: { text: 'text', voice: 'voice_id', model: 'model_id', format: 'output_format' },
  });
});

const mapped: readonly [string, Record<string, unknown>, Record<string, unknown>, Partial<SpeechRequest>][] =
  [
    [
      'the model of the body',
      { model_id: 'eleven_v3' },
      { model_id: 'eleven_flash_v2' },
      { model: 'eleven_v3' },
    ],
    ['else the one of the query', {}, { model_id: 'eleven_flash_v2' }, { model: 'eleven_flash_v2' }],
    ['an empty model as none', { model_id: '' }, { model_id: '' }, { model: 'eleven_multilingual_v2' }],
    ['mu-law', {}, { output_format: 'ulaw_8000' }, { format: { id: 'mulaw', sampleRate: 8_000 } }],
    [
      'opus',
      {},
      { output_format: 'opus_48000_96' },
      { format: { id: 'opus', sampleRate: 48_000, bitRate: 96_000 } },
    ],
    ['the speed', { voice_settings: { speed: 1.2 } }, {}, { speed: 1.2 }],
    [
      'a number that is written as text',
      { seed: '7', voice_settings: { speed: '0.9' } },
      {},
      { seed: 7, speed: 0.9 },
    ],
    ['the highest seed', { seed: 4_294_967_295 }, {}, { seed: 4_294_967_295 }],
    ['the language', { language_code: 'de' }, {}, { language: 'de' }],
    ['normalisation when it is wanted', { apply_text_normalization: 'on' }, {}, { normalization: 'on' }],
    ['no normalisation under v2.5', { model_id: 'eleven_turbo_v2_5' }, {}, { normalization: 'off' }],
    [
      'normalisation under v2.5 when it is wanted',
      { model_id: 'eleven_flash_v2_5', apply_text_normalization: 'on' },
      {},
      { normalization: 'on' },
    ],
    [
      'no normalisation for the least latency',
      {},
      { optimize_streaming_latency: '4' },
      { normalization: 'off' },
    ],
    ['normalisation for less latency', {}, { optimize_streaming_latency: '3' }, { normalization: 'auto' }],
    [
      'the text around',
      { previous_text: 'a', next_text: 'b' },
      {},
      { surroundings: { before: 'a', after: 'b' } },
    ],
    [
      'the text around where an id is empty',
      { previous_text: 'a', previous_request_ids: [''] },
      {},
      { surroundings: { before: 'a' } },
    ],
  ];

for (const [what, body, query, wanted] of mapped) {
  test(`maps ${what}`, () => {
    const request = map(body, query);
    assert.deepEqual({ ...request, ...wanted }, request);
  });
}

test('the ids of earlier answers take the place of the text around', () => {
  const request = map({
    previous_text: 'a',
    previous_request_ids: ['x'],
    next_text: 'b',
    next_request_ids: ['y'],
  });
  assert.equal(request.surroundings, undefined);
  assert.deepEqual(
    request.asked.map((one) => one.parameter),
    ['previous_request_ids', 'next_request_ids'],
  );
});

test('every optional parameter is remembered under the spelling of the caller', () => {
  const { asked } = map(
    {
      language_code: 'en',
      voice_settings: { stability: 0, similarity_boost: 1, style: 0.5, use_speaker_boost: true, speed: 2 },
      seed: 0,
      previous_text: 'a',
      next_text: 'b',
      use_pvc_as_ivc: true,
      apply_text_normalization: 'auto',
      apply_language_text_normalization: true,
      audio_effects: { distance: 0.5 },
    },
    { optimize_streaming_latency: '1' },
  );
  const without = ['pronunciation_dictionary_locators', 'previous_request_ids', 'next_request_ids'];
  assert.deepEqual(
    asked.map((one) => one.parameter),
    Object.keys(speechParameters).filter((parameter) => !without.includes(parameter)),
  );
  const settings = Object.fromEntries(asked.map((one) => [one.parameter, one]));
  assert.deepEqual(settings['voice_settings.stability'], {
    setting: 'stability',
    parameter: 'voice_settings.stability',
    value: 0,
  });
  assert.equal(settings['seed']?.value, 0);
});

test('null, off and empty ask for nothing', () => {
  const { asked } = map(
    {
      language_code: '',
      voice_settings: { stability: null, speed: null, use_speaker_boost: false },
      seed: null,
      previous_text: null,
      previous_request_ids: [''],
      next_request_ids: [],
      pronunciation_dictionary_locators: [],
      use_pvc_as_ivc: false,
      apply_text_normalization: null,
      audio_effects: {},
    },
    { optimize_streaming_latency: '0', enable_logging: 'false' },
  );
  assert.deepEqual(asked, []);
  assert.deepEqual(map({ voice_settings: null }).asked, []);
});

test('an audio effect that is not here is named, and one channel cannot be panned', () => {
  const unknown = refusal({ audio_effects: { environment_id: 'cave' } });
  assert.equal(unknown.param, 'audio_effects.environment_id');
  assert.match(unknown.message, /cave/);
  const panned = refusal({ audio_effects: { pan: 0.5 } }, { output_format: 'pcm_16000' });
  assert.equal(panned.code, 'invalid_request');
  assert.equal(panned.param, 'audio_effects.pan');
  assert.equal(map({ audio_effects: { pan: 0.5 } }).asked.length, 1);
});
