import { Biquad, FilterChain, OnePole } from '../dsp/dsp-filters.ts';
import { FmVoice } from '../dsp/dsp-fm.ts';
import { Drift } from '../dsp/dsp-noise.ts';
import { Oscillator } from '../dsp/dsp-oscillators.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, noiseTexture, strikes, texture } from './effect-layers.ts';
import { addBurst, addGlide, emptyStrike, saturate } from './effect-strikes.ts';
import { byStrength, randomTimes, rhythm } from './effect-times.ts';
import { struck } from './impact-sounds.ts';

/** What nobody has heard and everybody knows. */
export const FICTION_SOUNDS: readonly EffectClass[] = [
  {
    id: 'laser',
    names: 'laser, blaster, ray gun, laser gun, phaser, pew, zap, lightsaber swing, photon',
    seconds: 1.2,
    make: makeLaser,
  },
  {
    id: 'teleport',
    once: true,
    names:
      'teleport, teleportation, warp, portal, beam up, materialize, magic, spell, magic spell, sparkle, fairy, shimmer, wand',
    seconds: 3,
    make: makeTeleport,
  },
  {
    id: 'force-field',
    names:
      'force field, forcefield, energy shield, shield, plasma, lightsaber, tractor beam, energy field, electric field, energy, spark',
    seconds: 5,
    make: makeForceField,
  },
  {
    id: 'spaceship',
    names:
      'spaceship, space ship, starship, spacecraft, ufo, alien ship, flying saucer, spaceship engine, space station, spaceship hum, sci fi engine, bridge',
    seconds: 8,
    make: makeSpaceship,
  },
  {
    id: 'robot',
    names:
      'robot, droid, android, robot talk, alien, computer, sci fi computer, data, scifi, sci fi, glitch, modem, r2d2',
    seconds: 4,
    make: makeRobot,
  },
];

function makeLaser(ask: EffectAsk): Layer[] {
  return struck(ask, { pause: 0.32, length: 0.5, several: 5, jitter: 0.25 }, (random) => {
    const samples = emptyStrike(0.5);
    const top = 2600 * ask.pitch * byStrength(ask, 1.3, 1, 0.7) * random.between(0.92, 1.08);
    const voice = new FmVoice({ hertz: top, ratio: 1.5, index: 2.4, indexDecaySeconds: 0.5, feedback: 0.5 });
    for (let index = 0; index < samples.length; index += 1) {
      const part = index / samples.length;
      voice.hertz = 90 + top * Math.exp(-part * 5.5);
      samples[index] = voice.tick() * 0.6 * Math.min(1, index / 60) * (1 - part) ** 2;
    }
    addBurst(samples, random, { decay: 0.05, level: 0.5, filters: [{ kind: 'highpass', hertz: 1500 }] });
    return samples;
  });
}

/** A cloud of small tones that climbs, and a gate that opens below it. */
function makeTeleport(ask: EffectAsk): Layer[] {
  const { detail } = ask;
  const seconds = Math.min(4, Math.max(1.4, ask.window.to - ask.window.from - 0.3));
  const magic =
    ask.words.has('magic') ||
    ask.words.has('fairy') ||
    ask.words.has('sparkle') ||
    ask.words.has('wand') ||
    ask.words.has('spell') ||
    ask.words.has('shimmer');
  return struck(ask, { pause: seconds + 0.5, length: seconds + 0.6, several: 2 }, (random) => {
    const samples = emptyStrike(seconds + 0.8);
    const grains = Math.round((40 + 150 * detail) * (seconds / 2.5));
    for (let grain = 0; grain < grains; grain += 1) {
      const part = random.unit();
      const steps = random.pick([0, 2, 4, 7, 9, 12, 14, 16]);
      const hertz = (magic ? 1300 : 520) * ask.pitch * 2 ** (steps / 12 + (magic ? 0.8 : 1.8) * part);
      addGlide(samples, {
        at: part * seconds,
        from: hertz,
        to: hertz * random.between(0.99, 1.06),
        seconds: random.between(0.06, 0.3),
        level: 0.12 * (0.3 + part),
        ...(magic ? { decay: 0.5 } : {}),
        harmonics: [0.15],
      });
    }
    if (!magic) {
      addGlide(samples, {
        from: 70 * ask.pitch,
        to: 520 * ask.pitch,
        seconds,
        level: 0.25,
        attack: seconds * 0.6,
        harmonics: [0.5, 0.3, 0.2, 0.1],
      });
      addBurst(samples, random, {
        at: seconds,
        decay: 0.7,
        level: 0.7,
        colour: 'pink',
        filters: [{ kind: 'lowpass', hertz: 3000 }],
      });
    }
    return samples;
  });
}

