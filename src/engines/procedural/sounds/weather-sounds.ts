import { smoothStep } from '../dsp/dsp-envelopes.ts';
import { Biquad, FilterChain, StateVariableFilter } from '../dsp/dsp-filters.ts';
import { Drift } from '../dsp/dsp-noise.ts';
import type { Random } from '../dsp/dsp-random.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, noiseTexture, strikes } from './effect-layers.ts';
import { addBurst, emptyStrike, saturate } from './effect-strikes.ts';
import { byStrength, happenings, randomTimes } from './effect-times.ts';

/** Rain, snow, thunder, hail and wind. */
export const WEATHER_SOUNDS: readonly EffectClass[] = [
  {
    id: 'storm',
    names: 'storm, thunderstorm, rainstorm, tempest, hurricane',
    seconds: 14,
    make: { parts: stormParts() },
  },
  {
    id: 'blizzard',
    names: 'blizzard, snowstorm, snow storm',
    seconds: 10,
    make: (ask) => makeWind(ask, { hertz: 420, whistle: 0.5, gusts: 0.22 }),
  },
  {
    id: 'thunder',
    names: 'thunder, thunderclap, thunder clap, lightning, thunder lightning',
    seconds: 7,
    presence: 6,
    make: makeThunder,
  },
  {
    id: 'wind',
    names: 'wind, breeze, gust, windy, gale, draft, draught',
    seconds: 10,
    presence: -2,
    make: (ask) => makeWind(ask, { hertz: 260, whistle: 0.16, gusts: 0.32 }),
  },
  {
    id: 'leaves',
    names: 'leave, leaf, foliage, tree wind, wind leave',
    seconds: 8,
    presence: -4,
    make: makeLeaves,
  },
];

function stormParts() {
  return [
    { id: 'rain', decibels: -2, changes: { strength: 0.7 } },
    { id: 'wind', decibels: -4, changes: { strength: 0.5 } },
    { id: 'thunder', decibels: 5 },
  ] as const;
}

function makeThunder(ask: EffectAsk): Layer[] {
  const { random, distance } = ask;
  const near = Math.min(1, Math.max(0, 1 - distance * 1.6 + 0.3 * ask.strength));
  // A storm thunders as long as it lasts.
  const times = happenings(ask, { pause: 7.5, length: 7, several: 'endless', jitter: 0.35 });
  return [
    strikes({
      times,
      make: (index) => {
        const own = random.fork('bolt', index);
        const shape = thunderShape(ask, own);
        const samples = thunderChannel(own.fork('left'), shape, near);
        return { samples, right: thunderChannel(own.fork('right'), shape, near) };
      },
      longest: 11,
    }),
  ];
}

interface Clap {
  readonly at: number;
  readonly level: number;
  readonly decay: number;
}

/** The channel of a bolt is kilometres long and bent: its parts are heard one after another, as claps that roll. */
function thunderShape(ask: EffectAsk, random: Random): readonly Clap[] {
  const count = Math.round((5 + 7 * ask.detail) * ask.vary(0.1));
  return Array.from({ length: count }, (_, index) => {
    const part = index / count;
    return {
      at: index === 0 ? 0 : 0.12 + part * random.between(3.4, 4.8),
      level: (index === 0 ? 1 : random.between(0.25, 0.9)) * 10 ** (-0.9 * part),
      decay: random.between(1.2, 2.8),
    };
  });
}

function thunderChannel(random: Random, claps: readonly Clap[], near: number): Float32Array {
  const samples = emptyStrike(10);
  const onset = 0.02 + 0.5 * (1 - near);
  for (const clap of claps) {
    addBurst(samples, random, {
      at: clap.at,
      attack: onset * random.between(0.6, 1.4),
      decay: clap.decay * 2.2,
      level: clap.level * 2.8,
      colour: 'pink',
      filters: [
        { kind: 'lowpass', hertz: (110 + 170 * near) * random.between(0.7, 1.5) },
        { kind: 'highpass', hertz: 38 },
      ],
    });
  }
  if (near > 0.3) addCrack(samples, random, near);
  saturate(samples, 0.8 + near);
  return samples;
}

