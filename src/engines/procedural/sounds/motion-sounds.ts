import type { Random } from '../dsp/dsp-random.ts';
import type { EffectAsk, EffectClass, Material } from './effect-class.ts';
import { type Layer, strikes } from './effect-layers.ts';
import { addBlow, addBubble, addBurst, addGlide, BODIES, emptyStrike } from './effect-strikes.ts';
import { byStrength, happenings, rhythm } from './effect-times.ts';

/** Feet, hooves and wings. */
export const MOTION_SOUNDS: readonly EffectClass[] = [
  {
    id: 'footsteps',
    names:
      'footstep, step, walk, foot step, run, running, jog, heel, boot, high heel, march, stomp, sneak, stair',
    seconds: 5,
    make: makeFootsteps,
  },
  {
    id: 'gallop',
    names: 'horse, gallop, hoof, hooves, trot, horse gallop, horse hoof',
    seconds: 5,
    make: makeGallop,
  },
  {
    id: 'wings',
    names: 'wing, flap, wing flap, flutter, bird wing, bat wing',
    seconds: 2.5,
    make: makeWings,
  },
];

/** Heel and toe, the weight above them, and the ground between. */
function makeFootsteps(ask: EffectAsk): Layer[] {
  const { random, words } = ask;
  const runs = words.has('run') || words.has('jog') || words.has('running');
  const period = ask.beats === undefined ? (runs ? 0.34 : 0.55) * ask.vary(0.06) : 60 / ask.beats;
  const times = rhythm(ask, { random: random.fork('times'), period, jitter: 0.035 });
  return [
    strikes({
      times: ask.count === undefined ? times : times.take(ask.count),
      make: (index) => {
        const own = random.fork('step', index);
        const samples = emptyStrike(0.6);
        const left = index % 2 === 0;
        const push = { at: 0, level: own.between(0.8, 1) * (left ? 1 : 0.92) };
        addFoot(samples, own, { ask, ...push });
        addFoot(samples, own, {
          ask,
          at: (runs ? 0.045 : 0.1) * own.between(0.85, 1.15),
          level: push.level * (runs ? 0.5 : 0.42),
        });
        return { samples, place: left ? -0.14 : 0.14 };
      },
      longest: 0.8,
    }),
  ];
}

interface Foot {
  readonly ask: EffectAsk;
  readonly at: number;
  readonly level: number;
}

function addFoot(samples: Float32Array, random: Random, { ask, at, level }: Foot): void {
  const grained = GRAINS[ask.material ?? 'cloth'];
  const weight = byStrength(ask, 0.2, 0.42, 0.9) * level * (grained ? 0.22 : 1);
  addGlide(samples, {
    at,
    from: 120 * ask.pitch,
    to: 62 * ask.pitch,
    seconds: 0.12,
    level: 0.45 * weight,
    decay: 0.13,
    attack: 0.003,
  });
  if (grained) {
    addGrains(samples, random, {
      ...grained,
      at,
      level,
      pitch: ask.pitch,
      count: grained.count * (0.4 + 0.6 * ask.detail),
    });
    return;
  }
  const heel = ask.words.has('heel') || ask.words.has('boot') ? 1.5 : 0.8;
  if (ask.material === 'wood')
    addBlow(samples, random, {
      body: BODIES.hollow,
      hertz: 150 * ask.pitch,
      hardness: 0.5,
      level: 0.9 * level,
      contact: 0.4,
      at,
    });
  else if (ask.material === 'metal')
    addBlow(samples, random, {
      body: { ...BODIES.metal, decaySeconds: 0.5 },
      hertz: 260 * ask.pitch,
      hardness: 0.75,
      level: 0.6 * level,
      contact: 0.5,
      at,
    });
  addBlow(samples, random, {
    body: BODIES.stone,
    hertz: random.between(850, 1150) * ask.pitch,
    hardness: 0.78,
    level: 0.5 * heel * level,
    contact: 0.9,
    at,
  });
  addBurst(samples, random, {
    at: at + 0.01,
    attack: 0.012,
    decay: 0.09,
    level: 0.16 * level,
    filters: [{ kind: 'bandpass', hertz: 2600 * ask.pitch, q: 0.6 }],
  });
}

