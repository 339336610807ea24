/**
 * One voice library behind every dialect: what one of them adds, all of them speak with, every one that can delete
 * deletes, and nobody meets with another key.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { measurePitch, semitonesBetween } from '../src/media/pitch.ts';
import { burstRecording, bursts } from './burst-recording.ts';
import { decodeWhole } from './decode-support.ts';
import { filePart, rawForm, textPart, type RawPart } from './raw-form.ts';
import { testApp } from './support.ts';

const TEXT = 'Good evening, dear listeners.';
const [MINE, THEIRS] = ['mine', 'theirs'];
/** How far a voice may be from the recording that it was made of. */
const SEMITONES = 0.5;

let app: FastifyInstance;
before(async () => {
  ({ app } = await testApp({ keys: [MINE, THEIRS] }));
});
after(async () => {
  await app.close();
  await stopDecodePool();
});

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly payload?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

function call(key: string, { method, url, payload, headers }: Call): Promise<LightMyRequestResponse> {
  return app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${key}`, 'xi-api-key': key, ...headers },
    ...(payload ? { payload } : {}),
  });
}

async function callWithForm(
  key: string,
  url: string,
  parts: readonly RawPart[],
): Promise<Record<string, string>> {
  const reply = await call(key, { method: 'POST', url, ...rawForm(parts) });
  assert.equal(reply.statusCode, 200, `${url}: ${reply.body}`);
  return reply.json();
}

function recording(field: string, hertz: number): RawPart {
  const [headers, body] = filePart(burstRecording({ bursts: bursts(4, hertz) }), 'voice.wav');
  return [headers.map((line) => line.replace('name="file"', `name="${field}"`)), body];
}

type Dialect = 'elevenlabs' | 'openai' | 'eigen';
const DIALECTS: readonly Dialect[] = ['elevenlabs', 'openai', 'eigen'];

/** What each dialect's way to add a voice gives as its id. */
const ADDED: Readonly<Record<Dialect, (key: string, hertz: number) => Promise<string | undefined>>> = {
  elevenlabs: async (key, hertz) => {
    const parts = [textPart('name', `Voice of ${hertz} Hz`), recording('files', hertz)];
    return (await callWithForm(key, '/v1/voices/add', parts))['voice_id'];
  },
  openai: async (key, hertz) => {
    const consent = await callWithForm(key, '/openai/v1/audio/voice_consents', [
      textPart('name', 'Somebody'),
      textPart('language', 'en'),
      recording('recording', hertz),
    ]);
    const parts = [
      textPart('name', `Voice of ${hertz} Hz`),
      textPart('consent', consent['id'] ?? ''),
      recording('audio_sample', hertz),
    ];
    return (await callWithForm(key, '/openai/v1/audio/voices', parts))['id'];
  },
  eigen: async (key, hertz) => {
    const parts = [
      textPart('model', 'chatterbox'),
      textPart('voice_name', `Voice of ${hertz} Hz`),
      recording('voice_reference_file', hertz),
    ];
    return (await callWithForm(key, '/api/v1/generate/upload', parts))['voice_id'];
  },
};

/** Speech in each dialect, and the status of a voice that is not there. */
const SPOKEN: Readonly<
  Record<Dialect, { readonly speech: (voice: string) => Call; readonly missing: number }>
> = {
  elevenlabs: {
    speech: (voice) => ({
      method: 'POST',
      url: `/v1/text-to-speech/${voice}?output_format=wav_24000`,
      payload: { text: TEXT },
    }),
    missing: 404,
  },
  openai: {
    speech: (voice) => ({
      method: 'POST',
      url: '/openai/v1/audio/speech',
      payload: { model: 'tts-1', voice: { id: voice }, input: TEXT, response_format: 'wav' },
    }),
    missing: 400,
  },
  eigen: {
    speech: (voice) => ({
      method: 'POST',
      url: '/api/v1/generate',
      payload: { model: 'higgs2p5', voice_id: voice, text: TEXT },
    }),
    missing: 400,
  },
};

const DELETED: Readonly<Partial<Record<Dialect, (voice: string) => Call>>> = {
  elevenlabs: (voice) => ({ method: 'DELETE', url: `/v1/voices/${voice}` }),
  openai: (voice) => ({ method: 'DELETE', url: `/openai/v1/audio/voices/${voice}` }),
};

const LISTS = [
  '/v1/voices',
  '/v2/voices?page_size=100&voice_type=non-default',
  '/openai/v1/audio/voices',
  '/antiphon/v1/voices',
];

async function pitchOf(key: string, dialect: Dialect, voice: string): Promise<number> {
  const reply = await call(key, SPOKEN[dialect].speech(voice));
  assert.equal(reply.statusCode, 200, `${dialect}: ${reply.rawPayload.subarray(0, 300).toString()}`);
  const { audio, samples } = await decodeWhole(reply.rawPayload);
  return measurePitch(samples, audio.pcm.sampleRate)?.pitchHertz ?? 0;
}

/** What a key sees of a voice: the dialects that speak with it, and the lists that name it. */
async function traces(key: string, voice: string): Promise<string[]> {
  const found: string[] = [];
  for (const dialect of DIALECTS) {
    const { statusCode } = await call(key, SPOKEN[dialect].speech(voice));
    if (statusCode !== SPOKEN[dialect].missing) found.push(`${dialect} answers ${statusCode}`);
  }
  for (const url of LISTS) {
    const reply = await call(key, { method: 'GET', url });
    assert.equal(reply.statusCode, 200);
    if (reply.body.includes(voice)) found.push(url);
  }
  return found;
}

const HERTZ: Readonly<Record<Dialect, number>> = { elevenlabs: 165, openai: 205, eigen: 290 };

for (const creator of DIALECTS) {
  for (const [deleter, deletion] of Object.entries(DELETED)) {
    test(`a voice from ${creator} is spoken with by all dialects, deleted by ${deleter}, and its owner’s alone`, async () => {
      const hertz = HERTZ[creator];
      const voice = await ADDED[creator](MINE, hertz);
      assert.ok(voice);
      for (const dialect of DIALECTS) {
        const pitch = await pitchOf(MINE, dialect, voice);
        const error = Math.abs(semitonesBetween(hertz, pitch));
        assert.ok(error < SEMITONES, `${dialect} speaks at ${pitch} Hz, not at ${hertz} Hz`);
      }
      assert.deepEqual((await traces(MINE, voice)).slice(3), LISTS);
      assert.deepEqual(await traces(THEIRS, voice), []);
      assert.equal((await call(THEIRS, deletion(voice))).statusCode, 404);
      assert.equal((await call(MINE, deletion(voice))).statusCode, 200);
      assert.equal((await call(MINE, deletion(voice))).statusCode, 404);
      assert.deepEqual(await traces(MINE, voice), []);
    });
  }
}
