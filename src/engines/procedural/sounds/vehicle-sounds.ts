import { Biquad, FilterChain, OnePole } from '../dsp/dsp-filters.ts';
import { Drift, Noise } from '../dsp/dsp-noise.ts';
import { Oscillator } from '../dsp/dsp-oscillators.ts';
import { panLevels } from '../dsp/dsp-stereo.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, noiseTexture, type Strike, strikes, texture } from './effect-layers.ts';
import { addBlow, addGlide, BODIES, emptyStrike } from './effect-strikes.ts';
import { byStrength, fitPeriod, happenings, rhythm } from './effect-times.ts';
import { FRAME_SECONDS } from '../sound-source.ts';
import { struck } from './impact-sounds.ts';

/** What drives and sails. */
export const VEHICLE_SOUNDS: readonly EffectClass[] = [
  {
    id: 'train-horn',
    names: 'train horn, train whistle, locomotive horn, steam whistle',
    seconds: 3,
    presence: 3,
    make: (ask) => makeHorn(ask, { notes: [311, 370, 415, 494], seconds: 2.2 }),
  },
  {
    id: 'ship-horn',
    names: 'ship horn, foghorn, fog horn, boat horn, ship',
    seconds: 4,
    presence: 2,
    make: (ask) => makeHorn(ask, { notes: [82, 123], seconds: 3 }),
  },
  {
    id: 'horn',
    names: 'horn, car horn, honk, beep car, truck horn, honk car, air horn',
    seconds: 1.6,
    presence: 2,
    make: (ask) => makeHorn(ask, { notes: [415, 523], seconds: ask.words.has('air') ? 1.6 : 0.55 }),
  },
  {
    id: 'pass',
    moves: true,
    names:
      'car pass, car, car drive, vehicle, drive, truck, bus, lorry, taxi, race car, formula, car race, drive by, pass by, motorbike pass, motorcycle pass, car speed',
    seconds: 5,
    make: makePass,
  },
  {
    id: 'train',
    names: 'train, railway, railroad, locomotive, subway, metro, tram, train pass',
    seconds: 9,
    make: makeTrain,
  },
  {
    id: 'traffic',
    moves: true,
    names: 'traffic, highway, freeway, motorway, road, busy road, street traffic, rush hour',
    seconds: 10,
    make: makeTraffic,
  },
];

/** How a thing that goes past is heard: from where, how near, and at which pitch. */
export interface PassBy {
  /** -1 (left) to 1 (right). */
  readonly side: number;
  readonly level: number;
  /** Factor for its frequencies (Doppler). */
  readonly shift: number;
}

/** A straight line past the ear, nearest after `nearest` seconds, `reach` seconds long at half level. */
export function passBy({
  nearest,
  reach,
  speed,
}: {
  nearest: number;
  reach: number;
  speed: number;
}): (seconds: number) => PassBy {
  return (seconds) => {
    const along = (seconds - nearest) / reach;
    const away = Math.sqrt(1 + along * along);
    return { side: (0.95 * along) / away, level: 1 / away ** 1.9, shift: 1 / (1 + (speed * along) / away) };
  };
}

function makePass(ask: EffectAsk): Layer[] {
  const { random, window, pitch } = ask;
  if (ask.count === undefined && (!ask.plural || window.to < 8))
    return passing(ask, {
      nearest: window.from + Math.min(6, (window.to - window.from) * 0.5),
      right: random.chance(0.5),
    });
  const several = happenings(
    { ...ask, plural: true },
    { pause: 3.4, length: 4, several: 'endless', jitter: 0.5 },
  );
  return [
    strikes({
      times: several,
      make: (index) =>
        passStrike(random.fork('car', index), pitch * random.fork('size', index).between(0.8, 1.2)),
      longest: 6,
    }),
  ];
}

interface Car {
  /** Note of the engine, and where its pipe swallows, in hertz. */
  readonly base: number;
  readonly top: number;
  /** Seconds from the nearest point to where it is 3 dB quieter, and its speed as a part of that of sound. */
  readonly reach: number;
  readonly speed: number;
  /** How loud the engine is against the tyres. */
  readonly share: number;
}

function carOf(words: ReadonlySet<string>): Car {
  const any = (...names: readonly string[]) => names.some((name) => words.has(name));
  if (any('race', 'formula', 'speed')) return { base: 210, top: 2600, reach: 0.45, speed: 0.22, share: 0.8 };
  if (any('motorbike', 'motorcycle')) return { base: 120, top: 1500, reach: 0.6, speed: 0.11, share: 0.9 };
  if (any('truck', 'bus', 'lorry')) return { base: 48, top: 620, reach: 1.1, speed: 0.07, share: 0.6 };
  return { base: 82, top: 620, reach: 0.8, speed: 0.09, share: 0.2 };
}

function passing(ask: EffectAsk, { nearest, right }: { nearest: number; right: boolean }): Layer[] {
  const { random } = ask;
  const { base: note, top, reach, speed, share } = carOf(ask.words);
  const path = passBy({ nearest, reach: reach / ask.pace, speed: speed * ask.pace });
  const base = note * ask.pitch * ask.vary(0.12);
  const [saw, half] = [new Oscillator('saw'), new Oscillator('saw', 0.4)];
  const pipe = new FilterChain(
    new Biquad({ kind: 'lowpass', hertz: top }),
    new Biquad({ kind: 'peak', hertz: 190, q: 1, decibels: 6 }),
  );
  const [noise, tyres] = [
    new Noise(random.fork('tyres'), 'pink'),
    new FilterChain(new Biquad({ kind: 'bandpass', hertz: 950 * ask.pitch, q: 0.5 }), new OnePole(3800)),
  ];
  let now = path(0);
  return [
    texture({
      tick: () =>
        share * pipe.tick(saw.tick(base * now.shift) + 0.6 * half.tick(base * 0.5 * now.shift)) +
        0.9 * tyres.tick(noise.tick()),
      control: (seconds) => {
        now = path(seconds);
      },
      level: () => now.level,
      place: () => (right ? now.side : -now.side),
    }),
  ];
}