interface GrainBed {
  readonly count: number;
  /** Seconds over which the grains move. */
  readonly span: number;
  readonly least: number;
  readonly most: number;
  readonly decay: number;
  readonly wet?: boolean;
}

const GRAINS: Partial<Record<Material, GrainBed>> = {
  gravel: { count: 30, span: 0.16, least: 1300, most: 6500, decay: 0.014 },
  snow: { count: 60, span: 0.2, least: 500, most: 2600, decay: 0.02 },
  leaves: { count: 36, span: 0.2, least: 2200, most: 8500, decay: 0.012 },
  grass: { count: 26, span: 0.18, least: 1500, most: 5000, decay: 0.025 },
  mud: { count: 14, span: 0.16, least: 220, most: 900, decay: 0.04, wet: true },
  water: { count: 22, span: 0.24, least: 420, most: 2600, decay: 0.03, wet: true },
};

function addGrains(
  samples: Float32Array,
  random: Random,
  bed: GrainBed & { readonly at: number; readonly level: number; readonly pitch: number },
): void {
  for (let index = 0; index < bed.count; index += 1) {
    const at = bed.at + bed.span * random.unit() ** 1.4;
    const hertz = random.betweenOctaves(bed.least, bed.most) * bed.pitch;
    const level = bed.level * 0.75 * random.unit() ** 2;
    addBurst(samples, random, {
      at,
      attack: 0.001,
      decay: bed.decay,
      level,
      filters: [{ kind: 'bandpass', hertz, q: 1.2 }],
    });
    if (bed.wet === true) addBubble(samples, { at, hertz, level: level * 0.6, rise: 0.15 });
  }
}

/** Four hooves in a gallop, two and two in a trot. */
function makeGallop(ask: EffectAsk): Layer[] {
  const { random } = ask;
  const trot = ask.words.has('trot') || ask.words.has('walk');
  const beats = trot ? [0, 0.5] : [0, 0.22, 0.4];
  const soft = ask.material !== undefined && GRAINS[ask.material] !== undefined;
  return [
    strikes({
      times: rhythm(ask, { random: random.fork('times'), period: trot ? 0.66 : 0.5, jitter: 0.02 }),
      make: (index) => {
        const own = random.fork('stride', index);
        const samples = emptyStrike(0.9);
        for (const [order, beat] of beats.entries()) {
          const at = (beat * (trot ? 0.66 : 0.5)) / ask.pace;
          const level = (order === beats.length - 1 ? 1 : 0.75) * own.between(0.85, 1);
          if (!soft)
            addBlow(samples, own, {
              body: BODIES.wood,
              hertz: own.between(480, 620) * ask.pitch,
              hardness: 0.6,
              level,
              contact: 0.6,
              at,
            });
          addFoot(samples, own, { ask, at, level });
        }
        return { samples, place: 0.1 * own.signed() };
      },
      longest: 1,
    }),
  ];
}

function makeWings(ask: EffectAsk): Layer[] {
  const { random } = ask;
  return [
    strikes({
      times:
        ask.count === undefined
          ? rhythm(ask, { random: random.fork('times'), period: 0.13 / ask.pitch ** 0.5, jitter: 0.1 })
          : happenings(ask, { pause: 0.14, length: 0.2, several: 8 }),
      make: (index) => {
        const own = random.fork('beat', index);
        const samples = emptyStrike(0.2);
        addBurst(samples, own, {
          attack: 0.025,
          decay: 0.11,
          level: 1,
          colour: 'pink',
          filters: [{ kind: 'bandpass', hertz: (index % 2 === 0 ? 750 : 1150) * ask.pitch, q: 0.6 }],
        });
        return { samples, level: own.between(0.6, 1), place: 0.2 * own.signed() };
      },
      longest: 0.3,
    }),
  ];
}
