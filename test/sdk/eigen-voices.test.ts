import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { stopDecodePool } from '../../src/media/decoders/decode-pool.ts';
import { measurePitch } from '../../src/media/pitch.ts';
import { burstRecording, bursts, silence } from '../burst-recording.ts';
import { decodeWav } from '../contracts/decode-audio.ts';
import { withHouse } from '../eigen-house.ts';
import { toneEngine } from '../tone-engine.ts';

after(stopDecodePool);

const UPLOAD = '/api/v1/generate/upload';
const GENERATE = '/api/v1/generate';
const MODELS = ['higgs2p5', 'chatterbox', 'qwen3-tts'];
const TEXT = 'Good evening, dear listeners.';
/** Between the two voices of the tone engine, and nearer to the lower one. */
const HERTZ = 250;
const RECORDING = burstRecording({ bursts: bursts(3, HERTZ) });

interface Upload {
  readonly url?: string;
  readonly key?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly file?: Uint8Array | null;
}

async function upload(
  app: FastifyInstance,
  { url = UPLOAD, key, fields = {}, file = RECORDING }: Upload = {},
) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file) form.append('voice_reference_file', new Blob([Uint8Array.from(file)]), 'me.wav');
  const encoded = new Response(form);
  const headers = {
    'content-type': encoded.headers.get('content-type') ?? '',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };
  return app.inject({ method: 'POST', url, headers, payload: Buffer.from(await encoded.arrayBuffer()) });
}

function idIn(response: LightMyRequestResponse): string {
  assert.equal(response.statusCode, 200, response.body);
  const body: { voice_id: string } = response.json();
  assert.deepEqual(Object.keys(body), ['voice_id']);
  return body.voice_id;
}

function speak(app: FastifyInstance, fields: Readonly<Record<string, unknown>>, key?: string) {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  return app.inject({ method: 'POST', url: GENERATE, headers, payload: { text: TEXT, ...fields } });
}

async function assertSounds(response: LightMyRequestResponse, hertz: number): Promise<void> {
  assert.equal(response.statusCode, 200, response.body.slice(0, 300));
  const { samples } = await decodeWav(response.rawPayload, { sampleRate: 24_000, channels: 1 });
  const { pitchHertz = 0 } = measurePitch(samples ?? new Float32Array(0), 24_000) ?? {};
  assert.ok(Math.abs(pitchHertz - hertz) < 0.02 * hertz, `${pitchHertz} Hz instead of ${hertz} Hz`);
}

function assertRefused(response: LightMyRequestResponse, status: number, naming: string): void {
  assert.equal(response.statusCode, status, response.body.slice(0, 300));
  const body: { detail: string; error: string } = response.json();
  assert.equal(body.error, body.detail);
  assert.ok(body.detail.includes(naming), body.detail);
}

for (const model of ['higgs2p5', 'chatterbox', 'qwen3-tts']) {
  test(`R2 model: a recording uploaded for ${model} is a voice of 32 hexadecimal digits, for every model`, () =>
    withHouse(async ({ app }) => {
      const voice = idIn(await upload(app, { fields: { model } }));
      assert.match(voice, /^[0-9a-f]{32}$/);
      for (const other of MODELS) {
        const spoken = await speak(app, { model: other, voice_id: voice });
        await assertSounds(spoken, HERTZ);
        const [warning] = JSON.parse(String(spoken.headers['x-antiphon-warnings']));
        assert.deepEqual([warning.type, warning.setting], ['adjusted', 'voice_id']);
        assert.match(warning.to, /^the nearest that is here: tone\/low, 2\.\d semitones higher$/);
        assert.equal(spoken.headers['x-antiphon-stand-in'], 'true');
      }
    }));
}

test('R2: a model that takes on voices gets the recording itself', () =>
  withHouse(
    async ({ app }) => {
      const voice = idIn(await upload(app, { fields: { model: 'higgs2p5' } }));
      const spoken = await speak(app, { model: 'higgs2p5', voice_id: voice });
      assert.equal(spoken.statusCode, 200);
      assert.equal(spoken.headers['x-antiphon-voice'], 'clone/sample');
      assert.equal(spoken.headers['x-antiphon-warnings'], undefined);
      const [asked] = cloning.asked;
      assert.equal(asked?.voice, 'clone/sample');
      const audio = asked?.sample?.audio;
      assert.ok(audio?.kind === 'bytes');
      assert.equal(Buffer.from(audio.bytes).toString('latin1', 0, 4), 'fLaC');
    },
    { engines: [toneEngine(), cloningEngine()] },
  ));

const cloning = toneEngine({ id: 'clone' });

function cloningEngine() {
  const { speech } = cloning;
  assert.ok(speech);
  const [voice] = speech.voices;
  assert.ok(voice);
  return {
    ...cloning,
    speech: {
      ...speech,
      settings: { ...speech.settings, voice_sample: 'any' as const },
      findSampleVoice: () => ({ ...voice, id: 'clone/sample', origin: 'cloned' as const }),
    },
  };
}

test('R2 voice_name: is kept, and found again in any case, before a well-known voice of that name', () =>
  withHouse(async ({ app }) => {
    idIn(await upload(app, { fields: { model: 'higgs2p5', voice_name: 'Linda' } }));
    await assertSounds(await speak(app, { model: 'higgs2p5', voice_name: 'LINDA' }), HERTZ);
    const known = await speak(app, { model: 'higgs2p5', voice: 'Linda' });
    assert.equal(known.headers['x-antiphon-voice'], 'tone/high');
    idIn(await upload(app, { fields: { model: 'higgs2p5', voice_name: 'Mia' } }));
    await assertSounds(await speak(app, { model: 'qwen3-tts', voice: 'mia' }), HERTZ);
    assertRefused(await speak(app, { model: 'higgs2p5', voice_name: 'Nobody' }), 400, 'voice_name');
  }));

