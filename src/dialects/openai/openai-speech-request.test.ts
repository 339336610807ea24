import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpeechRequest } from '../../core/speech/speech.ts';
import { readSpeechBody, speechParameters, toSpeechRequest } from './openai-speech-request.ts';

const BODY = { model: 'tts-1', voice: 'alloy', input: 'Hi' };

function request(fields: Readonly<Record<string, unknown>> = {}): SpeechRequest {
  return toSpeechRequest(readSpeechBody({ ...BODY, ...fields }));
}

test('a plain request is MP3 at the natural speed, and asks for nothing else', () => {
  assert.deepEqual(request(), {
    model: 'tts-1',
    text: 'Hi',
    voice: { kind: 'id', id: 'alloy' },
    format: { id: 'mp3', sampleRate: 24_000, bitRate: 128_000 },
    delivery: 'stream',
    normalization: 'auto',
    alignment: false,
    joinable: false,
    asked: [],
    spelling: { text: 'input', voice: 'voice', model: 'model', format: 'response_format' },
  });
});

test('every optional parameter that was sent is passed on and remembered in the caller’s spelling', () => {
  const made = request({ speed: 1.5, instructions: 'Gently.', voice: { id: 'voice_1', more: 1 } });
  assert.deepEqual([made.speed, made.instructions], [1.5, 'Gently.']);
  assert.deepEqual(made.voice, { kind: 'id', id: 'voice_1' });
  assert.deepEqual(made.asked, [
    { setting: 'speed', parameter: 'speed', value: 1.5 },
    { setting: 'instructions', parameter: 'instructions', value: 'Gently.' },
  ]);
  assert.deepEqual(
    made.asked.map((one) => one.parameter),
    Object.keys(speechParameters),
  );
});

for (const nothing of [null, undefined, '']) {
  test(`instructions of ${JSON.stringify(nothing)} ask for nothing`, () => {
    const made = request({ instructions: nothing });
    assert.deepEqual([made.asked, 'instructions' in made], [[], false]);
  });
}

for (const [format, expected] of [
  ['opus', { id: 'opus', sampleRate: 24_000, bitRate: 56_000 }],
  ['aac', { id: 'aac', sampleRate: 24_000, bitRate: 64_000 }],
  ['flac', { id: 'flac', sampleRate: 24_000 }],
  ['wav', { id: 'wav', sampleRate: 24_000 }],
  ['pcm', { id: 'pcm', sampleRate: 24_000 }],
] as const) {
  test(`${format} has the vendor’s rates`, () => {
    assert.deepEqual(request({ response_format: format }).format, expected);
  });
}

for (const [fields, param, kind] of [
  [{ model: undefined }, 'model', 'missing'],
  [{ model: '' }, 'model', 'too_short'],
  [{ input: null }, 'input', 'wrong_type'],
  [{ input: 'a'.repeat(4_097) }, 'input', 'too_long'],
  [{ voice: 7 }, 'voice', 'malformed'],
  [{ voice: { id: 7 } }, 'voice', 'malformed'],
  [{ voice: '' }, 'voice', 'too_short'],
  [{ speed: '1' }, 'speed', 'wrong_type'],
  [{ speed: 0.2 }, 'speed', 'too_small'],
  [{ response_format: 'MP3' }, 'response_format', 'not_allowed_value'],
  [{ stream_format: true }, 'stream_format', 'not_allowed_value'],
] as const) {
  test(`${JSON.stringify(fields).slice(0, 40)} is refused as ${kind}`, () => {
    assert.throws(
      () => request(fields),
      (error: { param?: string; issues?: readonly { kind: string }[] }) =>
        error.param === param && error.issues?.[0]?.kind === kind,
    );
  });
}
