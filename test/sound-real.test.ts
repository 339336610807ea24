/** Sounds and music of the engine that needs no weights, as the vendors' callers get them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { Core } from '../src/core/core.ts';
import type { Engine } from '../src/core/engine.ts';
import { engineEntries } from '../src/engines/index.ts';
import { rootMeanSquare } from '../src/media/pcm.ts';
import {
  decodeMp3,
  decodeMulaw,
  decodeOpus,
  decodePcm,
  decodeWav,
  type DecodeAudio,
} from './contracts/decode-audio.ts';
import { testApp } from './support.ts';

const entry = engineEntries.find(({ id }) => id === 'procedural');
const skip = entry ? false : 'this build has no procedural engine';

let engine: Engine | undefined;
let house: { readonly app: FastifyInstance; readonly core: Core } | undefined;

before(async () => {
  const created = await (await entry?.load())?.create({ workers: 2 });
  if (!created || 'unavailable' in created) return;
  engine = created;
  house = await testApp({ engines: [engine] });
  await house.app.ready();
});

after(async () => {
  await house?.app.close();
  await engine?.stop?.();
});

async function post(url: string, payload: object): Promise<Buffer> {
  assert.ok(house);
  const reply = await house.app.inject({ method: 'POST', url, payload });
  assert.equal(reply.statusCode < 300, true, reply.body.slice(0, 300));
  assert.equal(reply.headers['x-antiphon-stand-in'], 'true');
  return reply.rawPayload;
}

interface Heard {
  readonly seconds: number;
  readonly level: number;
  readonly peak: number;
}

async function hear(bytes: Uint8Array, decode: DecodeAudio, sampleRate: number): Promise<Heard> {
  const sound = await decode(bytes, { sampleRate, channels: 1 });
  const samples = sound.samples ?? new Float32Array(0);
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  return {
    seconds: (sound.frames - sound.delayFrames) / sound.sampleRate,
    level: rootMeanSquare(samples),
    peak,
  };
}

const FORMATS = [
  ['mp3_44100_128', decodeMp3, 44_100, 0.06],
  ['opus_48000_64', decodeOpus, 48_000, 0.06],
  ['pcm_44100', decodePcm, 44_100, 0],
  ['ulaw_8000', decodeMulaw, 8000, 0],
] as const;

test(
  'rain is as long as asked in every kind of format, and about as loud in all of them',
  { skip },
  async () => {
    const levels: number[] = [];
    for (const [format, decode, rate, slack] of FORMATS) {
      const body = { text: 'heavy rain on a roof', duration_seconds: 2 };
      const bytes = await post(`/v1/sound-generation?output_format=${format}`, body);
      const { seconds, level, peak } = await hear(bytes, decode, rate);
      assert.ok(Math.abs(seconds - 2) <= slack, `${format}: ${seconds} s`);
      assert.ok(level > 0.01 && peak <= 1.05, `${format}: level ${level}, peak ${peak}`);
      levels.push(level);
    }
    // Phones hear up to 4 kHz only, and rain is mostly above that.
    assert.ok(Math.max(...levels.slice(0, 3)) / Math.min(...levels.slice(0, 3)) < 2, levels.join(' '));
  },
);

test('a waltz is laid out, played after its plan and as long as asked', { skip }, async () => {
  const body = { prompt: 'a calm piano waltz', music_length_ms: 6000, model_id: 'music_v2' };
  const plan: unknown = JSON.parse((await post('/v1/music/plan', body)).toString());
  const url = '/v1/music?output_format=pcm_22050';
  const bytes = await post(url, { composition_plan: plan, model_id: 'music_v2', seed: 3 });
  const { seconds, level, peak } = await hear(bytes, decodePcm, 22_050);
  assert.equal(seconds, 6);
  assert.ok(level > 0.02 && peak <= 1, `level ${level}, peak ${peak}`);
  assert.ok(bytes.equals(await post(url, { composition_plan: plan, model_id: 'music_v2', seed: 3 })));
});

test('a generation through AI/ML API ends with a stereo WAV that sounds', { skip }, async () => {
  assert.ok(house);
  const body = { model: 'stable-audio', prompt: 'distant thunder', seconds_total: 3, seed: 7 };
  const reply = await post('/v2/generate/audio', body);
  const { id } = JSON.parse(reply.toString());
  const [jobId = ''] = String(id).split(':');
  for await (const job of house.core.jobs.watch(jobId, 'anonymous', AbortSignal.timeout(60_000))) void job;
  const polled = (await house.app.inject(`/v2/generate/audio?generation_id=${id}`)).json();
  assert.equal(polled.status, 'completed', JSON.stringify(polled));
  const { pathname, search } = new URL(polled.audio_file.url);
  const wav = (await house.app.inject(`${pathname}${search}`)).rawPayload;
  const { seconds, level } = await hear(wav, decodeWav, 44_100);
  assert.equal(seconds, 3);
  assert.ok(level > 0.005, `level ${level}`);
});