/** The tearing of the nearest part of the bolt. */
function addCrack(samples: Float32Array, random: Random, near: number): void {
  const tears = 9 + random.below(6);
  for (let index = 0; index < tears; index += 1) {
    const part = index / tears;
    addBurst(samples, random, {
      at: index === 0 ? 0 : random.between(0, 0.45) * part ** 0.5,
      decay: random.between(0.08, 0.4),
      level: near * (1.6 - part) * random.between(0.6, 1.2),
      filters: [
        { kind: 'lowpass', hertz: 5200 * random.between(0.5, 1.4) * (1 - 0.7 * part) },
        { kind: 'highpass', hertz: 120 },
      ],
    });
  }
  addBurst(samples, random, {
    decay: 2.2,
    level: 0.5 * near,
    colour: 'pink',
    filters: [{ kind: 'lowpass', hertz: 900 }],
  });
}

interface WindManner {
  readonly hertz: number;
  readonly whistle: number;
  /** Gusts a second. */
  readonly gusts: number;
}

/** Air that swells and falls; the faster it goes, the higher and louder it is, and edges begin to whistle. */
function makeWind(ask: EffectAsk, { hertz, whistle, gusts }: WindManner): Layer[] {
  const { random } = ask;
  const middle = hertz * ask.pitch * byStrength(ask, 0.7, 1, 1.5) * ask.vary(0.2);
  const sings =
    ask.words.has('howl') || ask.words.has('whistle') ? 0.8 : whistle * byStrength(ask, 0.3, 1, 2);
  const gust = new Drift(random.fork('gust'), gusts * ask.pace);
  const flutter = new Drift(random.fork('flutter'), 1.3 * ask.pace);
  const speed = (seconds: number) =>
    0.08 + 0.92 * smoothStep(gust.at(seconds), 0.1, 0.9) * (0.8 + 0.4 * flutter.at(seconds));
  return [
    windBand(random.fork('low'), {
      q: 0.6,
      level: (seconds) => 0.9 * speed(seconds) ** 1.8,
      hertz: (seconds) => middle * (0.6 + 1.1 * speed(seconds)),
    }),
    windBand(random.fork('high'), {
      q: 0.5,
      level: (seconds) => 0.25 * speed(seconds) ** 2.2,
      hertz: (seconds) => middle * (3 + 5 * speed(seconds)),
    }),
    windBand(random.fork('edge'), {
      q: 14,
      level: (seconds) => sings * speed(seconds) ** 2.4,
      hertz: (seconds) => middle * (2 + 1.5 * speed(seconds)),
    }),
    windBand(random.fork('edge 2'), {
      q: 18,
      level: (seconds) => 0.6 * sings * speed(seconds + 0.4) ** 2.4,
      hertz: (seconds) => middle * (2.9 + 1.9 * speed(seconds + 0.4)),
    }),
  ];
}

function windBand(
  random: Random,
  band: {
    readonly q: number;
    readonly level: (seconds: number) => number;
    readonly hertz: (seconds: number) => number;
  },
): Layer {
  const filters: StateVariableFilter[] = [];
  return noiseTexture({
    random,
    colour: 'pink',
    shape: () => {
      const filter = new StateVariableFilter(300, band.q);
      filters.push(filter);
      return {
        tick: (sample) => {
          filter.tick(sample);
          return filter.band;
        },
      };
    },
    control: (seconds) => {
      for (const filter of filters) filter.tune(band.hertz(seconds), band.q);
    },
    level: band.level,
  });
}

function makeLeaves(ask: EffectAsk): Layer[] {
  const { random } = ask;
  const gust = new Drift(random.fork('gust'), 0.2 * ask.pace);
  const speed = (seconds: number) => 0.12 + 0.88 * gust.at(seconds) ** 1.6;
  return [
    noiseTexture({
      random: random.fork('rustle'),
      shape: () => new FilterChain(new Biquad({ kind: 'bandpass', hertz: 3400 * ask.pitch, q: 0.55 })),
      level: (seconds) => 0.3 * speed(seconds) ** 1.5,
    }),
    strikes({
      times: randomTimes(random.fork('touches'), (seconds) => 220 * ask.detail * speed(seconds)),
      make: (index) => {
        const own = random.fork('touch', index);
        const samples = emptyStrike(0.03);
        addBurst(samples, own, {
          attack: 0.002,
          decay: 0.02,
          level: 1,
          filters: [{ kind: 'bandpass', hertz: own.betweenOctaves(1800, 7500) * ask.pitch, q: 1.5 }],
        });
        return { samples, level: 0.5 * own.unit() ** 3, place: own.signed() };
      },
      longest: 0.04,
    }),
  ];
}