function makeForceField(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const base = (ask.hertz ?? 88 * pitch) * ask.vary(0.1);
  const [first, second] = [
    new FmVoice({ hertz: base, ratio: 1.006, index: 2.6, feedback: 0.3 }),
    new FmVoice({ hertz: base * 2.003, ratio: 3.01, index: 1.4 }),
  ];
  const wander = new Drift(random.fork('wander'), 0.8);
  const tremble = new Oscillator('triangle');
  const top = new Biquad({ kind: 'lowpass', hertz: 2600 });
  return [
    texture({
      tick: () => top.tick(0.4 * first.tick() + 0.18 * second.tick()) * (0.75 + 0.25 * tremble.tick(9)),
      control: (seconds) => {
        first.hertz = base * (0.98 + 0.04 * wander.at(seconds));
        second.hertz = base * 2.003 * (0.97 + 0.06 * wander.at(seconds + 5));
      },
      level: (seconds) => 0.7 + 0.3 * wander.at(seconds + 2),
    }),
    strikes({
      times: randomTimes(random.fork('sparks'), (seconds) => 26 * ask.detail * wander.at(seconds * 1.3) ** 2),
      make: (index) => {
        const own = random.fork('spark', index);
        const samples = emptyStrike(0.03);
        addBurst(samples, own, {
          decay: 0.008,
          level: 1,
          filters: [{ kind: 'bandpass', hertz: own.betweenOctaves(2500, 8000), q: 1 }],
        });
        return { samples, level: 0.35 * own.unit() ** 2, place: 0.8 * own.signed() };
      },
      longest: 0.1,
    }),
  ];
}

/** Notes of a hull, against the lowest, and their levels. */
const HULL_TONES = [
  [1, 1],
  [1.005, 0.8],
  [2.01, 0.4],
  [3, 0.22],
  [1.5, 0.35],
  [4.02, 0.12],
  [5.97, 0.08],
] as const;

function makeSpaceship(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const base = (ask.hertz ?? 46 * pitch) * ask.vary(0.12);
  const breathe = new Drift(random.fork('breathe'), 0.25);
  const count = Math.max(3, Math.round(7 * ask.detail));
  const tones = Array.from({ length: count }, (_, index) => {
    const own = random.fork('tone', index);
    const [ratio, level] = HULL_TONES[index % HULL_TONES.length] ?? HULL_TONES[0];
    return {
      wave: new Oscillator('saw', own.unit()),
      hertz: base * ratio * own.between(0.997, 1.003),
      level,
    };
  });
  const hull = new FilterChain(new OnePole(600), new OnePole(1100));
  return [
    texture({
      tick: () => {
        let sum = 0;
        for (const tone of tones) sum += tone.level * tone.wave.tick(tone.hertz);
        return hull.tick(sum) * 0.5;
      },
      level: (seconds) => 0.75 + 0.4 * breathe.at(seconds),
    }),
    noiseTexture({
      random: random.fork('air'),
      colour: 'pink',
      shape: () => new Biquad({ kind: 'bandpass', hertz: 520 * pitch, q: 0.6 }),
      level: (seconds) => byStrength(ask, 0.06, 0.14, 0.3) * (0.7 + 0.6 * breathe.at(seconds + 4)),
    }),
  ];
}

/** Words of a language of glides and buzzes. */
function makeRobot(ask: EffectAsk): Layer[] {
  const { random } = ask;
  const harsh = ask.words.has('glitch') || ask.words.has('modem');
  return [
    strikes({
      times: rhythm(ask, {
        random: random.fork('times'),
        period: harsh ? 0.07 : 0.15,
        jitter: harsh ? 0.3 : 0.15,
      }),
      make: (index) => {
        const own = random.fork('word', index);
        const seconds = own.between(0.04, harsh ? 0.09 : 0.2) / ask.pace;
        const samples = emptyStrike(seconds + 0.02);
        if (own.chance(0.16)) return { samples };
        const from = own.betweenOctaves(320, 2400) * ask.pitch;
        const to = own.chance(0.5) ? from : own.betweenOctaves(320, 2400) * ask.pitch;
        addGlide(samples, {
          from,
          to,
          seconds,
          level: 0.4,
          attack: 0.004,
          harmonics: own.chance(0.3) || harsh ? [0.6, 0.4, 0.3, 0.2] : [0.15, 0.05],
        });
        if (harsh && own.chance(0.4))
          addBurst(samples, own, {
            decay: seconds * 2,
            level: 0.6,
            filters: [{ kind: 'bandpass', hertz: from, q: 1 }],
          });
        if (harsh) saturate(samples, 2);
        return { samples, place: harsh ? 0.8 * own.signed() : 0.2 * own.signed() };
      },
      longest: 0.4,
    }),
  ];
}