/** One of several cars, as a strike of two channels. */
function passStrike(random: EffectAsk['random'], pitch: number): Strike {
  const seconds = 5;
  const [left, right] = [emptyStrike(seconds), emptyStrike(seconds)];
  const path = passBy({ nearest: seconds / 2, reach: random.between(0.5, 1), speed: 0.08 });
  const [saw, noise] = [new Oscillator('saw', random.unit()), new Noise(random, 'pink')];
  const pipe = new OnePole(420);
  const tyres = new Biquad({ kind: 'bandpass', hertz: random.between(750, 1200) * pitch, q: 0.5 });
  const turn = random.chance(0.5) ? 1 : -1;
  const base = random.between(62, 100) * pitch;
  for (let frame = 0; frame < left.length; frame += 1) {
    const now = path(frame * FRAME_SECONDS);
    const sample =
      (0.3 * pipe.tick(saw.tick(base * now.shift)) + tyres.tick(noise.tick())) *
      now.level *
      Math.sin((Math.PI * frame) / left.length);
    const pan = panLevels(turn * now.side);
    left[frame] = sample * pan.left;
    right[frame] = sample * pan.right;
  }
  return { samples: left, right, level: random.between(0.5, 1) };
}

function makeTraffic(ask: EffectAsk): Layer[] {
  const { random } = ask;
  const drift = new Drift(random.fork('drift'), 0.25);
  return [
    noiseTexture({
      random: random.fork('far'),
      colour: 'brown',
      shape: () => new FilterChain(new OnePole(320), new Biquad({ kind: 'highpass', hertz: 45 })),
      level: (seconds) => 0.5 + 0.3 * drift.at(seconds),
    }),
    noiseTexture({
      random: random.fork('tyres'),
      colour: 'pink',
      shape: () => new Biquad({ kind: 'bandpass', hertz: 800, q: 0.4 }),
      level: (seconds) => 0.2 + 0.2 * drift.at(seconds + 3),
    }),
    strikes({
      times: rhythm(ask, {
        random: random.fork('times'),
        period: byStrength(ask, 4, 2.1, 1.1),
        jitter: 0.45,
        first: -3,
      }),
      make: (index) => passStrike(random.fork('car', index), ask.pitch),
      longest: 6,
    }),
  ];
}

function makeHorn(
  ask: EffectAsk,
  { notes, seconds }: { notes: readonly number[]; seconds: number },
): Layer[] {
  const long = ask.words.has('long') ? seconds * 1.6 : ask.words.has('short') ? seconds * 0.5 : seconds;
  return struck(ask, { pause: long + 0.35, length: long, several: 2, jitter: 0.1 }, (random) => {
    const samples = emptyStrike(long + 0.3);
    const scale = ask.pitch * ask.vary(0.06);
    for (const note of notes) {
      const hertz = note * scale * random.between(0.995, 1.005);
      addGlide(samples, {
        from: hertz * 0.985,
        to: hertz,
        bend: 0.1,
        seconds: long,
        level: 0.5 / notes.length,
        attack: 0.03,
        harmonics: [0.8, 0.9, 0.6, 0.5, 0.35, 0.25, 0.18, 0.12],
      });
    }
    return samples;
  });
}

/** Wheels of two axles over every joint of the rails: da-dam, da-dam. */
function makeTrain(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const period = fitPeriod((0.92 * ask.vary(0.08)) / ask.pace, ask) * ask.pace;
  const drift = new Drift(random.fork('drift'), 0.4);
  return [
    noiseTexture({
      random: random.fork('roll'),
      colour: 'brown',
      shape: () => new FilterChain(new OnePole(240 * pitch), new Biquad({ kind: 'highpass', hertz: 35 })),
      level: (seconds) => byStrength(ask, 0.4, 0.7, 1.1) * (0.85 + 0.3 * drift.at(seconds)),
    }),
    noiseTexture({
      random: random.fork('steel'),
      colour: 'pink',
      shape: () => new Biquad({ kind: 'bandpass', hertz: 1500 * pitch, q: 0.6 }),
      level: (seconds) => 0.1 + 0.08 * drift.at(seconds + 9),
    }),
    strikes({
      times: rhythm(ask, { random: random.fork('joints'), period, jitter: 0.01 }),
      make: (index) => {
        const own = random.fork('joint', index);
        const samples = emptyStrike(0.8);
        for (const at of [0, 0.13, 0.42, 0.55]) {
          const level = (at < 0.3 ? 1 : 0.6) * own.between(0.85, 1.1);
          addBlow(samples, own, {
            body: { ...BODIES.metal, decaySeconds: 0.18 },
            hertz: 210 * pitch,
            hardness: 0.7,
            level: level * 0.7,
            contact: 0.5,
            at: at / ask.pace,
          });
          addGlide(samples, {
            at: at / ask.pace,
            from: 105 * pitch,
            to: 60 * pitch,
            seconds: 0.14,
            level: level * 0.9,
            decay: 0.16,
            attack: 0.002,
          });
        }
        return { samples, place: 0.1 * own.signed() };
      },
      longest: 1,
    }),
  ];
}
