import type { Random } from '../dsp/dsp-random.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, strikes } from './effect-layers.ts';
import { addBlow, addBurst, BODIES, emptyStrike, saturate } from './effect-strikes.ts';
import { byStrength, happenings } from './effect-times.ts';
import { matterOf, struck } from './impact-sounds.ts';

/** Things that come apart. */
export const BREAK_SOUNDS: readonly EffectClass[] = [
  {
    id: 'glass-break',
    once: true,
    names:
      'glass break, glass shatter, glass smash, shatter, glass crash, window break, window smash, bottle break, bottle smash, break, vase break, plate break',
    seconds: 2.5,
    presence: 4,
    make: makeGlassBreak,
  },
  {
    id: 'crash',
    once: true,
    names: 'crash, car crash, collision, wreck, car accident, collapse, demolition',
    seconds: 3.5,
    presence: 5,
    make: makeCrash,
  },
  {
    id: 'snap',
    once: true,
    names:
      'twig, twig snap, branch, branch break, bone, bone crack, crunch, stick break, stick snap, finger snap, wood crack, wood break, wood snap',
    seconds: 0.8,
    make: makeSnap,
  },
  {
    id: 'drop',
    once: true,
    names:
      'drop, fall object, object drop, ball bounce, bounce, ball, basketball, marble, ping pong, table tennis',
    seconds: 2.2,
    make: makeDrop,
  },
  {
    id: 'clink',
    names:
      'clink, glass clink, coin, coin drop, dish, plate, cutlery, cup, chain, key jingle, jingle key, fork, spoon, sword, sword clash, sword fight, toast',
    seconds: 1.6,
    make: makeClink,
  },
];

function makeGlassBreak(ask: EffectAsk): Layer[] {
  const { random, detail } = ask;
  const body = ask.material === 'wood' || ask.material === 'stone' ? BODIES[ask.material] : BODIES.glass;
  const size = byStrength(ask, 1.4, 1, 0.8) * ask.pitch * ask.vary(0.1);
  const shards = Math.round(byStrength(ask, 25, 60, 110) * (0.3 + 0.7 * detail));
  const channel = (own: Random) => {
    const samples = emptyStrike(2.4);
    addBurst(samples, own, { decay: 0.12, level: 1.5, filters: [{ kind: 'highpass', hertz: 1800 * size }] });
    addBlow(samples, own, { body, hertz: 1750 * size, hardness: 0.95, level: 0.6, contact: 0.8 });
    for (let index = 0; index < shards; index += 1) {
      // Shards part at once, fall, and ring once more on the floor.
      const at = own.chance(0.45) ? 0.01 + 0.12 * own.unit() ** 2 : 0.25 + 1.3 * own.unit() ** 1.7;
      const level = 0.4 * own.unit() ** 2 * Math.exp(-1.3 * at);
      addBlow(samples, own, {
        body: { ...body, decaySeconds: own.between(0.08, 0.4) },
        hertz: own.betweenOctaves(1900, 6500) * size,
        hardness: 1,
        level,
        contact: 0.3,
        at,
        modes: 3,
      });
    }
    return samples;
  };
  return [
    strikes({
      times: happenings(ask, { pause: 1.6, length: 2.4, several: 2 }),
      make: (index) => ({
        samples: channel(random.fork('left', index)),
        right: channel(random.fork('right', index)),
      }),
      longest: 2.5,
    }),
  ];
}

