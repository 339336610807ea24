import { Biquad, FilterChain, OnePole } from '../dsp/dsp-filters.ts';
import { Drift } from '../dsp/dsp-noise.ts';
import type { Random } from '../dsp/dsp-random.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, noiseTexture, type Strike, strikes } from './effect-layers.ts';
import { addBubble, addBurst, bubbleSeconds, emptyStrike } from './effect-strikes.ts';
import { byStrength, happenings, randomTimes, rhythm } from './effect-times.ts';

/** Streams, drips and splashes. */
export const WATER_SOUNDS: readonly EffectClass[] = [
  {
    id: 'splash',
    once: true,
    names: 'splash, water splash, plunge, dive, cannonball',
    seconds: 2,
    presence: 3,
    make: makeSplash,
  },
  {
    id: 'drips',
    names: 'drip, droplet, drop water, drip water, water drop, leak, plink, faucet drip, tap drip',
    seconds: 5,
    presence: -2,
    make: makeDrips,
  },
  {
    id: 'bubbles',
    names: 'bubble, bubbling, boil, boil water, aquarium, gurgle, cauldron, water bubble',
    seconds: 6,
    make: makeBubbles,
  },
  {
    id: 'pouring',
    once: true,
    names: 'pour, pour water, water pour, pour drink, pour coffee, pour glass, fill glass',
    seconds: 4,
    make: makePouring,
  },
  {
    id: 'tap',
    names: 'shower, tap, faucet, sink, hose, sprinkler, tap water, water tap, run water, fountain',
    seconds: 6,
    make: makeTap,
  },
  {
    id: 'stream',
    names:
      'stream, river, brook, creek, water, flow water, water flow, water stream, river water, babble brook, babble stream, babble',
    seconds: 8,
    make: makeStream,
  },
];

/** A bubble somewhere in moving water; most are faint. */
export function bubble(
  random: Random,
  { least, most, level }: { least: number; most: number; level: number },
): Strike {
  const hertz = random.betweenOctaves(least, most);
  const samples = emptyStrike(Math.min(0.5, bubbleSeconds(hertz)));
  addBubble(samples, { hertz, level, rise: random.chance(0.3) ? random.between(0.05, 0.2) : 0.02 });
  return { samples, level: 0.15 + 0.85 * random.unit() ** 4, place: 0.8 * random.signed() };
}

function makeStream(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const drift = new Drift(random.fork('drift'), 0.5);
  const size = byStrength(ask, 1.4, 1, 0.7) * pitch * ask.vary(0.12);
  const rate = byStrength(ask, 60, 120, 200) * (0.3 + 0.7 * ask.detail) * ask.pace;
  return [
    noiseTexture({
      random: random.fork('bed'),
      colour: 'pink',
      shape: () =>
        new FilterChain(
          new Biquad({ kind: 'bandpass', hertz: 900 * size, q: 0.45 }),
          new Biquad({ kind: 'highpass', hertz: 180 }),
        ),
      level: (seconds) => byStrength(ask, 0.1, 0.22, 0.6) * (0.8 + 0.4 * drift.at(seconds)),
    }),
    strikes({
      times: randomTimes(random.fork('bubbles'), (seconds) => rate * (0.6 + 0.8 * drift.at(seconds))),
      make: (index) =>
        bubble(random.fork('bubble', index), { least: 420 * size, most: 3000 * size, level: 0.3 }),
      longest: 0.5,
    }),
  ];
}

function makeDrips(ask: EffectAsk): Layer[] {
  const { random } = ask;
  const several = { pause: 0.85 * ask.vary(0.15), length: 0.6, several: 'endless', jitter: 0.3 } as const;
  return [
    strikes({
      times:
        ask.count === undefined && ask.window.to > 1.5
          ? rhythm(ask, { random: random.fork('times'), period: several.pause, jitter: 0.3 })
          : happenings(ask, several),
      make: (index) => {
        const own = random.fork('drip', index);
        const samples = emptyStrike(0.3);
        addBurst(samples, own, { decay: 0.006, level: 0.3, filters: [{ kind: 'highpass', hertz: 3000 }] });
        const hertz = own.betweenOctaves(900, 2000) * ask.pitch;
        addBubble(samples, { hertz: hertz * 0.55, level: 0.9, rise: 0.16, at: 0.012 });
        addBubble(samples, { hertz, level: 0.3, rise: 0.12, at: own.between(0.03, 0.06) });
        return { samples, level: own.between(0.55, 1), place: 0.5 * own.signed() };
      },
      longest: 0.35,
    }),
  ];
}

