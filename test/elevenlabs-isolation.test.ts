/** The voice taken out of a real recording with noise in it, through the routes and into the samples of the answer. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { stopCodecPool } from '../src/media/codec-pool.ts';
import { stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { rootMeanSquare } from '../src/media/pcm.ts';
import { decodeWhole, readTestFile, withoutTestData } from './decode-support.ts';
import { waveFile } from './sherpa-support.ts';
import { listening } from './support.ts';

after(async () => {
  await stopCodecPool();
  await stopDecodePool();
});

const SAMPLE_RATE = 16_000;
const FRAME = 400;

/** The same hiss each time, from a linear congruential generator. */
function hiss(length: number, level: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return level * (state / 2 ** 31 - 1);
  });
}

async function cleanSpeech(): Promise<Float32Array> {
  return (await decodeWhole(await readTestFile('en/jfk.wav'), { sampleRate: SAMPLE_RATE, mono: true }))
    .samples;
}

function mixed(one: Float32Array, other: Float32Array): Float32Array {
  return one.map((sample, index) => sample + (other[index] ?? 0));
}

function toWave(samples: Float32Array): Buffer {
  return waveFile(
    Int16Array.from(samples, (sample) => Math.max(-1, Math.min(1, sample)) * 32_767),
    SAMPLE_RATE,
  );
}

interface Levels {
  readonly pauses: number;
  readonly speech: number;
}

/** Levels in decibels where the clean recording is quietest and where it is loudest. */
function levelsOf(samples: Float32Array, clean: Float32Array): Levels {
  const frames = Array.from({ length: Math.floor(clean.length / FRAME) }, (_, index) => index).toSorted(
    (a, b) => levelAt(clean, a) - levelAt(clean, b),
  );
  const share = Math.floor(frames.length / 8);
  const mean = (some: readonly number[]) =>
    20 *
    Math.log10(Math.hypot(...some.map((frame) => levelAt(samples, frame))) / Math.sqrt(some.length) + 1e-9);
  // The detector needs a moment to know the noise.
  const known = frames.filter((frame) => frame * FRAME > SAMPLE_RATE);
  return { pauses: mean(known.slice(0, share)), speech: mean(known.slice(-share)) };
}

function levelAt(samples: Float32Array, frame: number): number {
  return rootMeanSquare(samples.subarray(frame * FRAME, (frame + 1) * FRAME));
}

async function isolate(origin: string, path: string, fields: Readonly<Record<string, Blob | string>>) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, value, 'recording.wav');
  }
  return fetch(`${origin}${path}`, { method: 'POST', body: form });
}

test(
  'noise falls by more than 12 dB, speech keeps its level and its place',
  { skip: withoutTestData },
  async () => {
    const clean = await cleanSpeech();
    const noisy = mixed(clean, hiss(clean.length, 0.03));
    await listening({}, async ({ origin }) => {
      const audio = new Blob([Uint8Array.from(toWave(noisy))]);
      const response = await isolate(origin, '/elevenlabs/v1/audio-isolation', { audio });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), 'audio/mpeg');
      assert.equal(response.headers.get('x-antiphon-model'), 'rnnoise/rnnoise');
      const bytes = new Uint8Array(await response.arrayBuffer());
      const { samples } = await decodeWhole(bytes, { sampleRate: SAMPLE_RATE, mono: true });
      assert.ok(Math.abs(samples.length - clean.length) < 0.1 * SAMPLE_RATE, String(samples.length));
      const [before, now] = [levelsOf(noisy, clean), levelsOf(samples, clean)];
      assert.ok(before.pauses - now.pauses > 12, `pauses: ${before.pauses} dB, then ${now.pauses} dB`);
      assert.ok(
        Math.abs(before.speech - now.speech) < 3,
        `speech: ${before.speech} dB, then ${now.speech} dB`,
      );
    });
  },
);

test(
  'raw samples are read as what the form says they are, and the stream is the same sound',
  { skip: withoutTestData },
  async () => {
    const clean = (await cleanSpeech()).subarray(0, 3 * SAMPLE_RATE);
    const wave = toWave(clean);
    await listening({}, async ({ origin }) => {
      const whole = await isolate(origin, '/v1/audio-isolation', {
        audio: new Blob([Uint8Array.from(wave)]),
      });
      const raw = await isolate(origin, '/v1/audio-isolation/stream', {
        audio: new Blob([Uint8Array.from(wave.subarray(44))]),
        file_format: 'pcm_s16le_16',
      });
      assert.equal(raw.status, 200);
      assert.deepEqual(await raw.arrayBuffer(), await whole.arrayBuffer());
    });
  },
);

test('what is no recording is refused in the vendor’s words, and none is kept', async () => {
  await listening({}, async ({ origin }) => {
    const missing = await isolate(origin, '/v1/audio-isolation', { file_format: 'other' });
    assert.equal(missing.status, 422);
    const noise = await isolate(origin, '/v1/audio-isolation', { audio: new Blob(['this is no sound']) });
    assert.ok(noise.status >= 400 && noise.status < 500, String(noise.status));
    const history = await fetch(`${origin}/v1/audio-isolation/history?page_size=5`);
    assert.deepEqual(await history.json(), { items: [], has_more: false });
    const gone = await fetch(`${origin}/v1/audio-isolation/history/abc`, { method: 'DELETE' });
    assert.equal(gone.status, 404);
  });
});
