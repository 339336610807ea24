/** What each dialect says about the language of a recording when the model does not tell it. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { burstRecording, bursts, silence } from './burst-recording.ts';
import { hearingEngine, type HearingEngineOptions } from './hearing-engine.ts';
import { testApp } from './support.ts';

const RECORDING = burstRecording({ bursts: bursts(8) });
const GERMAN = ' Ich habe heute nicht sehr viel Zeit, aber wir können morgen über das alles sprechen.';

after(() => stopDecodePool());

const saying = (text: string): HearingEngineOptions => ({
  says: [{ startSeconds: 0, endSeconds: 4, text }],
});

type Fields = Readonly<Record<string, string>>;

async function answerTo(
  app: FastifyInstance,
  url: string,
  { fields, recording = RECORDING }: { readonly fields: Fields; readonly recording?: Uint8Array },
) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([Uint8Array.from(recording)]), 'talk.wav');
  const encoded = new Response(form);
  const headers = { 'content-type': encoded.headers.get('content-type') ?? '' };
  const payload = Buffer.from(await encoded.arrayBuffer());
  const response = await app.inject({ method: 'POST', url, headers, payload });
  assert.equal(response.statusCode, 200, response.body);
  return response;
}

/** Everything that every dialect says about the language. */
async function languagesTold(app: FastifyInstance, recording: Uint8Array, language?: string) {
  const named = (field: string): Fields => (language === undefined ? {} : { [field]: language });
  const verbose = { model: 'whisper-1', response_format: 'verbose_json', ...named('language') };
  const openai = await answerTo(app, '/v1/audio/transcriptions', { fields: verbose, recording });
  const transcribe = { model: 'gpt-transcribe', ...named('language') };
  const newest = await answerTo(app, '/v1/audio/transcriptions', { fields: transcribe, recording });
  const streamed = await answerTo(app, '/v1/audio/transcriptions', {
    fields: { ...transcribe, stream: 'true' },
    recording,
  });
  const done = /data: (\{"type":"transcript\.text\.done".*\})/.exec(streamed.body)?.[1] ?? '{}';
  const formats = [{ format: 'segmented_json' }, { format: 'html' }];
  const scribe = {
    model_id: 'scribe_v2',
    additional_formats: JSON.stringify(formats),
    ...named('language_code'),
  };
  const elevenlabs = (await answerTo(app, '/v1/speech-to-text', { fields: scribe, recording })).json();
  const [segmented, page] = elevenlabs.additional_formats;
  const eigen = await answerTo(app, '/api/v1/generate', {
    fields: { model: 'higgs_asr_3', ...named('language') },
    recording,
  });
  return {
    openai: openai.json().language,
    list: newest.json().languages,
    streamed: JSON.parse(done).languages,
    elevenlabs: [elevenlabs.language_code, elevenlabs.language_probability],
    segmented: JSON.parse(segmented.content).language_code,
    page: /<html lang="(.*?)">/.exec(page.content)?.[1],
    eigen: eigen.json().language,
  };
}

async function withEar(options: HearingEngineOptions, use: (app: FastifyInstance) => Promise<void>) {
  const { app } = await testApp({ engines: [hearingEngine(options)] });
  try {
    await use(app);
  } finally {
    await app.close();
  }
}

const UNKNOWN = {
  openai: 'unknown',
  list: [],
  streamed: [],
  elevenlabs: ['und', 0],
  segmented: 'und',
  page: '',
  eigen: null,
};

function known(name: string, code: string, [threeLetters, probability]: readonly [string, number]) {
  return {
    openai: name,
    list: [{ code }],
    streamed: [{ code }],
    elevenlabs: [threeLetters, probability],
    segmented: threeLetters,
    page: code,
    eigen: code,
  };
}

test('nobody spoke, so no language is made up', () =>
  withEar({}, async (app) => {
    assert.deepEqual(await languagesTold(app, silence(1)), UNKNOWN);
  }));

test('a model that tells no language, and words that could be of several: unknown', () =>
  withEar(saying(' Paris, Berlin, Madrid.'), async (app) => {
    assert.deepEqual(await languagesTold(app, RECORDING), UNKNOWN);
  }));

test('a model that tells no language, and words that leave no doubt: theirs, at half the certainty', () =>
  withEar(saying(GERMAN), async (app) => {
    assert.deepEqual(await languagesTold(app, RECORDING), known('german', 'de', ['deu', 0.5]));
  }));

test('a language that the caller named is certain, whatever the words look like', () =>
  withEar(saying(GERMAN), async (app) => {
    // The list of languages that the newest model gives is empty where nobody spoke, whatever the caller named.
    assert.deepEqual(await languagesTold(app, RECORDING, 'nl'), known('dutch', 'nl', ['nld', 1]));
    assert.deepEqual(await languagesTold(app, silence(1), 'nl'), {
      ...known('dutch', 'nl', ['nld', 1]),
      list: [],
      streamed: [],
    });
  }));

test('a model that tells the language is believed', () =>
  withEar({}, async (app) => {
    assert.deepEqual(await languagesTold(app, RECORDING), known('english', 'en', ['eng', 0.97]));
  }));

test('a translation is English, whatever is known about the language before it', () =>
  withEar(saying(' Paris, Berlin, Madrid.'), async (app) => {
    const fields = { model: 'whisper-1', response_format: 'verbose_json' };
    const openai = await answerTo(app, '/v1/audio/translations', { fields });
    assert.equal(openai.json().language, 'english');
    const eigen = await answerTo(app, '/api/v1/generate', { fields: { model: 'higgs_asr_3', task: 'ast' } });
    assert.equal(eigen.json().language, 'en');
  }));