function makeCrash(ask: EffectAsk): Layer[] {
  const { random, detail } = ask;
  const heavy = byStrength(ask, 1.3, 1, 0.8) * ask.pitch * ask.vary(0.1);
  const channel = (own: Random) => {
    const samples = emptyStrike(3.4);
    addBurst(samples, own, {
      decay: 0.7,
      level: 2,
      colour: 'brown',
      filters: [{ kind: 'lowpass', hertz: 260 * heavy }],
    });
    addBurst(samples, own, {
      decay: 0.5,
      level: 1.4,
      filters: [{ kind: 'bandpass', hertz: 1100 * heavy, q: 0.4 }],
    });
    const pieces = Math.round(20 + 60 * detail);
    for (let index = 0; index < pieces; index += 1) {
      const at = 2 * own.unit() ** 2.2;
      const glass = own.chance(0.5);
      const body = glass
        ? { ...BODIES.glass, decaySeconds: 0.2 }
        : { ...BODIES.metal, decaySeconds: own.between(0.15, 0.9) };
      const hertz = glass ? own.betweenOctaves(2000, 6000) : own.betweenOctaves(180, 1100);
      addBlow(samples, own, {
        body,
        hertz: hertz * heavy,
        hardness: 0.9,
        level: 0.5 * own.unit() * Math.exp(-1.1 * at),
        at,
        contact: 0.5,
        modes: 6,
      });
    }
    saturate(samples, 1.3);
    return samples;
  };
  return [
    strikes({
      times: happenings(ask, { pause: 2.6, length: 3.2, several: 2 }),
      make: (index) => ({
        samples: channel(random.fork('left', index)),
        right: channel(random.fork('right', index)),
      }),
      longest: 3.5,
    }),
  ];
}

function makeSnap(ask: EffectAsk): Layer[] {
  const crunch = ask.words.has('crunch') ? 9 : 2;
  return struck(ask, { pause: 0.5, length: 0.4, several: 4, jitter: 0.3 }, (random) => {
    const samples = emptyStrike(0.35);
    for (let index = 0; index < crunch; index += 1) {
      const level = index === 0 ? 1 : 0.6 * random.unit();
      addBlow(samples, random, {
        body: BODIES.wood,
        hertz: random.between(700, 1300) * ask.pitch,
        hardness: 0.9,
        level,
        contact: 0.9,
        at: index === 0 ? 0 : 0.008 + 0.16 * random.unit(),
      });
    }
    return samples;
  });
}

/** It falls, and each bounce is lower and sooner than the last. */
function makeDrop(ask: EffectAsk): Layer[] {
  const ball = ask.words.has('ball') || ask.words.has('basketball') || ask.words.has('bounce');
  const matter = matterOf(ask.material === undefined && !ball ? { ...ask, material: 'wood' } : ask);
  return struck(ask, { pause: 2.2, length: 2.1, several: 2 }, (random) => {
    const samples = emptyStrike(2.2 + Math.min(1, matter.body.decaySeconds));
    const keeps = ball ? 0.84 : random.between(0.55, 0.68);
    let [at, wait, level] = [0, ball ? 0.55 : 0.32, 1];
    for (let bounce = 0; bounce < 14 && level > 0.02 && at < 2.1; bounce += 1) {
      addBlow(samples, random, {
        body: matter.body,
        hertz: matter.hertz * ask.pitch,
        hardness: matter.hardness,
        level,
        contact: 0.5,
        at,
      });
      at += wait;
      wait *= keeps;
      level *= keeps;
    }
    return samples;
  });
}

function makeClink(ask: EffectAsk): Layer[] {
  const glass =
    ask.material !== 'metal' &&
    (ask.material === 'glass' ||
      ask.words.has('toast') ||
      ask.words.has('dish') ||
      ask.words.has('plate') ||
      ask.words.has('cup'));
  const body = glass ? BODIES.glass : { ...BODIES.bar, ratios: [1, 1.59, 2.76, 3.7, 5.4], decaySeconds: 0.7 };
  const hertz = (glass ? 2100 : ask.words.has('sword') ? 1300 : 2900) * ask.pitch * ask.vary(0.1);
  return struck(
    ask,
    { pause: 0.4, length: 1.1, several: ask.words.has('sword') ? 5 : 6, jitter: 0.5 },
    (random) => {
      const samples = emptyStrike(1.1);
      const own = hertz * random.between(0.9, 1.15);
      addBlow(samples, random, { body, hertz: own, hardness: 0.95, contact: 0.25 });
      addBlow(samples, random, {
        body,
        hertz: own * 1.23,
        hardness: 0.95,
        level: 0.6,
        contact: 0.2,
        at: random.between(0.004, 0.012),
      });
      return samples;
    },
  );
}
