import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectSamples, concatSamples, rootMeanSquare } from './pcm.ts';
import type { PcmStream } from './pcm.ts';
import { resample } from './resample.ts';

function streamOf(
  samples: Float32Array,
  sampleRate: number,
  chunkLength = 2_048,
  channels: 1 | 2 = 1,
): PcmStream {
  async function* chunks(): AsyncGenerator<Float32Array> {
    for (let start = 0; start < samples.length; start += chunkLength) {
      yield samples.subarray(start, start + chunkLength);
    }
  }
  return { sampleRate, channels, chunks: chunks() };
}

function tone(sampleRate: number, hertz: number, frames = sampleRate): Float32Array {
  return Float32Array.from({ length: frames }, (_, index) =>
    Math.sin((2 * Math.PI * hertz * index) / sampleRate),
  );
}

const decibels = (ratio: number): number => 20 * Math.log10(ratio);

const PAIRS: readonly (readonly [number, number])[] = [
  [16_000, 24_000],
  [22_050, 44_100],
  [22_050, 24_000],
  [24_000, 22_050],
  [44_100, 48_000],
  [48_000, 44_100],
  [24_000, 8_000],
  [48_000, 8_000],
  [8_000, 48_000],
  [22_255, 24_000],
];

for (const [from, to] of PAIRS) {
  test(`keeps a tone in its place and at its level from ${from} to ${to} Hz`, async () => {
    const hertz = Math.min(from, to) * 0.3;
    const output = await collectSamples(resample(streamOf(tone(from, hertz), from), to).chunks);
    assert.equal(output.length, to);
    const expected = tone(to, hertz);
    const margin = Math.ceil(to * 0.02);
    const middle = output.map((sample, index) => sample - (expected[index] ?? 0)).subarray(margin, -margin);
    assert.ok(decibels(rootMeanSquare(middle)) < -85, `${decibels(rootMeanSquare(middle))} dB`);
  });
}

test('stops whatever the lower rate cannot carry by at least 80 dB', async () => {
  for (const [from, to] of [
    [48_000, 24_000],
    [44_100, 24_000],
    [24_000, 8_000],
  ] as const) {
    for (let hertz = to / 2; hertz < from / 2; hertz += (from - to) / 24) {
      const output = await collectSamples(resample(streamOf(tone(from, hertz, 8_000), from), to).chunks);
      const edge = Math.ceil(to * 0.02);
      const level = decibels(rootMeanSquare(output.subarray(edge, -edge)) / Math.SQRT1_2);
      assert.ok(level < -80, `${hertz} Hz from ${from} to ${to}: ${level} dB`);
    }
  }
});

test('lets no image of the sound through when the rate rises', async () => {
  // 5 kHz at 16 kHz has its image at 11 kHz, which 48 kHz could carry.
  const output = await collectSamples(resample(streamOf(tone(16_000, 5_000), 16_000), 48_000).chunks);
  const middle = output.subarray(2_400, -2_400);
  let real = 0;
  let imaginary = 0;
  middle.forEach((sample, index) => {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / middle.length);
    real += sample * window * Math.cos((2 * Math.PI * 11_000 * index) / 48_000);
    imaginary += sample * window * Math.sin((2 * Math.PI * 11_000 * index) / 48_000);
  });
  const image = decibels((Math.hypot(real, imaginary) * 4) / middle.length);
  assert.ok(image < -80, `${image} dB`);
});

test('passes everything up to 0.8 of the lower Nyquist frequency within 0.1 dB', async () => {
  for (const share of [0.01, 0.2, 0.5, 0.7, 0.8]) {
    const output = await collectSamples(
      resample(streamOf(tone(24_000, share * 8_000), 24_000), 16_000).chunks,
    );
    const level = decibels(rootMeanSquare(output.subarray(500, -500)) / Math.SQRT1_2);
    assert.ok(Math.abs(level) < 0.1, `${share}: ${level} dB`);
  }
});

test('gives round(n * to / from) frames for every short length', async () => {
  for (const [from, to] of PAIRS) {
    for (const frames of [0, 1, 2, 3, 5, 17, 63, 64, 65, 255, 1_001]) {
      const output = await collectSamples(resample(streamOf(tone(from, 100, frames), from), to).chunks);
      assert.equal(output.length, Math.round((frames * to) / from), `${frames} frames from ${from} to ${to}`);
    }
  }
});

test('gives the same bits however the input was chunked', async () => {
  const samples = tone(22_050, 440, 3_000);
  for (const to of [24_000, 44_100, 8_000]) {
    const whole = await collectSamples(resample(streamOf(samples, 22_050, samples.length), to).chunks);
    for (const chunkLength of [1, 17, 1_000]) {
      assert.deepEqual(
        await collectSamples(resample(streamOf(samples, 22_050, chunkLength), to).chunks),
        whole,
      );
    }
  }
});

test('keeps two channels apart', async () => {
  const left = tone(16_000, 440, 4_000);
  const interleaved = concatSamples([...left].map((sample) => Float32Array.of(sample, -sample / 2)));
  const output = await collectSamples(resample(streamOf(interleaved, 16_000, 2_000, 2), 24_000).chunks);
  const mono = await collectSamples(resample(streamOf(left, 16_000), 24_000).chunks);
  assert.equal(output.length, mono.length * 2);
  mono.forEach((sample, frame) => {
    assert.equal(output[2 * frame], sample);
    assert.ok(Math.abs((output[2 * frame + 1] ?? 1) + sample / 2) < 1e-6);
  });
});

test('returns the very same stream when the rates are equal', () => {
  const stream = streamOf(tone(16_000, 440), 16_000);
  assert.equal(resample(stream, 16_000), stream);
});

test('keeps a step at the very end audible', async () => {
  const samples = new Float32Array(1_600);
  samples[1_599] = 1;
  const output = await collectSamples(resample(streamOf(samples, 16_000), 48_000).chunks);
  assert.ok(Math.max(...output.subarray(-6)) > 0.8);
});
