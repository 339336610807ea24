import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../base/errors.ts';
import { collectSamples, concatSamples, rootMeanSquare } from './pcm.ts';
import type { PcmStream } from './pcm.ts';
import { changeTempo } from './tempo.ts';

const RATE = 24_000;

function tone(seconds: number, hertz: number): Float32Array {
  return Float32Array.from(
    { length: Math.round(seconds * RATE) },
    (_, index) => 0.5 * Math.sin((2 * Math.PI * hertz * index) / RATE),
  );
}

function streamOf(samples: Float32Array, chunkLength = 4_800, channels: 1 | 2 = 1): PcmStream {
  async function* chunks(): AsyncGenerator<Float32Array> {
    for (let start = 0; start < samples.length; start += chunkLength) {
      yield samples.subarray(start, start + chunkLength);
    }
  }
  return { sampleRate: RATE, channels, chunks: chunks() };
}

/** The frequency by rising zero crossings over the middle of the sound. */
function pitchOf(samples: Float32Array): number {
  const middle = samples.subarray(Math.floor(samples.length * 0.1), Math.floor(samples.length * 0.9));
  const crossings: number[] = [];
  for (let index = 1; index < middle.length; index += 1) {
    const before = middle[index - 1] ?? 0;
    const after = middle[index] ?? 0;
    if (before < 0 && after >= 0) crossings.push(index - after / (after - before));
  }
  const span = (crossings.at(-1) ?? 0) - (crossings[0] ?? 0);
  return ((crossings.length - 1) * RATE) / span;
}

for (const tempo of [0.25, 0.5, 0.8, 1.25, 2, 4]) {
  test(`plays at tempo ${tempo} for the right time at the same pitch and level`, async () => {
    const output = await collectSamples(
      changeTempo(streamOf(tone(2, 220)), { tempo, pitchSemitones: 0 }).chunks,
    );
    assert.ok(Math.abs(output.length / RATE - 2 / tempo) < 0.02, `${output.length / RATE} s`);
    assert.ok(Math.abs(pitchOf(output) / 220 - 1) < 0.01, `${pitchOf(output)} Hz`);
    assert.ok(Math.abs(rootMeanSquare(output) / 0.3536 - 1) < 0.1, `${rootMeanSquare(output)}`);
  });
}

for (const tempo of [0.1, 10]) {
  test(`keeps the length at the extreme tempo ${tempo}`, async () => {
    const output = await collectSamples(
      changeTempo(streamOf(tone(1.5, 220)), { tempo, pitchSemitones: 0 }).chunks,
    );
    assert.ok(output.length <= (1.5 / tempo) * RATE, `${output.length / RATE} s`);
    assert.ok(1.5 / tempo - output.length / RATE < 0.02, `${output.length / RATE} s`);
  });
}

test('raises the pitch by semitones without changing the length', async () => {
  const change = { tempo: 1, pitchSemitones: 7 };
  const output = await collectSamples(changeTempo(streamOf(tone(2, 220)), change).chunks);
  assert.ok(Math.abs(output.length / RATE - 2) < 0.02);
  assert.ok(Math.abs(pitchOf(output) / (220 * 2 ** (7 / 12)) - 1) < 0.01, `${pitchOf(output)} Hz`);
});

for (const sampleRate of [16_000, 22_050, 24_000]) {
  test(`shifts speech-like sound at ${sampleRate} Hz by any interval`, async () => {
    const seconds = 3;
    let noise = 12_345;
    const samples = Float32Array.from({ length: seconds * sampleRate }, (_, index) => {
      noise = (noise * 1_103_515_245 + 12_345) & 0x7fff_ffff;
      const time = index / sampleRate;
      const swell = 1 + Math.sin(2 * Math.PI * 3 * time);
      return 0.2 * swell * Math.sin(2 * Math.PI * 110 * time) + 0.05 * (noise / 0x4000_0000 - 1);
    });
    for (let pitchSemitones = -6; pitchSemitones <= 6; pitchSemitones += 0.5) {
      const stream = { ...streamOf(samples), sampleRate };
      const output = await collectSamples(changeTempo(stream, { tempo: 1, pitchSemitones }).chunks);
      const missing = samples.length - output.length;
      assert.ok(missing >= 0 && missing <= 0.03 * sampleRate, `${pitchSemitones}: ${missing} frames short`);
    }
  });
}

test('returns the very same stream when nothing changes', () => {
  const stream = streamOf(tone(0.1, 220));
  assert.equal(changeTempo(stream, { tempo: 1, pitchSemitones: 0 }), stream);
});

test('gives the same samples however the input was chunked', async () => {
  const samples = tone(0.7, 180);
  const change = { tempo: 1.3, pitchSemitones: 1 };
  const whole = await collectSamples(changeTempo(streamOf(samples, samples.length), change).chunks);
  for (const chunkLength of [1, 17, 4_000]) {
    assert.deepEqual(await collectSamples(changeTempo(streamOf(samples, chunkLength), change).chunks), whole);
  }
});

test('keeps two channels apart', async () => {
  const left = tone(1, 220);
  const stereo = concatSamples([...left].map((sample) => Float32Array.of(sample, 0)));
  const output = await collectSamples(
    changeTempo(streamOf(stereo, 4_800, 2), { tempo: 2, pitchSemitones: 0 }).chunks,
  );
  assert.ok(Math.abs(output.length / 2 / RATE - 0.5) < 0.02);
  assert.equal(rootMeanSquare(output.filter((_, index) => index % 2 === 1)), 0);
  assert.ok(rootMeanSquare(output.filter((_, index) => index % 2 === 0)) > 0.3);
});

test('gives nothing for nothing and survives a single sample', async () => {
  const change = { tempo: 2, pitchSemitones: 0 };
  assert.equal((await collectSamples(changeTempo(streamOf(new Float32Array(0)), change).chunks)).length, 0);
  assert.ok((await collectSamples(changeTempo(streamOf(Float32Array.of(0.5)), change).chunks)).length <= 480);
});

test('closes its source when it is abandoned', async () => {
  let closed = false;
  async function* chunks(): AsyncGenerator<Float32Array> {
    try {
      for (;;) yield tone(0.1, 220);
    } finally {
      closed = true;
    }
  }
  const endless: PcmStream = { sampleRate: RATE, channels: 1, chunks: chunks() };
  for await (const chunk of changeTempo(endless, { tempo: 0.5, pitchSemitones: 0 }).chunks) {
    assert.ok(chunk.length > 0);
    break;
  }
  assert.ok(closed);
});

test('names the limit when the tempo or pitch is out of range', () => {
  const stream = streamOf(tone(0.1, 220));
  for (const tempo of [0, 0.09, 10.1, Number.NaN]) {
    assert.throws(
      () => changeTempo(stream, { tempo, pitchSemitones: 0 }),
      (error) =>
        error instanceof AppError && error.code === 'invalid_request' && /0\.1 and 10/.test(error.message),
    );
  }
  assert.throws(() => changeTempo(stream, { tempo: 1, pitchSemitones: 25 }), /-24 and 24/);
});
