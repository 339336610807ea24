import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toChannels } from './channel-mix.ts';
import { collectSamples, type PcmStream } from './pcm.ts';
import { fitLength } from './sound-length.ts';
import { outlineOf } from './sound-outline.ts';

/** A steady sound in chunks of an odd size, and how many frames of it were asked for. */
function steady(
  frames: number,
  channels: 1 | 2 = 1,
): { readonly pcm: PcmStream; readonly made: () => number } {
  let made = 0;
  async function* chunks() {
    for (; made < frames;) {
      const length = Math.min(77, frames - made);
      made += length;
      yield new Float32Array(length * channels).fill(0.5);
    }
  }
  return { pcm: { sampleRate: 1000, channels, chunks: chunks() }, made: () => made };
}

test('a sound that has its length already keeps every sample', async () => {
  const samples = await collectSamples(fitLength(steady(500).pcm, { frames: 500, seamless: false }).chunks);
  assert.deepEqual([samples.length, samples.every((sample) => sample === 0.5)], [500, true]);
});

test('a longer sound is cut to the frame, becomes silent within 5 ms, and is not made any further', async () => {
  const { pcm, made } = steady(100_000, 2);
  const samples = await collectSamples(fitLength(pcm, { frames: 333, seamless: false }).chunks);
  assert.equal(samples.length, 666);
  assert.ok(samples.subarray(0, 2 * 328).every((sample) => sample === 0.5));
  const end = samples.subarray(2 * 328).filter((_, index) => index % 2 === 0);
  assert.deepEqual(
    [...end].map((sample) => Math.round(sample * 10)),
    [4, 3, 2, 1, 0],
  );
  assert.ok(made() < 500, `${made()} frames were made`);
});

test('a sound that leads into its beginning is cut without becoming silent', async () => {
  const samples = await collectSamples(fitLength(steady(400).pcm, { frames: 300, seamless: true }).chunks);
  assert.deepEqual([samples.length, samples.every((sample) => sample === 0.5)], [300, true]);
});

test('a shorter sound is followed by silence, without a click between them', async () => {
  const samples = await collectSamples(fitLength(steady(200).pcm, { frames: 5000, seamless: false }).chunks);
  assert.equal(samples.length, 5000);
  const steps = samples.subarray(1).map((sample, index) => Math.abs(sample - (samples[index] ?? 0)));
  assert.ok(steps.every((step) => step < 0.11));
  assert.ok(samples.subarray(200).every((sample) => sample === 0));
  const nothing = await collectSamples(fitLength(steady(0).pcm, { frames: 3, seamless: false }).chunks);
  assert.deepEqual([...nothing], [0, 0, 0]);
});

test('the outline has four values a second, each the farthest sample with its sign, both channels as one', async () => {
  async function* chunks() {
    yield Float32Array.of(0.2, 0.4, -0.9, -0.7);
    yield Float32Array.of(0.1, 0.1, 0.5, 0.7, 0, 0, 0, -0.2);
  }
  const { pcm, outline } = outlineOf({ sampleRate: 8, channels: 2, chunks: chunks() });
  await collectSamples(pcm.chunks);
  assert.deepEqual(
    outline().map((value) => Math.round(value * 1000) / 1000),
    [-0.8, 0.6, -0.1],
  );
});

test('one channel is heard on both sides, and two become their mean', async () => {
  async function* one() {
    yield Float32Array.of(0.5, -0.5);
  }
  const both = toChannels({ sampleRate: 8000, channels: 1, chunks: one() }, 2);
  assert.deepEqual([both.channels, [...(await collectSamples(both.chunks))]], [2, [0.5, 0.5, -0.5, -0.5]]);
  async function* two() {
    yield Float32Array.of(0.5, -0.5, 1, 0);
  }
  const mean = toChannels({ sampleRate: 8000, channels: 2, chunks: two() }, 1);
  assert.deepEqual([mean.channels, [...(await collectSamples(mean.chunks))]], [1, [0, 0.5]]);
});
