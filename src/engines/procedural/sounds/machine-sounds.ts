import { Biquad, FilterChain, OnePole } from '../dsp/dsp-filters.ts';
import { Resonator } from '../dsp/dsp-modal.ts';
import { Drift, Noise } from '../dsp/dsp-noise.ts';
import { Oscillator } from '../dsp/dsp-oscillators.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Course, type Layer, noiseTexture, texture } from './effect-layers.ts';
import { byStrength } from './effect-times.ts';

/** Machines that run. */
export const MACHINE_SOUNDS: readonly EffectClass[] = [
  {
    id: 'chainsaw',
    names: 'chainsaw, chain saw, lawnmower, lawn mower, mower, leaf blower',
    seconds: 6,
    make: (ask) => combustion(ask, { fires: 92, rough: 0.5, bright: 1.9 }),
  },
  {
    id: 'drill',
    names:
      'drill, power drill, electric drill, dentist, dentist drill, electric saw, circular saw, blender, mixer',
    seconds: 4,
    make: (ask) => electric(ask, { hertz: 330, harmonics: 1, air: 0.35, wobble: 0.06 }),
  },
  {
    id: 'vacuum',
    names: 'vacuum, vacuum cleaner, hoover, hair dryer, hairdryer, blow dryer',
    seconds: 6,
    make: (ask) => electric(ask, { hertz: 290, harmonics: 0.25, air: 1.6, wobble: 0.01 }),
  },
  {
    id: 'fan',
    names:
      'fan, air conditioner, air conditioning, ventilation, ventilator, vent, ac unit, server, computer fan, server room, data center',
    seconds: 8,
    presence: -3,
    make: makeFan,
  },
  {
    id: 'hum',
    names:
      'hum, electric hum, fridge, refrigerator, transformer, power line, electricity, neon, fluorescent, mains, generator hum, appliance',
    seconds: 8,
    presence: -3,
    make: makeHum,
  },
  {
    id: 'engine',
    names:
      'engine, car engine, motor car, diesel, generator, idle, car idle, tractor, boat engine, engine idle, engine start, engine rev, rev, truck engine',
    seconds: 6,
    make: (ask) =>
      combustion(ask, {
        fires: ask.words.has('diesel') || ask.words.has('tractor') || ask.words.has('truck') ? 22 : 32,
        rough: 0.32,
        bright: 1,
      }),
  },
  {
    id: 'motorbike',
    names: 'motorbike, motorcycle, scooter, dirt bike, moped',
    seconds: 6,
    make: (ask) => combustion(ask, { fires: 58, rough: 0.4, bright: 1.5 }),
  },
  {
    id: 'motor',
    names:
      'motor, electric motor, servo, washing machine, machine, machinery, conveyor, elevator, lift, gear, turbine, robot arm',
    seconds: 6,
    make: (ask) => electric(ask, { hertz: 118, harmonics: 0.8, air: 0.25, wobble: 0.02 }),
  },
];

interface Combustion {
  /** Explosions a second at idle. */
  readonly fires: number;
  /** How unlike one another they are. */
  readonly rough: number;
  /** Factor for the notes of pipes and block. */
  readonly bright: number;
}

/** Explosions in cylinders, heard through a pipe that rings and a block that rattles. */
export function combustion(ask: EffectAsk, { fires, rough, bright }: Combustion): Layer[] {
  const { random, pitch } = ask;
  const hertz = revolutions(ask, fires * pitch * ask.vary(0.1));
  const noise = new Noise(random.fork('air'));
  const shake = random.fork('fires');
  const pipes = [72, 140, 235, 410, 780, 1500].map((own, index) => {
    return new Resonator({
      hertz: own * bright * pitch ** 0.6,
      decaySeconds: 0.05 - 0.005 * index,
      level: [0.8, 1, 1.1, 1.2, 1.1, 0.9][index] ?? 0.3,
    });
  });
  const hiss = new Biquad({ kind: 'bandpass', hertz: 2600 * bright, q: 0.5 });
  const body = new FilterChain(
    new Biquad({ kind: 'highpass', hertz: 110 * bright ** 1.5 }),
    new OnePole(3800 * bright),
  );
  let [phase, force, pulse, rate] = [0, 1, 0, hertz(0)];
  const tick = () => {
    phase += rate / 44_100;
    if (phase >= 1) {
      phase -= 1;
      force = 1 + rough * shake.signed();
      pulse = force;
    }
    pulse *= 0.9935;
    const air = noise.tick();
    const push = pulse * (1 + 0.8 * air);
    let sum = 0.05 * push + 0.16 * bright * hiss.tick(air) * (0.3 + pulse);
    for (let index = 0; index < pipes.length; index += 1) sum += (pipes[index]?.tick(push * 14) ?? 0) * 1.6;
    return Math.tanh(body.tick(sum) * 1.4);
  };
  return [
    texture({
      tick,
      control: (seconds) => {
        rate = hertz(seconds);
      },
      level: (seconds) => 0.5 + 0.5 * Math.min(1.2, hertz(seconds) / (fires * 2.5)),
    }),
  ];
}

