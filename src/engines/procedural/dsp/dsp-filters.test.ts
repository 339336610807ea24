import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Biquad, StateVariableFilter } from './dsp-filters.ts';
import { Limiter, LIMITER_DELAY, TruePeak } from './dsp-limiter.ts';
import { LoudnessMeter } from './dsp-loudness.ts';
import { Drift, Noise } from './dsp-noise.ts';
import { Oscillator } from './dsp-oscillators.ts';
import { Random } from './dsp-random.ts';
import { Reverb, ROOMS } from './dsp-reverb.ts';
import { QUANTUM, SAMPLE_RATE, stereoBlock } from '../sound-source.ts';

function sine(hertz: number, frame: number): number {
  return Math.sin((2 * Math.PI * hertz * frame) / SAMPLE_RATE);
}

/** Level of a filter's answer to a sine, once it has settled. */
function answer(tick: (sample: number) => number, hertz: number): number {
  let most = 0;
  for (let frame = 0; frame < 20_000; frame += 1) {
    const out = tick(sine(hertz, frame));
    if (frame > 10_000) most = Math.max(most, Math.abs(out));
  }
  return most;
}

test('a meter of loudness says what the recommendation says of its own test tone', () => {
  // 997 Hz at 0 dB full scale in one channel is -3.01 LUFS (ITU-R BS.1770-5); both channels at -20 dB are -20.
  const one = new LoudnessMeter();
  const both = new LoudnessMeter();
  for (let frame = 0; frame < 3 * SAMPLE_RATE; frame += 1) {
    one.push(Float32Array.of(sine(997, frame), 0));
    both.push(Float32Array.of(0.1 * sine(997, frame), 0.1 * sine(997, frame)));
  }
  assert(Math.abs(one.loudness() + 3.01) < 0.05, `${one.loudness()}`);
  assert(Math.abs(both.loudness() + 20) < 0.05, `${both.loudness()}`);
  assert.equal(new LoudnessMeter().loudness(), -Infinity);
});

test('silence between sounds does not count for their loudness', () => {
  const meter = new LoudnessMeter();
  for (let frame = 0; frame < 2 * SAMPLE_RATE; frame += 1)
    meter.push(Float32Array.of(0.1 * sine(997, frame), 0.1 * sine(997, frame)));
  const before = meter.loudness();
  meter.push(new Float32Array(20 * SAMPLE_RATE));
  assert(Math.abs(meter.loudness() - before) < 0.6);
});

test('a limiter keeps peaks between samples below its ceiling, and what is quiet as it was', () => {
  const limiter = new Limiter(0.5);
  const meter = new TruePeak();
  const quiet: number[] = [];
  let most = 0;
  for (let start = 0; start < 3 * SAMPLE_RATE; start += QUANTUM) {
    const block = stereoBlock();
    for (let index = 0; index < QUANTUM; index += 1) {
      const frame = start + index;
      // A quarter of the sample rate, between whose samples the peak is 3 dB higher; loud only in the middle.
      const level = frame > SAMPLE_RATE && frame < 2 * SAMPLE_RATE ? 1.4 : 0.3;
      block.left[index] = level * Math.sin((Math.PI / 2) * frame + Math.PI / 4);
    }
    limiter.process(block);
    for (let index = 0; index < QUANTUM; index += 1) {
      most = Math.max(most, meter.tick(block.left[index]!));
      if (start + index < SAMPLE_RATE / 2 && start + index >= LIMITER_DELAY)
        quiet.push(Math.abs(block.left[index]!));
    }
  }
  assert(most <= 0.505, `${most}`);
  assert(quiet.every((sample) => Math.abs(sample - 0.3 * Math.SQRT1_2) < 1e-6));
});

test('filters pass what they are named after', () => {
  const low = () => new Biquad({ kind: 'lowpass', hertz: 1000 });
  const [pass, stop] = [low(), low()];
  assert(Math.abs(answer((sample) => pass.tick(sample), 50) - 1) < 0.02);
  assert(answer((sample) => stop.tick(sample), 10_000) < 0.02);
  const band = new StateVariableFilter(2000, 8);
  assert(Math.abs(answer((sample) => (band.tick(sample), band.band), 2000) - 1) < 0.03);
});

test('a stream of random numbers comes again, and another name or seed is another stream', () => {
  const take = (random: Random) => Array.from({ length: 50 }, () => random.bits());
  assert.deepEqual(take(new Random(5, 'rain')), take(new Random(5, 'rain')));
  assert.notDeepEqual(take(new Random(5, 'rain')), take(new Random(5, 'wind')));
  assert.notDeepEqual(take(new Random(5)), take(new Random(5 + 2 ** 32)));
  const read = new Random(5, 'rain');
  read.bits();
  assert.deepEqual(take(read.fork('drop')), take(new Random(5, 'rain').fork('drop')));
  const mean =
    Array.from({ length: 20_000 }, () => read.unit()).reduce((sum, value) => sum + value, 0) / 20_000;
  assert(Math.abs(mean - 0.5) < 0.01);
});

test('noises are equally strong whatever their colour, and a drift has no corners', () => {
  for (const colour of ['white', 'pink', 'brown'] as const) {
    const noise = new Noise(new Random(1, colour), colour);
    const power =
      Array.from({ length: 200_000 }, () => noise.tick() ** 2).reduce((sum, value) => sum + value, 0) /
      200_000;
    assert(Math.abs(Math.sqrt(power) - 0.3) < 0.06, `${colour}: ${Math.sqrt(power)}`);
  }
  const drift = new Drift(new Random(1), 2);
  const values = Array.from({ length: 5000 }, (_, index) => drift.at(index / 1000 - 1));
  for (const [index, value] of values.entries())
    assert(Math.abs(value - (values[index - 1] ?? value)) < 0.01);
});

test('a saw has no overtone that folds back', () => {
  const wave = new Oscillator('saw');
  const samples = Float64Array.from({ length: SAMPLE_RATE }, () => wave.tick(3001));
  const level = (hertz: number) => {
    let [real, imaginary] = [0, 0];
    for (const [frame, sample] of samples.entries()) {
      real += sample * Math.cos((2 * Math.PI * hertz * frame) / SAMPLE_RATE);
      imaginary += sample * Math.sin((2 * Math.PI * hertz * frame) / SAMPLE_RATE);
    }
    return Math.hypot(real, imaginary);
  };
  // The eighth harmonic, 24,008 Hz, would be heard at 20,092 Hz, the twelfth at 8,088 Hz.
  assert(level(8088) < 0.01 * level(3001), `${level(8088) / level(3001)}`);
});

test('a room falls by 60 dB in about the time that it is given', () => {
  const reverb = new Reverb({ ...ROOMS.hall, dampingHertz: 20_000, decaySeconds: 1.5 });
  const energy: number[] = [];
  for (let quantum = 0; quantum < 1000; quantum += 1) {
    const block = stereoBlock();
    if (quantum === 0) block.left[0] = 1;
    reverb.process(block);
    energy.push(block.left.reduce((sum, sample) => sum + sample * sample, 0));
  }
  const at = (seconds: number) => {
    const middle = Math.round((seconds * SAMPLE_RATE) / QUANTUM);
    return 10 * Math.log10(energy.slice(middle - 15, middle + 15).reduce((sum, value) => sum + value, 0));
  };
  const perSecond = (at(0.4) - at(1.4)) / 1;
  assert(perSecond > 30 && perSecond < 55, `${perSecond} dB a second`);
});
