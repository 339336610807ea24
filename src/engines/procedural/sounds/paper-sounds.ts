import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, strikes } from './effect-layers.ts';
import { addBurst, emptyStrike } from './effect-strikes.ts';
import { randomTimes } from './effect-times.ts';
import { struck } from './impact-sounds.ts';

/** What hands do with paper, cloth and matches. */
export const PAPER_SOUNDS: readonly EffectClass[] = [
  {
    id: 'page',
    once: true,
    names: 'page, page turn, book page, flip page, turn page, book',
    seconds: 1.2,
    make: makePage,
  },
  {
    id: 'tear',
    once: true,
    names: 'tear, rip, paper tear, paper rip, tear paper, cloth rip, fabric tear',
    seconds: 1.2,
    make: makeTear,
  },
  {
    id: 'paper',
    names: 'paper, crumple, paper crumple, wrapper, plastic bag, newspaper, paper rustle, cardboard',
    seconds: 2.5,
    make: (ask) => makeRustle(ask, { hertz: 3600, grains: 210, sharp: 0.006 }),
  },
  {
    id: 'cloth',
    names: 'cloth, clothes, clothing, fabric, rustle, jacket, curtain, blanket, dress, bush, flag, sheet',
    seconds: 2.5,
    presence: -2,
    make: (ask) => makeRustle(ask, { hertz: 2200, grains: 90, sharp: 0.02 }),
  },
  {
    id: 'lighter',
    once: true,
    names: 'match, lighter, match strike, strike match, light match',
    seconds: 2,
    make: makeMatch,
  },
  { id: 'zipper', once: true, names: 'zipper, zip', seconds: 1.2, make: makeZipper },
];

interface Rustle {
  readonly hertz: number;
  /** Grains a second while it moves. */
  readonly grains: number;
  readonly sharp: number;
}

/** Folds that let go, as fast as a hand moves. */
function makeRustle(ask: EffectAsk, { hertz, grains, sharp }: Rustle): Layer[] {
  const { random } = ask;
  const hand = random.fork('hand');
  const move = (seconds: number) => {
    const index = Math.floor(seconds * 2.2 * ask.pace);
    const at = seconds * 2.2 * ask.pace - index;
    return hand.fork(index).between(0.1, 1) * Math.sin(Math.PI * at) ** 1.2;
  };
  return [
    strikes({
      times: randomTimes(
        random.fork('times'),
        (seconds) => grains * (0.4 + 0.6 * ask.detail) * (0.05 + 1.5 * Math.abs(move(Math.max(0, seconds)))),
      ),
      make: (index, seconds) => {
        const own = random.fork('fold', index);
        const samples = emptyStrike(sharp * 3 + 0.01);
        addBurst(samples, own, {
          attack: sharp * 0.2,
          decay: sharp * 2,
          level: 1,
          filters: [
            { kind: 'bandpass', hertz: own.betweenOctaves(hertz * 0.5, hertz * 2.2) * ask.pitch, q: 1 },
          ],
        });
        return {
          samples,
          level: (0.08 + 0.6 * own.unit() ** 4) * (0.4 + Math.abs(move(Math.max(0, seconds)))),
          place: 0.5 * own.signed(),
        };
      },
      longest: 0.1,
    }),
  ];
}

function makePage(ask: EffectAsk): Layer[] {
  return struck(ask, { pause: 1.1, length: 0.8, several: 3, jitter: 0.2 }, (random) => {
    const samples = emptyStrike(0.8);
    addBurst(samples, random, {
      attack: 0.16,
      decay: 0.35,
      level: 0.5,
      filters: [{ kind: 'bandpass', hertz: 2600 * ask.pitch, q: 0.5 }],
    });
    for (let index = 0; index < 60 * ask.detail; index += 1) {
      addBurst(samples, random, {
        at: 0.05 + 0.45 * random.unit(),
        decay: 0.01,
        level: 0.35 * random.unit() ** 2,
        filters: [{ kind: 'bandpass', hertz: random.betweenOctaves(2000, 8000) * ask.pitch, q: 1 }],
      });
    }
    addBurst(samples, random, {
      at: 0.42,
      decay: 0.12,
      level: 0.6,
      colour: 'pink',
      filters: [{ kind: 'bandpass', hertz: 900 * ask.pitch, q: 0.5 }],
    });
    return samples;
  });
}

function makeTear(ask: EffectAsk): Layer[] {
  const seconds = 0.75 / ask.pace;
  return struck(ask, { pause: 1.2, length: 0.9, several: 2 }, (random) => {
    const samples = emptyStrike(seconds + 0.15);
    let at = 0;
    while (at < seconds) {
      const part = at / seconds;
      addBurst(samples, random, {
        at,
        decay: 0.007,
        level: (0.4 + 0.6 * part) * random.between(0.4, 1),
        filters: [
          { kind: 'bandpass', hertz: random.between(2200, 5200) * ask.pitch * (0.8 + 0.5 * part), q: 0.7 },
        ],
      });
      at += random.between(0.6, 1.4) / (140 + 180 * part);
    }
    return samples;
  });
}

function makeMatch(ask: EffectAsk): Layer[] {
  return struck(ask, { pause: 2, length: 1.8, several: 2 }, (random) => {
    const samples = emptyStrike(1.8);
    addBurst(samples, random, {
      attack: 0.12,
      decay: 0.1,
      level: 0.7,
      filters: [{ kind: 'bandpass', hertz: 3600 * ask.pitch, q: 0.8 }],
    });
    addBurst(samples, random, {
      at: 0.14,
      attack: 0.05,
      decay: 0.9,
      level: 1.3,
      filters: [{ kind: 'bandpass', hertz: 2200 * ask.pitch, q: 0.4 }],
    });
    addBurst(samples, random, {
      at: 0.3,
      attack: 0.2,
      decay: 2.4,
      level: 0.4,
      colour: 'brown',
      filters: [{ kind: 'lowpass', hertz: 300 }],
    });
    return samples;
  });
}

function makeZipper(ask: EffectAsk): Layer[] {
  const seconds = 0.8 / ask.pace;
  return struck(ask, { pause: 1.4, length: 1, several: 2 }, (random) => {
    const samples = emptyStrike(seconds + 0.2);
    let at = 0;
    while (at < seconds) {
      const part = at / seconds;
      addBurst(samples, random, {
        at,
        decay: 0.008,
        level: 0.9,
        filters: [{ kind: 'bandpass', hertz: (2300 + 2600 * part) * ask.pitch, q: 1.6 }],
      });
      at += 1 / (80 + 110 * part);
    }
    return samples;
  });
}
