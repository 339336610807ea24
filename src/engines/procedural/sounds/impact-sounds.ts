import type { Random } from '../dsp/dsp-random.ts';
import type { ModalBody } from '../dsp/dsp-modal.ts';
import type { EffectAsk, EffectClass, Material } from './effect-class.ts';
import { type Layer, strikes } from './effect-layers.ts';
import { addBlow, addBurst, addGlide, BODIES, emptyStrike, saturate } from './effect-strikes.ts';
import { byStrength, type Happening, happenings } from './effect-times.ts';

/** Things that meet other things. */
export const IMPACT_SOUNDS: readonly EffectClass[] = [
  {
    id: 'door-slam',
    once: true,
    names: 'door slam, slam, door, door bang, door shut, door close, gate slam',
    seconds: 1.8,
    presence: 4,
    make: makeDoorSlam,
  },
  {
    id: 'door-creak',
    once: true,
    names: 'door creak, creak, door open, squeak, hinge, gate open, creak door, floorboard, floorboard creak',
    seconds: 2.5,
    make: makeCreak,
  },
  { id: 'knock', names: 'knock, door knock, knock door', seconds: 1.4, presence: 2, make: makeKnocks },
  {
    id: 'punch',
    names: 'punch, kick, fight, body hit, face punch',
    seconds: 1,
    presence: 3,
    make: makePunch,
  },
  {
    id: 'slap',
    names: 'slap, clap hand, hand clap, spank',
    seconds: 0.8,
    presence: 2,
    make: makeSlap,
  },
  {
    id: 'hit',
    names:
      'hit, impact, thud, bang, bump, strike, knock over, hammer, hammering, thump, blow, clang, clank, bonk, axe, chop, wood chop, stone, rock, rock fall, anvil, gavel, pot, pan, metal, pipe',
    seconds: 1.4,
    presence: 3,
    make: makeHits,
  },
];

interface Matter {
  readonly body: ModalBody;
  readonly hertz: number;
  readonly hardness: number;
}

const MATTERS: Readonly<Partial<Record<Material, Matter>>> = {
  metal: { body: BODIES.metal, hertz: 340, hardness: 0.8 },
  glass: { body: BODIES.glass, hertz: 1500, hardness: 0.85 },
  stone: { body: BODIES.stone, hertz: 520, hardness: 0.75 },
  plastic: { body: BODIES.plastic, hertz: 420, hardness: 0.5 },
  wood: { body: BODIES.wood, hertz: 230, hardness: 0.55 },
};

/** What a body of a material sounds like when it is of ordinary size. */
export function matterOf({ material, words }: Pick<EffectAsk, 'material' | 'words'>): Matter {
  if (
    words.has('clang') ||
    words.has('clank') ||
    words.has('anvil') ||
    words.has('pipe') ||
    words.has('pot') ||
    words.has('pan')
  ) {
    return { body: BODIES.metal, hertz: 420, hardness: 0.85 };
  }
  return (
    (material === undefined ? undefined : MATTERS[material]) ?? {
      body: BODIES.hollow,
      hertz: 95,
      hardness: 0.35,
    }
  );
}

/** A layer of one-channel strikes that happen as they are asked for. */
export function struck(
  ask: EffectAsk,
  happening: Happening,
  make: (random: Random, index: number) => Float32Array,
): Layer[] {
  return [
    strikes({
      times: happenings(ask, happening),
      make: (index) => {
        const own = ask.random.fork('strike', index);
        return { samples: make(own, index), level: own.between(0.85, 1), place: 0.12 * own.signed() };
      },
      longest: happening.length + 1,
    }),
  ];
}

function makeHits(ask: EffectAsk): Layer[] {
  const matter = matterOf(ask);
  const hardness = Math.min(1, Math.max(0.05, matter.hardness + 0.2 * ask.strength));
  const hertz = matter.hertz * ask.pitch * byStrength(ask, 1.3, 1, 0.72) * ask.vary(0.12);
  const length = matter.body.decaySeconds + 0.3;
  return struck(ask, { pause: 0.55, length, several: 4 }, (random) => {
    const samples = emptyStrike(length);
    addBlow(samples, random, {
      body: matter.body,
      hertz,
      hardness,
      contact: 0.5,
      modes: 4 + Math.round(10 * ask.detail),
    });
    addGlide(samples, {
      from: 110 * ask.pitch,
      to: 55 * ask.pitch,
      seconds: 0.18,
      level: byStrength(ask, 0.15, 0.4, 0.8),
      decay: 0.2,
      attack: 0.002,
    });
    return samples;
  });
}

