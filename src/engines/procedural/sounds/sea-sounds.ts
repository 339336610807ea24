import { Biquad, FilterChain, OnePole } from '../dsp/dsp-filters.ts';
import { Drift } from '../dsp/dsp-noise.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, noiseTexture, strikes } from './effect-layers.ts';
import { addBurst, emptyStrike } from './effect-strikes.ts';
import { byStrength, randomTimes } from './effect-times.ts';
import { smoothStep } from '../dsp/dsp-envelopes.ts';
import { fitPeriod } from './effect-times.ts';
import { bubble } from './water-sounds.ts';

/** Waters that are large, and fire, which is made of the same small things. */
export const SEA_SOUNDS: readonly EffectClass[] = [
  {
    id: 'waterfall',
    names: 'waterfall, water fall, cascade, rapid, dam',
    seconds: 8,
    make: makeWaterfall,
  },
  {
    id: 'waves',
    names: 'wave, sea, ocean, surf, shore, tide, sea wave, ocean wave, wave crash',
    seconds: 14,
    make: makeWaves,
  },
  {
    id: 'depths',
    names: 'underwater, deep sea, submarine, deep water, underwater ambience, deep ocean',
    seconds: 10,
    make: makeDepths,
  },
  {
    id: 'fire',
    names:
      'fire, campfire, bonfire, fireplace, flame, burn, hearth, crackle fire, fire crackle, crackle, wildfire, wood burn, torch, ember',
    seconds: 8,
    make: makeFire,
  },
];

function makeWaterfall(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const drift = new Drift(random.fork('drift'), 0.7);
  const level = (seconds: number) => 0.8 + 0.3 * drift.at(seconds);
  return [
    noiseTexture({
      random: random.fork('spray'),
      shape: () =>
        new FilterChain(
          new Biquad({ kind: 'lowpass', hertz: 5200 * pitch }),
          new Biquad({ kind: 'highpass', hertz: 300 }),
        ),
      level: (seconds) => 0.5 * level(seconds),
    }),
    noiseTexture({
      random: random.fork('weight'),
      colour: 'brown',
      shape: () => new OnePole(260 * pitch),
      level: byStrength(ask, 0.1, 0.22, 0.5),
    }),
    strikes({
      times: randomTimes(random.fork('bubbles'), 120 * ask.detail),
      make: (index) =>
        bubble(random.fork('bubble', index), { least: 300 * pitch, most: 1800 * pitch, level: 0.3 }),
      longest: 0.5,
    }),
  ];
}

/** A wave gathers, breaks and draws back over the sand; the next is never quite like it. */
function makeWaves(ask: EffectAsk): Layer[] {
  const { random } = ask;
  const period = fitPeriod((7.5 * ask.vary(0.1)) / ask.pace, ask);
  const wave = (seconds: number) => {
    const index = Math.floor(seconds / period);
    const own = random.fork(
      'wave',
      ask.loopSeconds === undefined ? index : Math.round(((index * period) % ask.loopSeconds) / period),
    );
    return { at: seconds / period - index, size: own.between(0.6, 1), early: own.between(-0.04, 0.04) };
  };
  const course = (shape: (at: number) => number) => (seconds: number) => {
    const { at, size, early } = wave(seconds);
    return size * shape(at + early);
  };
  const strength = byStrength(ask, 0.5, 1, 1.7);
  return [
    noiseTexture({
      random: random.fork('gather'),
      colour: 'brown',
      shape: () => new FilterChain(new OnePole(420 * ask.pitch), new Biquad({ kind: 'highpass', hertz: 40 })),
      level: course((at) => strength * (0.14 + 0.9 * hump(at, 0.05, 0.42, 0.75))),
    }),
    noiseTexture({
      random: random.fork('break'),
      colour: 'pink',
      shape: () =>
        new FilterChain(
          new Biquad({ kind: 'lowpass', hertz: 3800 * ask.pitch }),
          new Biquad({ kind: 'highpass', hertz: 250 }),
        ),
      level: course((at) => strength * (0.05 + 0.95 * hump(at, 0.26, 0.44, 0.8) ** 1.5)),
    }),
    noiseTexture({
      random: random.fork('fizz'),
      shape: () => new FilterChain(new Biquad({ kind: 'highpass', hertz: 3200 })),
      level: course((at) => 0.02 + 0.2 * hump(at, 0.38, 0.55, 1.02)),
    }),
  ];
}

/** 0 up to `from`, 1 at `top`, 0 again at `to`. */
function hump(at: number, ...[from, top, to]: [number, number, number]): number {
  return smoothStep(at, from, top) * (1 - smoothStep(at, top, to));
}

function makeDepths(ask: EffectAsk): Layer[] {
  const { random } = ask;
  const drift = new Drift(random.fork('drift'), 0.15);
  return [
    noiseTexture({
      random: random.fork('pressure'),
      colour: 'pink',
      shape: () => new FilterChain(new OnePole(160), new Biquad({ kind: 'highpass', hertz: 45 })),
      level: (seconds) => 0.8 + 0.5 * drift.at(seconds),
    }),
    strikes({
      times: randomTimes(random.fork('bubbles'), 3),
      make: (index) =>
        bubble(random.fork('bubble', index), { least: 140 * ask.pitch, most: 600 * ask.pitch, level: 0.3 }),
      longest: 0.5,
    }),
  ];
}

/** A low flutter of the flames, the hiss of gas, and wood that bursts: few loud cracks among many faint ones. */
function makeFire(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const flicker = new Drift(random.fork('flicker'), 7);
  const mood = new Drift(random.fork('mood'), 0.4);
  const rate = byStrength(ask, 7, 18, 38) * ask.pace * (0.4 + 0.6 * ask.detail);
  return [
    noiseTexture({
      random: random.fork('flames'),
      colour: 'brown',
      shape: () => new FilterChain(new OnePole(220 * pitch), new Biquad({ kind: 'highpass', hertz: 35 })),
      level: (seconds) => byStrength(ask, 0.06, 0.17, 0.5) * (0.4 + flicker.at(seconds)),
    }),
    noiseTexture({
      random: random.fork('hiss'),
      shape: () => new Biquad({ kind: 'bandpass', hertz: 5200 * pitch, q: 0.5 }),
      level: (seconds) => 0.035 * (0.5 + mood.at(seconds)),
    }),
    strikes({
      times: randomTimes(random.fork('cracks'), (seconds) => rate * (0.15 + 2.4 * mood.at(seconds) ** 2)),
      make: (index) => {
        const own = random.fork('crack', index);
        const loud = own.unit() ** 6;
        const samples = emptyStrike(0.09);
        addBurst(samples, own, {
          decay: 0.004 + 0.03 * loud,
          level: 3,
          filters: [
            { kind: 'bandpass', hertz: own.betweenOctaves(900, 6000) * pitch * (1 - 0.5 * loud), q: 0.9 },
          ],
        });
        if (loud > 0.3)
          addBurst(samples, own, {
            decay: 0.06,
            level: 1.4,
            colour: 'pink',
            filters: [{ kind: 'lowpass', hertz: 700 * pitch }],
          });
        return { samples, level: 0.06 + 0.36 * loud, place: 0.6 * own.signed() };
      },
      longest: 0.1,
    }),
  ];
}
