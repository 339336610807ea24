import { smoothStep } from '../dsp/dsp-envelopes.ts';
import { Biquad, StateVariableFilter } from '../dsp/dsp-filters.ts';
import { Noise } from '../dsp/dsp-noise.ts';
import { Oscillator } from '../dsp/dsp-oscillators.ts';
import type { Random } from '../dsp/dsp-random.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, strikes } from './effect-layers.ts';
import { addBlow, addBurst, addGlide, BODIES, emptyStrike, saturate } from './effect-strikes.ts';
import { byStrength, happenings } from './effect-times.ts';
import { struck } from './impact-sounds.ts';

/** What films are cut to. */
export const CINEMATIC_SOUNDS: readonly EffectClass[] = [
  {
    id: 'braam',
    once: true,
    names: 'braam, bram, brahm, inception, inception horn, trailer horn, brass hit, epic horn',
    seconds: 5,
    make: makeBraam,
  },
  {
    id: 'sub-drop',
    once: true,
    names: 'sub drop, bass drop, sub, sub bass, drop bass, low drop, sub boom',
    seconds: 4,
    make: makeSubDrop,
  },
  {
    id: 'trailer-hit',
    once: true,
    names:
      'cinematic hit, cinematic impact, trailer hit, epic hit, trailer impact, impact cinematic, cinematic boom, epic impact, stinger, orchestral hit, jump scare, trailer boom',
    seconds: 5,
    make: makeTrailerHit,
  },
  {
    id: 'whoosh',
    moves: true,
    once: true,
    names:
      'whoosh, swoosh, swish, swipe, sweep, whip, transition, fly by, woosh, arrow, throw, sword swing, swing',
    seconds: 1.4,
    make: makeWhoosh,
  },
];

function makeBraam(ask: EffectAsk): Layer[] {
  const { random } = ask;
  const base = (ask.hertz ?? 55 * ask.pitch) * ask.vary(0.08);
  const channel = (own: Random) => {
    const seconds = 4.6;
    const samples = emptyStrike(seconds);
    const count = Math.max(6, Math.round(18 * ask.detail));
    const saws = Array.from({ length: count }, (_, index) => ({
      wave: new Oscillator('saw', own.unit()),
      hertz: base * ([1, 2, 1.5, 2, 4, 3][index % 6] ?? 1) * own.between(0.992, 1.008),
    }));
    const throat = new StateVariableFilter(300, 0.9);
    for (let index = 0; index < samples.length; index += 1) {
      const at = index / 44_100;
      if (index % 64 === 0)
        throat.tune(260 + 3200 * smoothStep(at, 0, 0.25) * Math.exp(-Math.max(0, at - 0.5) * 0.9), 0.9);
      let sum = 0;
      for (const { wave, hertz } of saws) sum += wave.tick(hertz * (1 - 0.02 * Math.exp(-at * 14)));
      const level = smoothStep(at, 0, 0.06) * Math.exp(-Math.max(0, at - 1.1) * 1.05);
      samples[index] =
        Math.tanh((throat.tick(sum) * 3.2) / Math.sqrt(count)) *
        level *
        (1 - smoothStep(at, seconds - 0.3, seconds));
    }
    addGlide(samples, {
      from: base * 1.2,
      to: base * 0.5,
      seconds: 2.5,
      level: 0.25,
      decay: 2.5,
      attack: 0.01,
    });
    addBurst(samples, own, {
      decay: 0.5,
      level: 0.6,
      colour: 'brown',
      filters: [{ kind: 'lowpass', hertz: 220 }],
    });
    return samples;
  };
  return [
    strikes({
      times: happenings(ask, { pause: 3.4, length: 4.4, several: 'endless', jitter: 0 }),
      make: (index) => ({
        samples: channel(random.fork('left', index)),
        right: channel(random.fork('right', index)),
      }),
      longest: 5,
    }),
  ];
}

function makeSubDrop(ask: EffectAsk): Layer[] {
  return struck(ask, { pause: 3.2, length: 3.2, several: 2 }, (random) => {
    const samples = emptyStrike(3.4);
    addGlide(samples, {
      from: 92 * ask.pitch,
      to: 24 * ask.pitch,
      seconds: 3,
      level: 0.95,
      decay: 4.6,
      attack: 0.015,
      bend: 0.75,
      harmonics: [0.16, 0.06],
    });
    addBurst(samples, random, {
      decay: 0.3,
      level: 0.5,
      colour: 'brown',
      filters: [{ kind: 'lowpass', hertz: 160 }],
    });
    return samples;
  });
}

function makeTrailerHit(ask: EffectAsk): Layer[] {
  const { random } = ask;
  const size = byStrength(ask, 1.3, 1, 0.8) * ask.pitch * ask.vary(0.08);
  const channel = (own: Random) => {
    const samples = emptyStrike(5);
    addGlide(samples, {
      from: 120 * size,
      to: 36 * size,
      seconds: 2.2,
      level: 1.2,
      decay: 2.8,
      attack: 0.003,
      bend: 0.45,
    });
    addBurst(samples, own, { decay: 0.35, level: 1.6, filters: [{ kind: 'lowpass', hertz: 4200 * size }] });
    addBurst(samples, own, {
      attack: 0.02,
      decay: 3.6,
      level: 1,
      colour: 'pink',
      filters: [{ kind: 'lowpass', hertz: 700 * size }],
    });
    addBlow(samples, own, {
      body: { ...BODIES.metal, decaySeconds: 3.2 },
      hertz: 118 * size,
      hardness: 0.7,
      level: 0.7,
      contact: 0.5,
    });
    saturate(samples, 1.5);
    return samples;
  };
  return [
    strikes({
      times: happenings(ask, { pause: 2.2, length: 4.8, several: 3, jitter: 0 }),
      make: (index) => ({
        samples: channel(random.fork('left', index)),
        right: channel(random.fork('right', index)),
      }),
      longest: 5.2,
    }),
  ];
}

function makeWhoosh(ask: EffectAsk): Layer[] {
  const { random } = ask;
  const seconds = Math.min(2.4, (0.85 * byStrength(ask, 0.8, 1, 1.3)) / ask.pace);
  return [
    strikes({
      times: happenings(ask, { pause: seconds + 0.15, length: seconds, several: 3, jitter: 0.15 }),
      make: (index) => {
        const own = random.fork('whoosh', index);
        const [left, right] = [emptyStrike(seconds), emptyStrike(seconds)];
        const [noise, body, edge] = [
          new Noise(own, 'pink'),
          new StateVariableFilter(400, 1.4),
          new Biquad({ kind: 'highpass', hertz: 90 }),
        ];
        const turn = own.chance(0.5) ? 1 : -1;
        const top = own.between(1900, 2700) * ask.pitch;
        for (let frame = 0; frame < left.length; frame += 1) {
          const part = frame / left.length;
          // It comes faster than it goes.
          const near = Math.exp(-(((part - 0.52) / (part < 0.52 ? 0.2 : 0.17)) ** 2));
          if (frame % 32 === 0) body.tune(220 + top * near, 1.3);
          const sample = edge.tick((body.tick(noise.tick()), body.band)) * near * 1.6;
          const side = turn * Math.tanh((part - 0.52) * 7);
          left[frame] = sample * Math.sqrt((1 - 0.85 * side) / 2);
          right[frame] = sample * Math.sqrt((1 + 0.85 * side) / 2);
        }
        return { samples: left, right };
      },
      longest: 2.6,
    }),
  ];
}