function makeKnocks(ask: EffectAsk): Layer[] {
  const matter = ask.material === undefined ? matterOf({ ...ask, material: 'wood' }) : matterOf(ask);
  const body = { ...matter.body, decaySeconds: Math.min(0.5, matter.body.decaySeconds) };
  const hertz = matter.hertz * 0.85 * ask.pitch * ask.vary(0.12);
  const usual = { ...ask, count: ask.count ?? 3 };
  return struck(usual, { pause: 0.3, length: 0.9, several: 3, jitter: 0.08 }, (random) => {
    const samples = emptyStrike(0.5);
    addBlow(samples, random, { body, hertz, hardness: 0.5 + 0.2 * ask.strength, contact: 0.55 });
    addBlow(samples, random, {
      body: BODIES.hollow,
      hertz: 105 * ask.pitch,
      hardness: 0.3,
      level: 0.3,
      contact: 0.1,
    });
    return samples;
  });
}

function makeDoorSlam(ask: EffectAsk): Layer[] {
  const heavy = byStrength(ask, 1.4, 1, 0.7) * ask.pitch * ask.vary(0.1);
  const metal = ask.material === 'metal';
  return struck(ask, { pause: 1.6, length: 1.5, several: 3 }, (random) => {
    const samples = emptyStrike(metal ? 2.2 : 1.3);
    addBurst(samples, random, {
      decay: 0.35,
      level: 1.1,
      colour: 'brown',
      filters: [{ kind: 'lowpass', hertz: 190 * heavy }],
    });
    addGlide(samples, {
      from: 90 * heavy,
      to: 52 * heavy,
      seconds: 0.3,
      decay: 0.3,
      attack: 0.002,
      level: 0.45,
    });
    addBlow(samples, random, {
      body: metal ? BODIES.metal : BODIES.wood,
      hertz: (metal ? 240 : 150) * heavy,
      hardness: 0.6,
      level: 1.1,
      contact: 0.6,
    });
    // The latch, and what stands loose in the frame.
    addBlow(samples, random, {
      body: { ...BODIES.metal, decaySeconds: 0.12 },
      hertz: 1900,
      hardness: 0.9,
      level: 0.25,
      at: 0.012,
    });
    for (let index = 0; index < 4; index += 1) {
      addBlow(samples, random, {
        body: BODIES.wood,
        hertz: random.between(260, 520) * heavy,
        hardness: 0.5,
        level: 0.22 * 0.6 ** index,
        at: 0.06 + 0.05 * index * random.between(0.8, 1.2),
      });
    }
    saturate(samples, 1.1);
    return samples;
  });
}

/** Wood or rust that holds and lets go, some dozens of times a second. */
function makeCreak(ask: EffectAsk): Layer[] {
  const seconds = 1.7 / ask.pace;
  return struck(ask, { pause: seconds + 0.8, length: seconds, several: 2 }, (random) => {
    const samples = emptyStrike(seconds + 0.3);
    const base = random.between(380, 560) * ask.pitch;
    const body: ModalBody = { ratios: [1, 1.72, 2.6, 3.9, 5.2], decaySeconds: 0.035, damping: 0.3, slope: 2 };
    let at = 0.02;
    while (at < seconds) {
      const part = at / seconds;
      const pull = Math.sin(Math.PI * part) ** 0.7;
      addBlow(samples, random, {
        body,
        hertz: base * (0.85 + 0.5 * part),
        hardness: 0.85,
        level: 0.5 * pull * random.between(0.6, 1),
        contact: 0.15,
        at,
      });
      at += (1 / (28 + 70 * pull)) * random.between(0.85, 1.2);
    }
    return samples;
  });
}

function makePunch(ask: EffectAsk): Layer[] {
  const heavy = byStrength(ask, 1.3, 1, 0.75) * ask.pitch * ask.vary(0.1);
  return struck(
    ask,
    { pause: 0.55, length: 0.5, several: ask.words.has('fight') ? 'endless' : 4, jitter: 0.3 },
    (random) => {
      const samples = emptyStrike(0.4);
      addGlide(samples, {
        from: 170 * heavy,
        to: 62 * heavy,
        seconds: 0.2,
        level: 1.1,
        attack: 0.001,
        decay: 0.22,
      });
      addBurst(samples, random, {
        attack: 0.001,
        decay: 0.07,
        level: 1.2,
        filters: [{ kind: 'bandpass', hertz: 1150 * heavy, q: 0.7 }],
      });
      addBurst(samples, random, {
        decay: 0.14,
        level: 1,
        colour: 'pink',
        filters: [{ kind: 'lowpass', hertz: 420 * heavy }],
      });
      saturate(samples, 1.4);
      return samples;
    },
  );
}

function makeSlap(ask: EffectAsk): Layer[] {
  return struck(ask, { pause: 0.45, length: 0.3, several: 4, jitter: 0.1 }, (random) => {
    const samples = emptyStrike(0.25);
    const hertz = random.between(1050, 1450) * ask.pitch;
    addBurst(samples, random, {
      attack: 0.0008,
      decay: 0.06,
      level: 1.6,
      filters: [{ kind: 'bandpass', hertz, q: 0.8 }],
    });
    addBurst(samples, random, {
      at: 0.004,
      decay: 0.1,
      level: 0.6,
      filters: [{ kind: 'bandpass', hertz: hertz * 2.2, q: 1 }],
    });
    return samples;
  });
}