/** How fast it turns: idle with a little unrest, or up and down as an engine that is started, revved or pulls away. */
function revolutions(ask: EffectAsk, idle: number): (seconds: number) => number {
  const drift = new Drift(ask.random.fork('drift'), 2.2);
  const unrest = (seconds: number) => 1 + 0.05 * (drift.at(seconds) - 0.5);
  const base = idle * ask.pace * byStrength(ask, 0.85, 1, 1.5);
  if (ask.words.has('rev') || ask.words.has('race')) {
    return (seconds) =>
      base * unrest(seconds) * (1 + 2.4 * Math.max(0, Math.sin((2 * Math.PI * seconds) / 2.4)) ** 1.5);
  }
  if (ask.words.has('start')) {
    return (seconds) =>
      seconds < 0.9 ? base * 0.32 : base * unrest(seconds) * (1 + 1.1 * Math.exp(-(seconds - 0.9) * 1.8));
  }
  const goal = ask.acceleration * 1.4;
  const span = Math.max(1, ask.window.to);
  return (seconds) =>
    base * unrest(seconds) * 2 ** (goal * (Math.min(1, Math.max(0, seconds / span)) - (goal < 0 ? 0 : 0)));
}

interface Electric {
  readonly hertz: number;
  /** How much of the motor's tone is heard. */
  readonly harmonics: number;
  /** How much of the air that it moves. */
  readonly air: number;
  /** How far its speed gives way under load. */
  readonly wobble: number;
}

function electric(ask: EffectAsk, { hertz, harmonics, air, wobble }: Electric): Layer[] {
  const { random, pitch } = ask;
  const base = hertz * pitch * byStrength(ask, 0.9, 1, 1.15) * ask.vary(0.1);
  const load = new Drift(random.fork('load'), 1.6);
  const spin = (seconds: number) => {
    const glide =
      ask.acceleration === 0
        ? 1
        : 2 ** (ask.acceleration * Math.min(1, Math.max(0, seconds / Math.max(1, ask.window.to))));
    return (
      base *
      glide *
      (1 - wobble * 2 * load.at(seconds)) *
      (1 - 0.5 * Math.exp(-Math.max(0, seconds + 0.02) * 9))
    );
  };
  const [saw, second, whine] = [
    new Oscillator('saw'),
    new Oscillator('square', 0.3),
    new Oscillator('sine', 0.1),
  ];
  const tone = new FilterChain(
    new Biquad({ kind: 'lowpass', hertz: 3600 }),
    new Biquad({ kind: 'peak', hertz: 1400, q: 1.2, decibels: 5 }),
  );
  let now = spin(0);
  return [
    texture({
      tick: () =>
        0.4 *
        harmonics *
        tone.tick(saw.tick(now) * 0.6 + second.tick(now * 2.01) * 0.25 + whine.tick(now * 7.02) * 0.2),
      control: (seconds) => {
        now = spin(seconds);
      },
    }),
    noiseTexture({
      random: random.fork('air'),
      shape: () =>
        new FilterChain(
          new Biquad({ kind: 'bandpass', hertz: 1500 * pitch, q: 0.4 }),
          new Biquad({ kind: 'peak', hertz: base * 2, q: 3, decibels: 8 }),
        ),
      level: (seconds) => 0.35 * air * (spin(seconds) / base) ** 2,
    }),
  ];
}

function makeFan(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const blades = 38 * pitch * ask.pace * byStrength(ask, 0.7, 1, 1.4) * ask.vary(0.1);
  const sine = new Oscillator('sine');
  const [hum, over] = [new Oscillator('sine'), new Oscillator('sine', 0.4)];
  const level: Course = 0.5;
  return [
    noiseTexture({
      random: random.fork('air'),
      colour: 'pink',
      shape: () => {
        const band = new FilterChain(
          new Biquad({ kind: 'bandpass', hertz: 620 * pitch, q: 0.35 }),
          new OnePole(4200),
        );
        const turn = new Oscillator('sine');
        return { tick: (sample) => band.tick(sample) * (1 + 0.35 * turn.tick(blades)) };
      },
      level,
    }),
    texture({
      tick: () => 0.06 * hum.tick(blades * 3) + 0.03 * over.tick(blades * 6) + 0.02 * sine.tick(100),
      level: byStrength(ask, 0.5, 1, 1.5),
    }),
  ];
}

/** A coil on the mains: even harmonics above all, and a little of the iron. */
function makeHum(ask: EffectAsk): Layer[] {
  const mains = (ask.hertz ?? 100) * (ask.hertz === undefined ? ask.pitch : 1);
  const levels = [1, 0.5, 0.34, 0.16, 0.12, 0.07, 0.05, 0.03];
  const tones = levels.slice(0, Math.max(3, Math.round(8 * ask.detail))).map((level, index) => ({
    level,
    hertz: mains * (index + 1),
    wave: new Oscillator('sine', index * 0.137),
  }));
  const drift = new Drift(ask.random.fork('drift'), 0.5);
  return [
    texture({
      tick: () => {
        let sum = 0;
        for (const tone of tones) sum += tone.level * tone.wave.tick(tone.hertz);
        return 0.2 * sum;
      },
      level: (seconds) => 0.9 + 0.15 * drift.at(seconds),
    }),
    noiseTexture({
      random: ask.random.fork('air'),
      colour: 'pink',
      shape: () => new Biquad({ kind: 'bandpass', hertz: 900, q: 0.4 }),
      level: 0.02,
    }),
  ];
}