test('R2 model: absent, unknown or without a voice is a 400 that names it', () =>
  withHouse(async ({ app }) => {
    assertRefused(await upload(app), 400, 'model');
    for (const model of ['higgs9', 'whisper_v3_turbo', 'eigen-image', 'tts-1']) {
      assertRefused(await upload(app, { fields: { model } }), 400, model);
    }
  }));

test('R2 voice_reference_file: absent, empty, silent, too short or no audio is a 400 that names it', () =>
  withHouse(async ({ app }) => {
    const fields = { model: 'higgs2p5' };
    for (const file of [
      null,
      new Uint8Array(0),
      silence(2),
      burstRecording({ bursts: bursts(1) }),
      Buffer.from('%PDF-1.7 not a voice'),
    ]) {
      assertRefused(await upload(app, { fields, file }), 400, 'voice_reference_file');
    }
    const asText = { model: 'higgs2p5', voice_reference_file: 'RIFF' };
    assertRefused(await upload(app, { fields: asText, file: null }), 400, 'voice_reference_file');
    const json = await app.inject({ method: 'POST', url: UPLOAD, payload: asText });
    assertRefused(json, 415, 'multipart/form-data');
    const large = Buffer.alloc(25 * 1024 * 1024 + 1);
    assertRefused(await upload(app, { fields, file: large }), 413, 'voice_reference_file');
  }));

test('R2 voice_reference_file: of more than 30 s the best are kept, and that is said', () =>
  withHouse(async ({ app }) => {
    const long = burstRecording({ bursts: bursts(60, HERTZ) });
    const kept = await upload(app, { fields: { model: 'higgs2p5' }, file: long });
    idIn(kept);
    assert.deepEqual(JSON.parse(String(kept.headers['x-antiphon-warnings'])), [
      {
        type: 'adjusted',
        setting: 'voice_reference_file',
        from: 'a recording of more than 30 s',
        to: 'its best 30 s',
      },
    ]);
    const strict = await upload(app, { fields: { model: 'higgs2p5', strict: 'true' }, file: long });
    assertRefused(strict, 400, 'voice_reference_file');
  }));

test('R2: a voice belongs to its key: with another one it is as unknown as any', () =>
  withHouse(
    async ({ app }) => {
      const fields = { model: 'higgs2p5', voice_name: 'Mia' };
      const voice = idIn(await upload(app, { fields, key: 'ann' }));
      await assertSounds(await speak(app, { model: 'higgs2p5', voice_id: voice }, 'ann'), HERTZ);
      const others = await speak(app, { model: 'higgs2p5', voice_id: voice }, 'bob');
      const unknown = await speak(app, { model: 'higgs2p5', voice_id: 'f'.repeat(32) }, 'bob');
      assertRefused(others, 400, 'voice_id');
      assert.equal(others.body.replaceAll(voice, '?'), unknown.body.replaceAll('f'.repeat(32), '?'));
      assertRefused(await speak(app, { model: 'higgs2p5', voice_name: 'Mia' }, 'bob'), 400, 'voice_name');
      const listed = async (key: string) => {
        const headers = { authorization: `Bearer ${key}` };
        const answer = await app.inject({ url: '/antiphon/v1/voices', headers });
        return answer.json().added.map(({ id }: { readonly id: string }) => id);
      };
      assert.deepEqual([await listed('ann'), await listed('bob')], [[voice], []]);
      assertRefused(await upload(app, { fields, key: 'eve' }), 401, 'key');
    },
    { keys: ['ann', 'bob'] },
  ));

test('R2: a voice is spoken in the language of the text, and in one that it was not asked for', () =>
  withHouse(async ({ app, engine }) => {
    const voice = idIn(await upload(app, { fields: { model: 'qwen3-tts' } }));
    await assertSounds(await speak(app, { model: 'qwen3-tts', voice_id: voice, language: 'German' }), HERTZ);
    assert.equal(engine.asked.at(-1)?.language, 'de');
    const faster = await speak(app, { model: 'higgs2p5', voice_id: voice, voice_settings: { speed: 2 } });
    assert.equal(faster.statusCode, 200);
    assert.equal(engine.asked.at(-1)?.speed, 2);
  }));

test('L2: POST /api/higgs2p5/upload_voice keeps a voice without a field model', () =>
  withHouse(async ({ app }) => {
    const url = '/api/higgs2p5/upload_voice';
    const voice = idIn(await upload(app, { url }));
    await assertSounds(await speak(app, { model: 'higgs2p5', voice_id: voice }), HERTZ);
    assert.equal(idIn(await upload(app, { url, fields: { model: 'nonsense' } })).length, 32);
    assertRefused(await upload(app, { url: '/api/higgs9/upload_voice' }), 400, 'higgs9');
    assertRefused(await upload(app, { url, file: null }), 400, 'voice_reference_file');
    const elsewhere = idIn(await upload(app, { url: `/eigen${url}` }));
    await assertSounds(await speak(app, { model: 'chatterbox', voice_id: elsewhere }), HERTZ);
  }));
