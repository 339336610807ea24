import { Biquad, FilterChain, OnePole } from '../dsp/dsp-filters.ts';
import { Drift } from '../dsp/dsp-noise.ts';
import type { Random } from '../dsp/dsp-random.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, noiseTexture, type Strike, strikes } from './effect-layers.ts';
import { addBlow, addBubble, addBurst, BODIES, emptyStrike } from './effect-strikes.ts';
import { byStrength, randomTimes } from './effect-times.ts';

/** What falls from the sky. */
export const RAIN_SOUNDS: readonly EffectClass[] = [
  {
    id: 'rain',
    names: 'rain, drizzle, downpour, raindrop, rainfall, rain drop, rain shower, shower rain',
    seconds: 8,
    make: makeRain,
  },
  { id: 'hail', names: 'hail, hailstone, hailstorm, sleet', seconds: 7, make: makeHail },
  { id: 'snow', names: 'snow, snowfall', seconds: 8, presence: -6, make: makeSnow },
];

function makeRain(ask: EffectAsk): Layer[] {
  const { random, detail } = ask;
  const wash = 7000 * ask.pitch * ask.vary(0.15);
  const drift = new Drift(random.fork('drift'), 0.12);
  const swell = (seconds: number) => 0.75 + 0.5 * drift.at(seconds);
  const bed = byStrength(ask, 0.05, 0.2, 0.4);
  const dense = byStrength(ask, 26, 120, 330) * (0.35 + 0.65 * detail) * ask.vary(0.15);
  const layers = [
    noiseTexture({
      random: random.fork('bed'),
      shape: () =>
        new FilterChain(
          new Biquad({ kind: 'highpass', hertz: 900 }),
          new Biquad({ kind: 'lowpass', hertz: wash }),
          new Biquad({ kind: 'peak', hertz: 3600, q: 0.6, decibels: 4 }),
        ),
      level: (seconds) => bed * swell(seconds),
    }),
    strikes({
      times: randomTimes(random.fork('drops'), (seconds) => dense * swell(seconds)),
      make: (index) => makeDrop(ask, random.fork('drop', index)),
      longest: 0.3,
    }),
  ];
  if (ask.strength > 0.2) {
    layers.push(
      noiseTexture({
        random: random.fork('body'),
        colour: 'pink',
        shape: () =>
          new FilterChain(
            new Biquad({ kind: 'bandpass', hertz: 700, q: 0.5 }),
            new Biquad({ kind: 'highpass', hertz: 220 }),
          ),
        level: 0.16 * ask.strength,
      }),
    );
  }
  return layers;
}

/** Few drops are near and loud, most are far and faint. */
function makeDrop({ material, pitch, words }: EffectAsk, random: Random): Strike {
  const level = 0.05 + 0.5 * random.unit() ** 5;
  const place = 0.95 * random.signed();
  if (material === 'metal') {
    const samples = emptyStrike(0.22);
    addBlow(samples, random, {
      body: { ...BODIES.metal, decaySeconds: 0.16 },
      hertz: random.betweenOctaves(480, 1500) * pitch,
      hardness: 0.8,
      contact: 0.5,
      modes: 6,
    });
    return { samples, level: level * 1.4, place };
  }
  if (words.has('umbrella') || words.has('tent') || material === 'cloth' || material === 'wood') {
    const samples = emptyStrike(0.06);
    addBurst(samples, random, {
      decay: 0.045,
      level: 2,
      filters: [{ kind: 'bandpass', hertz: random.betweenOctaves(220, 800) * pitch, q: 1.6 }],
    });
    return { samples, level, place };
  }
  if (material === 'leaves' || material === 'grass') {
    const samples = emptyStrike(0.03);
    addBurst(samples, random, {
      decay: 0.018,
      level: 1.6,
      filters: [{ kind: 'bandpass', hertz: random.betweenOctaves(1200, 4200) * pitch, q: 0.9 }],
    });
    return { samples, level: level * 0.9, place };
  }
  const samples = emptyStrike(0.05);
  const tick = random.betweenOctaves(2400, material === 'glass' ? 6000 : 9500) * pitch;
  addBurst(samples, random, {
    decay: 0.007 + 0.006 * random.unit(),
    level: 1.8,
    filters: [{ kind: 'bandpass', hertz: tick, q: 1.1 }],
  });
  if (random.chance(material === 'water' ? 0.7 : 0.22)) {
    const hertz = random.betweenOctaves(1300, 4200) * pitch;
    addBubble(samples, { hertz, level: 0.5, at: 0.004 });
  }
  return { samples, level, place };
}

function makeHail(ask: EffectAsk): Layer[] {
  const { random, detail } = ask;
  const body =
    ask.material === 'metal'
      ? { ...BODIES.metal, decaySeconds: 0.14 }
      : ask.material === 'glass'
        ? { ...BODIES.glass, decaySeconds: 0.06 }
        : BODIES.stone;
  const rate = byStrength(ask, 18, 70, 150) * (0.4 + 0.6 * detail);
  return [
    noiseTexture({
      random: random.fork('bed'),
      shape: () => new Biquad({ kind: 'bandpass', hertz: 2800 * ask.pitch, q: 0.5 }),
      level: byStrength(ask, 0.03, 0.06, 0.12),
    }),
    strikes({
      times: randomTimes(random.fork('stones'), rate),
      make: (index) => {
        const own = random.fork('stone', index);
        const samples = emptyStrike(0.25);
        const blow = {
          body,
          hertz: own.betweenOctaves(700, 2600) * ask.pitch,
          hardness: 0.85,
          contact: 0.7,
          modes: 5,
        };
        addBlow(samples, own, blow);
        // A stone that jumps.
        if (own.chance(0.4)) addBlow(samples, own, { ...blow, at: own.between(0.07, 0.14), level: 0.3 });
        return { samples, level: 0.08 + 0.6 * own.unit() ** 4, place: 0.95 * own.signed() };
      },
      longest: 0.3,
    }),
  ];
}

function makeSnow(ask: EffectAsk): Layer[] {
  const { random } = ask;
  const drift = new Drift(random.fork('drift'), 0.2);
  return [
    noiseTexture({
      random: random.fork('hush'),
      colour: 'pink',
      shape: () => new FilterChain(new OnePole(500), new Biquad({ kind: 'highpass', hertz: 90 })),
      level: (seconds) => 0.15 + 0.12 * drift.at(seconds),
    }),
    strikes({
      times: randomTimes(random.fork('flakes'), 40 * ask.detail),
      make: (index) => {
        const own = random.fork('flake', index);
        const samples = emptyStrike(0.012);
        addBurst(samples, own, {
          attack: 0.001,
          decay: 0.008,
          level: 0.1,
          filters: [{ kind: 'bandpass', hertz: own.betweenOctaves(3000, 8000), q: 2 }],
        });
        return { samples, level: own.unit() ** 3, place: own.signed() };
      },
      longest: 0.02,
    }),
  ];
}
