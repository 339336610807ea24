import { Biquad, FilterChain } from '../dsp/dsp-filters.ts';
import { Drift, Noise } from '../dsp/dsp-noise.ts';
import { Oscillator } from '../dsp/dsp-oscillators.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, noiseTexture, strikes, texture } from './effect-layers.ts';
import { addGlide, emptyStrike } from './effect-strikes.ts';
import { byStrength, happenings, rhythm } from './effect-times.ts';
import { FRAME_SECONDS } from '../sound-source.ts';

/** Insects and frogs. */
export const INSECT_SOUNDS: readonly EffectClass[] = [
  {
    id: 'crickets',
    names: 'cricket, grasshopper, insect, bug, night insect',
    seconds: 7,
    make: makeCrickets,
  },
  { id: 'cicadas', names: 'cicada', seconds: 7, make: makeCicadas },
  {
    id: 'mosquito',
    names: 'mosquito, gnat',
    seconds: 5,
    make: (ask) => makeBuzz(ask, { hertz: 560, bright: 1 }),
  },
  {
    id: 'bees',
    names: 'bee, fly, wasp, hornet, bumblebee, beehive, swarm, buzz, insect buzz',
    seconds: 6,
    make: (ask) => makeBuzz(ask, { hertz: ask.words.has('bumblebee') ? 150 : 225, bright: 0.6 }),
  },
  { id: 'frogs', names: 'frog, toad, croak, ribbit, frog croak', seconds: 6, make: makeFrogs },
];

interface Buzz {
  readonly hertz: number;
  readonly bright: number;
}

/** Wings with teeth: three or four pulses to a chirp, all at one note; each animal has its own. */
function makeCrickets(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const count = Math.round((ask.count ?? byStrength(ask, 2, 4, 8)) * (0.5 + 0.5 * ask.detail));
  return Array.from({ length: Math.max(1, count) }, (_, animal) => {
    const own = random.fork('cricket', animal);
    const hertz = own.between(4200, 4900) * pitch;
    const pulses = 3 + own.below(2);
    return strikes({
      times: rhythm(ask, {
        random: own.fork('times'),
        period: own.between(0.42, 0.62),
        jitter: 0.05,
        first: own.between(0.02, 0.4),
      }),
      make: () => {
        const samples = emptyStrike(0.2);
        for (let pulse = 0; pulse < pulses; pulse += 1) {
          addGlide(samples, {
            at: pulse * 0.036,
            from: hertz * 1.01,
            to: hertz * 0.985,
            seconds: 0.02,
            level: 0.3 + 0.06 * pulse,
            attack: 0.006,
            harmonics: [0.1],
          });
        }
        return { samples };
      },
      longest: 0.3,
    });
  }).map((layer) => layer);
}

function makeCicadas(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const swell = new Drift(random.fork('swell'), 0.3);
  let phase = 0;
  return [
    noiseTexture({
      random: random.fork('drum'),
      shape: () => {
        const band = new FilterChain(
          new Biquad({ kind: 'bandpass', hertz: 5600 * pitch, q: 4 }),
          new Biquad({ kind: 'peak', hertz: 7400 * pitch, q: 4, decibels: 8 }),
        );
        return {
          tick: (sample) => {
            phase += (95 * FRAME_SECONDS) / 1;
            return band.tick(sample) * (0.35 + 0.65 * Math.max(0, Math.sin(2 * Math.PI * phase)));
          },
        };
      },
      level: (seconds) => 0.5 + 0.6 * swell.at(seconds),
    }),
  ];
}

/** Wings that beat some hundred times a second, and wander about. */
function makeBuzz(ask: EffectAsk, { hertz, bright }: Buzz): Layer[] {
  const { random, pitch } = ask;
  const many = ask.words.has('swarm') || ask.words.has('beehive') || ask.plural;
  const count = Math.round((ask.count ?? (many ? 7 : 1)) * (many ? 0.5 + 0.5 * ask.detail : 1));
  return Array.from({ length: Math.max(1, count) }, (_, animal) => {
    const own = random.fork('animal', animal);
    const [wave, noise] = [new Oscillator('saw', own.unit()), new Noise(own.fork('air'))];
    const [way, height, near] = [
      new Drift(own.fork('way'), 0.6),
      new Drift(own.fork('height'), 1.1),
      new Drift(own.fork('near'), 0.5),
    ];
    const body = new FilterChain(
      new Biquad({ kind: 'bandpass', hertz: hertz * 3.2 * pitch, q: 0.5 }),
      new Biquad({ kind: 'lowpass', hertz: 2500 + 3500 * bright }),
    );
    const base = hertz * pitch * own.between(0.92, 1.08);
    let now = base;
    return texture({
      tick: () => body.tick(wave.tick(now) * (1 + 0.25 * noise.tick())),
      control: (seconds) => {
        now = base * (0.9 + 0.2 * height.at(seconds));
      },
      level: (seconds) => (0.12 + 0.6 * near.at(seconds) ** 2) / Math.sqrt(count),
      place: (seconds) => 1.8 * way.at(seconds) - 0.9,
    });
  });
}

/** Pulses of the throat through the bubble below it. */
function makeFrogs(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const count = ask.count ?? (ask.plural ? 4 : 1);
  return Array.from({ length: count }, (_, frog) => {
    const own = random.fork('frog', frog);
    const hertz = own.betweenOctaves(420, 900) * pitch;
    const place = 0.8 * own.signed();
    const times = {
      pause: own.between(0.9, 1.9) / ask.pace,
      length: 0.5,
      several: 'endless',
      jitter: 0.2,
    } as const;
    return strikes({
      times: happenings({ ...ask, count: undefined, plural: true, random: own }, times),
      make: (index) => {
        const call = own.fork('call', index);
        const samples = emptyStrike(0.6);
        const pulses = 9 + call.below(6);
        for (let pulse = 0; pulse < pulses; pulse += 1) {
          const level = Math.sin((Math.PI * (pulse + 0.5)) / pulses);
          const rise = hertz * (0.85 + (0.4 * pulse) / pulses);
          addGlide(samples, {
            at: pulse * 0.027,
            from: rise * 1.05,
            to: rise * 0.9,
            seconds: 0.025,
            level: 0.6 * level,
            decay: 0.035,
            attack: 0.002,
            harmonics: [0.6, 0.35, 0.2],
          });
        }
        return { samples, place, level: call.between(0.6, 1) };
      },
      longest: 0.8,
    });
  });
}
