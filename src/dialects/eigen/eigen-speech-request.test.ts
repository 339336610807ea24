import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import type { FormFile } from '../parse-form.ts';
import { EIGEN_SPEECH_PARAMETERS } from './eigen-speech-models.ts';
import { toSpeechTask, type SpeechTask } from './eigen-speech-request.ts';

const KNOWN_VOICES = ['Linda', 'Jack', 'Vivian', 'Serena', 'alloy'];
const WAV = Uint8Array.from(Buffer.from('RIFF\x04\0\0\0WAVE', 'latin1'));

function task(model: string, fields: Record<string, unknown>, files: readonly FormFile[] = []): SpeechTask {
  return toSpeechTask({ model, body: { fields, files }, voices: knownIn(fields) });
}

function knownIn(fields: Record<string, unknown>): Map<string, string> {
  const named = Object.entries(fields).map(([field, value]): [string, string] => [field, String(value)]);
  return new Map(named.filter(([, name]) => KNOWN_VOICES.includes(name)));
}

function file(field: string, bytes: Uint8Array = WAV, filename = 'me.wav'): FormFile {
  return { field, filename, mediaType: 'audio/wav', media: { kind: 'bytes', bytes }, head: bytes };
}

function refusal(make: () => unknown): AppError {
  try {
    make();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('It was accepted.');
}

test('fills in what the vendor documents as defaults', () => {
  const expected = { higgs2p5: 'Linda', 'qwen3-tts': 'Vivian' };
  for (const [model, voice] of Object.entries(expected)) {
    const { request, events, warnings } = task(model, { text: 'Hi' });
    assert.deepEqual(request.voice, { kind: 'id', id: voice });
    assert.deepEqual(request.format, { id: 'wav', sampleRate: 24_000 });
    assert.deepEqual(
      [request.delivery, events, request.language, request.asked, warnings],
      ['whole', false, undefined, [], []],
    );
  }
  const { request } = task('chatterbox', { text: 'Hi' });
  assert.deepEqual([request.voice, request.language], [{ kind: 'default' }, 'en']);
});

const everything: Record<string, { fields: Record<string, unknown>; asked: Record<string, unknown> }> = {
  higgs2p5: {
    fields: {
      text: 'Hi',
      voice_settings: { speed: '1.5' },
      sampling: '{"temperature":0.7,"top_p":"0.9","top_k":40}',
    },
    asked: {
      'voice_settings.speed': 1.5,
      'sampling.temperature': 0.7,
      'sampling.top_p': 0.9,
      'sampling.top_k': 40,
    },
  },
  chatterbox: {
    fields: {
      text: 'Hi',
      language_id: 'DE',
      preset_url: 'https://example.com/me.mp3',
      exaggeration: '1.5',
      temperature: '.9',
      diffusion_steps: '8',
      max_tokens: '2000',
      top_p: '1',
      min_p: '5e-2',
      repetition_penalty: '1.3',
      seed: '-42',
    },
    asked: {
      language_id: 'de',
      preset_url: 'https://example.com/me.mp3',
      exaggeration: 1.5,
      temperature: 0.9,
      diffusion_steps: 8,
      max_tokens: 2000,
      top_p: 1,
      min_p: 0.05,
      repetition_penalty: 1.3,
      seed: -42,
    },
  },
  'qwen3-tts': {
    fields: {
      text: 'Hi',
      voice_url: 'http://example.com/me.mp3',
      voice_settings: '{"speed":0.8}',
      language: 'French',
      instructions: 'softly',
    },
    asked: {
      'voice_settings.speed': 0.8,
      voice_url: 'http://example.com/me.mp3',
      language: 'fr',
      instructions: 'softly',
    },
  },
};

for (const [model, { fields, asked }] of Object.entries(everything)) {
  test(`notes every parameter of ${model} that was sent, as text or as it is`, () => {
    const { request } = task(model, fields);
    assert.deepEqual(Object.fromEntries(request.asked.map((one) => [one.parameter, one.value])), asked);
    for (const one of request.asked) assert.equal(EIGEN_SPEECH_PARAMETERS[one.parameter], one.setting);
  });
}

test('every published parameter belongs to a model and reaches the request', () => {
  const files = ['voice_reference_file', 'audio_prompt_file'];
  const reached = new Set([
    ...Object.values(everything).flatMap(({ asked }) => Object.keys(asked)),
    ...files,
  ]);
  assert.deepEqual([...reached].sort(), Object.keys(EIGEN_SPEECH_PARAMETERS).sort());
});

test('carries speed, seed, language and instructions to the engine', () => {
  const higgs = task('higgs2p5', everything['higgs2p5']!.fields).request;
  const box = task('chatterbox', everything['chatterbox']!.fields).request;
  const qwen = task('qwen3-tts', everything['qwen3-tts']!.fields).request;
  assert.deepEqual(
    [higgs.speed, box.seed, box.language, qwen.language, qwen.instructions],
    [1.5, -42, 'de', 'fr', 'softly'],
  );
});

test('takes null, and what a form sends for an unset seed, as absent', () => {
  const nothing = { voice_id: null, exaggeration: null, seed: 'null', language_id: null, stream: null };
  const { request, events } = task('chatterbox', { text: 'Hi', ...nothing });
  assert.deepEqual([request.asked, request.language, events], [[], 'en', false]);
});

test('reads booleans in every usual spelling', () => {
  for (const yes of [true, 'true', 'True', '1', 1])
    assert.equal(task('higgs2p5', { text: 'Hi', stream: yes }).events, true);
  for (const no of [false, 'false', 'False', '0', 0])
    assert.equal(task('higgs2p5', { text: 'Hi', stream: no }).events, false);
});

test('leaves the language to the text when it is Auto, whatever the case of a name', () => {
  assert.equal(task('qwen3-tts', { text: 'Hi', language: 'Auto' }).request.language, undefined);
  assert.deepEqual(task('qwen3-tts', { text: 'Hi', language: 'Auto' }).request.asked, []);
  assert.equal(task('qwen3-tts', { text: 'Hi', language: 'japanese' }).request.language, 'ja');
});

test('prefers voice sources in the documented order and says which were sent in vain', () => {
  const fields = {
    text: 'Hi',
    voice_id: 'Jack',
    voice_url: 'https://example.com/a.wav',
    voice_name: 'alloy',
    voice: 'Linda',
  };
  const order = ['voice_reference_file', 'voice_id', 'voice_url', 'voice_name', 'voice'];
  const byFile = task('higgs2p5', fields, [file('voice_reference_file')]);
  assert.equal(byFile.request.voice.kind, 'sample');
  assert.deepEqual(
    byFile.warnings.map((warning) => warning.setting),
    order.slice(1),
  );
  const byId = task('higgs2p5', fields);
  assert.deepEqual(
    [byId.request.voice, byId.request.spelling.voice],
    [{ kind: 'id', id: 'Jack' }, 'voice_id'],
  );
  const byUrl = task('higgs2p5', { ...fields, voice_id: null });
  assert.deepEqual(byUrl.request.voice, {
    kind: 'sample',
    audio: { kind: 'url', url: 'https://example.com/a.wav' },
  });
  const byName = task('higgs2p5', { ...fields, voice_id: null, voice_url: null });
  assert.deepEqual(byName.request.voice, { kind: 'id', id: 'alloy' });
  const box = task('chatterbox', { text: 'Hi', voice_id: 'Jack' }, [file('audio_prompt_file')]);
  assert.equal(box.request.voice.kind, 'sample');
  const qwen = task('qwen3-tts', { text: 'Hi', voice_id: 'Jack', voice_url: 'https://example.com/a.wav' });
  assert.deepEqual(qwen.request.voice, { kind: 'id', id: 'Jack' });
});

test('asks for a voice sample where one was handed in', () => {
  const { request } = task('higgs2p5', { text: 'Hi' }, [file('voice_reference_file')]);
  assert.deepEqual(request.asked, [
    { setting: 'voice_sample', parameter: 'voice_reference_file', value: 'me.wav' },
  ]);
  assert.deepEqual(request.voice, {
    kind: 'sample',
    audio: { kind: 'bytes', bytes: WAV, filename: 'me.wav' },
  });
});

test('streams PCM whatever the format and says so', () => {
  const streamed = task('qwen3-tts', { text: 'Hi', stream: true, response_format: 'mp3' });
  assert.deepEqual([streamed.request.format.id, streamed.request.delivery], ['pcm', 'stream']);
  assert.deepEqual(
    streamed.warnings.map((warning) => warning.setting),
    ['response_format'],
  );
  assert.deepEqual(task('qwen3-tts', { text: 'Hi', stream: true, response_format: 'pcm' }).warnings, []);
  assert.deepEqual(task('qwen3-tts', { text: 'Hi', response_format: 'opus' }).warnings, []);
  const deaf = task('higgs2p5', { text: 'Hi', response_format: 'mp3' });
  assert.equal(deaf.request.format.id, 'wav');
  assert.deepEqual(
    deaf.warnings.map((warning) => warning.setting),
    ['response_format'],
  );
});

const refused: readonly [model: string, fields: Record<string, unknown>, param: string][] = [
  ['higgs2p5', {}, 'text'],
  ['higgs2p5', { text: 7 }, 'text'],
  ['higgs2p5', { text: 'Hi', voice: 'Nobody' }, 'voice'],
  ['higgs2p5', { text: 'Hi', voice: '' }, 'voice'],
  ['higgs2p5', { text: 'Hi', voice_id: 'Nobody' }, 'voice_id'],
  ['higgs2p5', { text: 'Hi', voice_name: 'Nobody' }, 'voice_name'],
  ['higgs2p5', { text: 'Hi', voice_url: 'file:///etc/passwd' }, 'voice_url'],
  ['higgs2p5', { text: 'Hi', voice_url: 'me.wav' }, 'voice_url'],
  ['higgs2p5', { text: 'Hi', voice_reference_file: 'text' }, 'voice_reference_file'],
  ['higgs2p5', { text: 'Hi', voice_settings: '{"speed":' }, 'voice_settings'],
  ['higgs2p5', { text: 'Hi', voice_settings: '1.2' }, 'voice_settings'],
  ['higgs2p5', { text: 'Hi', voice_settings: { speed: 'fast' } }, 'voice_settings.speed'],
  ['higgs2p5', { text: 'Hi', sampling: '[1]' }, 'sampling'],
  ['higgs2p5', { text: 'Hi', stream: 'yes please' }, 'stream'],
  ['chatterbox', { text: 'Hi', language_id: 'xx' }, 'language_id'],
  ['chatterbox', { text: 'Hi', exaggeration: -0.1 }, 'exaggeration'],
  ['chatterbox', { text: 'Hi', temperature: 'hot' }, 'temperature'],
  ['chatterbox', { text: 'Hi', temperature: Number.POSITIVE_INFINITY }, 'temperature'],
  ['chatterbox', { text: 'Hi', max_tokens: 1.5 }, 'max_tokens'],
  ['chatterbox', { text: 'Hi', seed: '4.5' }, 'seed'],
  ['chatterbox', { text: 'Hi', preset_url: 'ftp://example.com/a.wav' }, 'preset_url'],
  ['chatterbox', { text: 'Hi', audio_prompt_file: 'text' }, 'audio_prompt_file'],
  ['qwen3-tts', { text: 'Hi', voice: 'Vivian', voice_id: 'Jack' }, 'voice'],
  ['qwen3-tts', { text: 'Hi', voice: 'Vivian', voice_url: 'https://example.com/a.wav' }, 'voice'],
  ['qwen3-tts', { text: 'Hi', language: 'Klingon' }, 'language'],
  ['qwen3-tts', { text: 'Hi', response_format: 'ogg' }, 'response_format'],
];

for (const [model, fields, param] of refused) {
  test(`refuses ${model} with ${JSON.stringify(fields)} and names ${param}`, () => {
    const error = refusal(() => task(model, fields));
    assert.deepEqual([error.code, error.param], ['invalid_request', param]);
    assert.ok(error.message.startsWith(param), error.message);
  });
}

test('refuses a voice sample that is empty, nameless or no audio', () => {
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  for (const wrong of [
    file('voice_reference_file', new Uint8Array(0)),
    file('voice_reference_file', png),
    file('voice_reference_file', WAV, ''),
  ]) {
    const error = refusal(() => task('higgs2p5', { text: 'Hi' }, [wrong]));
    assert.deepEqual([error.code, error.param], ['invalid_request', 'voice_reference_file']);
  }
});

test('gives a name that is an engine model of its own the parameters of higgs2p5, without its default voice', () => {
  const { request } = task('someone/else', { text: 'Hi', voice_settings: { speed: 2 } });
  assert.deepEqual([request.model, request.speed, request.voice], ['someone/else', 2, { kind: 'default' }]);
});
