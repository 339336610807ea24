import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { decodeWhole, readTestFile, withoutTestData } from '../../test/decode-support.ts';
import { suppressNoise } from './noise-suppression.ts';
import { stopDecodePool } from './decoders/decode-pool.ts';
import { collectSamples, rootMeanSquare } from './pcm.ts';
import { measureInWorker, shapeInWorker, stopReferencePool } from './reference-pool.ts';
import { REFERENCE_RATE, shapeReference } from './reference-sound.ts';

after(() => Promise.all([stopDecodePool(), stopReferencePool()]));

const caller = { owner: 'test', signal: new AbortController().signal };

/** A steady tone with silence before and after it. */
function tone(silentSeconds: number, soundingSeconds: number, level = 0.3): Float32Array<ArrayBuffer> {
  const sampleRate = REFERENCE_RATE;
  const samples = new Float32Array(Math.round((2 * silentSeconds + soundingSeconds) * sampleRate));
  for (let index = 0; index < soundingSeconds * sampleRate; index += 1) {
    samples[Math.round(silentSeconds * sampleRate) + index] =
      level * Math.sin((2 * Math.PI * 200 * index) / sampleRate);
  }
  return samples;
}

function raw(samples: Float32Array<ArrayBuffer>, denoise = false) {
  return { samples, sampleRate: REFERENCE_RATE, denoise, maxSeconds: 30 };
}

test('a sound without any voice is cut out of its silence all the same', async () => {
  const shaped = await shapeReference(raw(tone(2, 3)));
  assert.ok(shaped.kind === 'sound');
  assert.ok(Math.abs(shaped.samples.length / REFERENCE_RATE - 3.24) < 0.1);
  assert.ok(Math.abs((shaped.measure?.pitchHertz ?? 0) - 200) < 1);
});

test('what no ear would hear is silence', async () => {
  assert.deepEqual(await shapeReference(raw(tone(1, 1, 0.0005))), { kind: 'silence' });
  assert.deepEqual(await shapeReference(raw(new Float32Array(REFERENCE_RATE))), { kind: 'silence' });
  assert.deepEqual(await shapeReference(raw(new Float32Array(0))), { kind: 'silence' });
});

test('no more is kept than asked for, and it begins and ends without a click', async () => {
  const shaped = await shapeReference({ ...raw(tone(0, 6)), maxSeconds: 2 });
  assert.ok(shaped.kind === 'sound');
  assert.ok(shaped.samples.length <= 2 * REFERENCE_RATE && shaped.samples.length > 1.9 * REFERENCE_RATE);
  assert.equal(shaped.samples[0], 0);
  assert.equal(Math.abs(shaped.samples.at(-1) ?? 1), 0);
});

test('a thread does the same, and its caller may leave', async () => {
  const here = await shapeReference(raw(tone(1, 2)));
  assert.deepEqual(await shapeInWorker(raw(tone(1, 2)), caller), here);
  const measure = await measureInWorker(tone(0, 1), REFERENCE_RATE, caller);
  assert.ok(Math.abs((measure?.pitchHertz ?? 0) - 200) < 1);
  const leaving = new AbortController();
  const left = shapeInWorker(raw(tone(1, 20)), { owner: 'test', signal: leaving.signal });
  leaving.abort();
  await assert.rejects(left, { code: 'cancelled' });
  assert.deepEqual(await shapeInWorker(raw(tone(1, 2)), caller), here);
});

test(
  'noise is taken away from speech, which stays where it was and as loud',
  { skip: withoutTestData },
  async () => {
    const { samples } = await decodeWhole(await readTestFile('en/leopard_en.wav'), {
      sampleRate: 48_000,
      mono: true,
    });
    let state = 1;
    const noisy = samples.map((sample) => {
      state = (state * 16_807) % 2_147_483_647;
      return sample + ((state / 2_147_483_647) * 2 - 1) * 0.03;
    });
    const clean = await collectSamples(
      suppressNoise({ sampleRate: 48_000, channels: 1, chunks: inUnevenPieces(noisy) }).chunks,
    );
    assert.equal(clean.length, samples.length);
    assert.ok(floorOf(clean) < floorOf(noisy) / 4, `${floorOf(noisy)} became ${floorOf(clean)}`);
    const kept = rootMeanSquare(clean) / rootMeanSquare(samples);
    assert.ok(kept > 0.8 && kept < 1.1, `${kept} of the level`);
  },
);

/** The level of the quietest tenth of all stretches of 20 ms. */
function floorOf(samples: Float32Array): number {
  const levels = Array.from({ length: Math.floor(samples.length / 960) }, (_, frame) =>
    rootMeanSquare(samples.subarray(frame * 960, (frame + 1) * 960)),
  );
  return levels.sort((a, b) => a - b)[Math.floor(levels.length / 10)] ?? 0;
}

async function* inUnevenPieces(samples: Float32Array): AsyncGenerator<Float32Array> {
  for (let start = 0, length = 1; start < samples.length; start += length, length = (length * 7) % 4001) {
    yield samples.subarray(start, start + length);
  }
}
