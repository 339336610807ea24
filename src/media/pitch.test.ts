import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measurePitch, semitonesBetween, trackPitch } from './pitch.ts';

/** A voice-like tone: harmonics that fall off, its frequency given at each moment. */
function voice(seconds: number, sampleRate: number, hertzAt: (seconds: number) => number): Float32Array {
  let phase = 0;
  return Float32Array.from({ length: Math.round(seconds * sampleRate) }, (_, index) => {
    phase += (2 * Math.PI * hertzAt(index / sampleRate)) / sampleRate;
    return 0.3 * (Math.sin(phase) + 0.6 * Math.sin(2 * phase) + 0.4 * Math.sin(3 * phase));
  });
}

function noise(seconds: number, sampleRate: number, level: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length: Math.round(seconds * sampleRate) }, () => {
    state = (state * 16_807) % 2_147_483_647;
    return level * ((state / 2_147_483_647) * 2 - 1);
  });
}

for (const sampleRate of [8000, 16_000, 22_050, 48_000]) {
  test(`finds steady voices from deep to high at ${sampleRate} Hz`, () => {
    for (const hertz of [70, 110, 200, 330, 500]) {
      const measure = measurePitch(
        voice(1, sampleRate, () => hertz),
        sampleRate,
      );
      const error = Math.abs(semitonesBetween(hertz, measure?.pitchHertz ?? 1));
      assert.ok(error < 0.25, `${hertz} Hz was taken for ${measure?.pitchHertz}`);
      assert.ok((measure?.pitchRangeSemitones ?? 9) < 0.5);
    }
  });
}

test('measures how far a voice moves', () => {
  const glide = voice(2, 16_000, (seconds) => 100 * 2 ** (seconds / 2));
  const measure = measurePitch(glide, 16_000);
  assert.ok(Math.abs((measure?.pitchHertz ?? 0) - 141.4) < 4);
  assert.ok(Math.abs((measure?.pitchRangeSemitones ?? 0) - 9.6) < 0.5);
});

test('hears no voice in silence, in noise, and in next to nothing', () => {
  assert.equal(measurePitch(new Float32Array(16_000), 16_000), undefined);
  assert.equal(measurePitch(noise(1, 16_000, 0.5), 16_000), undefined);
  assert.equal(measurePitch(new Float32Array(0), 16_000), undefined);
  assert.equal(
    measurePitch(
      voice(0.05, 16_000, () => 200),
      16_000,
    ),
    undefined,
  );
});

test('says when the voice was there', () => {
  const samples = new Float32Array(32_000);
  samples.set(
    voice(0.5, 16_000, () => 150),
    16_000,
  );
  const points = trackPitch(samples, 16_000);
  assert.ok((points[0]?.seconds ?? 0) > 0.97);
  assert.ok((points.at(-1)?.seconds ?? 9) < 1.53);
});

test('keeps the voice in a little noise', () => {
  const spoken = voice(1, 16_000, () => 180);
  const noisy = noise(1, 16_000, 0.03).map((value, index) => value + (spoken[index] ?? 0));
  assert.ok(Math.abs((measurePitch(noisy, 16_000)?.pitchHertz ?? 0) - 180) < 3);
});