function makeBubbles(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const boils = ask.words.has('boil') || ask.words.has('cauldron');
  const rate = byStrength(ask, 6, boils ? 45 : 16, boils ? 120 : 40) * ask.pace;
  const clusters = new Drift(random.fork('clusters'), 1.4);
  return [
    noiseTexture({
      random: random.fork('bed'),
      colour: 'brown',
      shape: () => new OnePole(300),
      level: boils ? 0.35 : 0.06,
    }),
    strikes({
      times: randomTimes(random.fork('times'), (seconds) => rate * 2 * clusters.at(seconds)),
      make: (index) => {
        const own = random.fork('bubble', index);
        const hertz = own.betweenOctaves(180, boils ? 700 : 1100) * pitch;
        const samples = emptyStrike(Math.min(0.4, bubbleSeconds(hertz)));
        addBubble(samples, { hertz, level: 0.7, rise: own.between(0.1, 0.35) });
        return { samples, level: 0.2 + 0.8 * own.unit() ** 2, place: 0.7 * own.signed() };
      },
      longest: 0.4,
    }),
  ];
}

/** The air that is left in the vessel becomes shorter: its note rises while it fills. */
function makePouring(ask: EffectAsk): Layer[] {
  const { random, window } = ask;
  const fullness = (seconds: number) => Math.min(1, Math.max(0, seconds / Math.max(0.5, window.to)));
  const vessel = [
    new Biquad({ kind: 'peak', hertz: 400, q: 6, decibels: 12 }),
    new Biquad({ kind: 'peak', hertz: 400, q: 6, decibels: 12 }),
  ];
  let made = 0;
  return [
    noiseTexture({
      random: random.fork('jet'),
      shape: () => {
        const own = vessel[made % 2] ?? new Biquad({ kind: 'peak', hertz: 400, q: 6, decibels: 12 });
        made += 1;
        return new FilterChain(new Biquad({ kind: 'bandpass', hertz: 1500 * ask.pitch, q: 0.5 }), own);
      },
      control: (seconds) => {
        for (const filter of vessel)
          filter.set({ kind: 'peak', hertz: 380 * ask.pitch * 3.4 ** fullness(seconds), q: 6, decibels: 14 });
      },
      level: 0.12,
    }),
    strikes({
      times: randomTimes(random.fork('bubbles'), 90 * ask.detail),
      make: (index, seconds) =>
        bubble(random.fork('bubble', index), {
          least: 350 * (1 + fullness(seconds)),
          most: 1500 * (1 + fullness(seconds)),
          level: 0.45,
        }),
      longest: 0.5,
    }),
  ];
}

function makeTap(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const drift = new Drift(random.fork('drift'), 2);
  return [
    noiseTexture({
      random: random.fork('spray'),
      shape: () =>
        new FilterChain(
          new Biquad({ kind: 'bandpass', hertz: 4200 * pitch, q: 0.45 }),
          new Biquad({ kind: 'highpass', hertz: 500 }),
        ),
      level: (seconds) => byStrength(ask, 0.2, 0.5, 0.8) * (0.9 + 0.2 * drift.at(seconds)),
    }),
    strikes({
      times: randomTimes(random.fork('splashes'), 160 * ask.detail),
      make: (index) =>
        bubble(random.fork('splash', index), { least: 700 * pitch, most: 3600 * pitch, level: 0.5 }),
      longest: 0.4,
    }),
  ];
}

function makeSplash(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const size = byStrength(ask, 1.6, 1, 0.65) * pitch;
  return [
    strikes({
      times: happenings(ask, { pause: 1.4, length: 1.6, several: 3, jitter: 0.25 }),
      make: (index) => {
        const own = random.fork('splash', index);
        return {
          samples: splashChannel(own.fork('left'), size, ask.detail),
          right: splashChannel(own.fork('right'), size, ask.detail),
        };
      },
      longest: 2.2,
    }),
  ];
}

function splashChannel(random: Random, size: number, detail: number): Float32Array {
  const samples = emptyStrike(2);
  addBurst(samples, random, {
    attack: 0.004,
    decay: 0.25,
    level: 1.6,
    colour: 'pink',
    filters: [{ kind: 'lowpass', hertz: 420 * size }],
  });
  addBurst(samples, random, {
    attack: 0.025,
    decay: 0.9,
    level: 1.1,
    filters: [{ kind: 'bandpass', hertz: 2300 * size, q: 0.5 }],
  });
  addBurst(samples, random, {
    at: 0.12,
    attack: 0.12,
    decay: 1.3,
    level: 0.3,
    filters: [{ kind: 'highpass', hertz: 3200 * size }],
  });
  const drops = Math.round(70 * detail);
  for (let index = 0; index < drops; index += 1) {
    addBubble(samples, {
      at: 0.08 + 1.4 * random.unit() ** 1.6,
      hertz: random.betweenOctaves(300, 2600) * size,
      level: 0.28 * random.unit() ** 2,
      rise: 0.1,
    });
  }
  return samples;
}
