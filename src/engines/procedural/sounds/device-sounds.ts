import type { Random } from '../dsp/dsp-random.ts';
import { Biquad } from '../dsp/dsp-filters.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, noiseTexture, strikes } from './effect-layers.ts';
import { addBlow, addBurst, addGlide, BODIES, emptyStrike } from './effect-strikes.ts';
import { byStrength, FIRST_SECONDS, rhythm } from './effect-times.ts';
import { struck } from './impact-sounds.ts';

/** Small things that tick, type and click. */
export const DEVICE_SOUNDS: readonly EffectClass[] = [
  { id: 'typewriter', names: 'typewriter, type writer', seconds: 6, make: makeTypewriter },
  {
    id: 'keyboard',
    names: 'keyboard, typing, type, computer keyboard, keystroke, keyboard type',
    seconds: 5,
    make: makeKeyboard,
  },
  {
    id: 'clock',
    names: 'clock, tick, ticking, clock tick, watch tick, metronome, stopwatch, pendulum, tock, timer',
    seconds: 6,
    make: makeClock,
  },
  {
    id: 'printer',
    names: 'printer, dot matrix, fax, scanner, photocopier, copier, 3d printer',
    seconds: 6,
    make: makePrinter,
  },
  {
    id: 'camera',
    once: true,
    names: 'camera, camera shutter, shutter, photo, camera click, snapshot',
    seconds: 0.8,
    make: makeShutter,
  },
  {
    id: 'switch',
    names:
      'switch, light switch, button press, latch, lock, unlock, lever, key lock, door lock, mouse click, pen click, ratchet, gun reload, reload, cock',
    seconds: 0.8,
    make: makeSwitch,
  },
];

function key(
  random: Random,
  { hertz, hard }: { readonly hertz: number; readonly hard: number },
): Float32Array {
  const samples = emptyStrike(0.16);
  addBlow(samples, random, {
    body: BODIES.plastic,
    hertz: hertz * random.between(0.9, 1.12),
    hardness: hard,
    level: 0.9,
    contact: 0.9,
  });
  // The key comes back up.
  addBlow(samples, random, {
    body: BODIES.plastic,
    hertz: hertz * 1.6,
    hardness: hard,
    level: 0.3,
    contact: 0.6,
    at: random.between(0.06, 0.09),
  });
  return samples;
}

/** Hands that write: runs of keys, a longer one now and then, a pause after a word. */
function* typing(ask: EffectAsk, random: Random): Generator<number> {
  if (ask.count !== undefined) {
    for (let index = 0; index < ask.count; index += 1) yield FIRST_SECONDS + (index * 0.16) / ask.pace;
    return;
  }
  for (let seconds = FIRST_SECONDS; ;) {
    yield seconds;
    const pause = random.chance(0.13) ? random.between(0.18, 0.5) : 0;
    seconds += (random.between(0.075, 0.19) + pause) / ask.pace;
  }
}

function makeKeyboard(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const hertz = byStrength(ask, 800, 620, 480) * pitch * ask.vary(0.1);
  return [
    strikes({
      times: typing(ask, random.fork('hands')),
      make: (index) => {
        const own = random.fork('key', index);
        return {
          samples: key(own, { hertz: own.chance(0.15) ? hertz * 0.6 : hertz, hard: 0.75 }),
          level: own.between(0.5, 1),
          place: 0.3 * own.signed(),
        };
      },
      longest: 0.2,
    }),
  ];
}

function makeTypewriter(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  return [
    strikes({
      times: typing({ ...ask, pace: ask.pace * 0.8 }, random.fork('hands')),
      make: (index) => {
        const own = random.fork('key', index);
        if (ask.count === undefined && index % 38 === 37)
          return { samples: carriage(own, pitch), level: 0.8 };
        const samples = emptyStrike(0.25);
        addBlow(samples, own, {
          body: { ...BODIES.metal, decaySeconds: 0.09 },
          hertz: own.between(620, 780) * pitch,
          hardness: 0.9,
          contact: 1.2,
          modes: 7,
        });
        addBlow(samples, own, {
          body: BODIES.wood,
          hertz: 190 * pitch,
          hardness: 0.5,
          level: 0.6,
          contact: 0.2,
        });
        addBlow(samples, own, {
          body: BODIES.stone,
          hertz: 1400 * pitch,
          hardness: 0.9,
          level: 0.25,
          at: 0.05,
        });
        return { samples, level: own.between(0.7, 1), place: -0.25 + 0.5 * ((index % 38) / 38) };
      },
      longest: 1.4,
    }),
  ];
}

/** The bell, and the ratchet of the way back. */
function carriage(random: Random, pitch: number): Float32Array {
  const samples = emptyStrike(1.3);
  addBlow(samples, random, {
    body: BODIES.bar,
    hertz: 2350 * pitch,
    hardness: 0.95,
    level: 0.7,
    contact: 0.1,
  });
  for (let tooth = 0; tooth < 22; tooth += 1) {
    addBlow(samples, random, {
      body: BODIES.stone,
      hertz: 1500 * pitch,
      hardness: 0.9,
      level: 0.25,
      at: 0.35 + tooth * 0.017,
    });
  }
  addBlow(samples, random, { body: BODIES.wood, hertz: 170 * pitch, hardness: 0.6, level: 0.9, at: 0.75 });
  return samples;
}

function makeClock(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const large = ask.words.has('grandfather') || ask.words.has('pendulum') || ask.words.has('tower');
  const period = ask.beats === undefined ? (large || ask.words.has('tock') ? 1 : 0.5) : 60 / ask.beats;
  const hertz = (large ? 900 : 2100) * pitch * ask.vary(0.1);
  const times = rhythm(ask, { random: random.fork('times'), period });
  return [
    strikes({
      times: ask.count === undefined ? times : times.take(ask.count),
      make: (index) => {
        const own = random.fork('tick', index);
        const tock = index % 2 === 1;
        const samples = emptyStrike(0.12);
        const note = hertz * (tock ? 0.8 : 1);
        addBlow(samples, own, { body: BODIES.stone, hertz: note, hardness: 0.95, contact: 0.7 });
        addBlow(samples, own, {
          body: BODIES.wood,
          hertz: note * 0.3,
          hardness: 0.7,
          level: 0.35,
          contact: 0.1,
        });
        // The wheel falls a moment before the pallet stops it.
        addBlow(samples, own, {
          body: BODIES.stone,
          hertz: note * 1.4,
          hardness: 0.95,
          level: 0.3,
          contact: 0.5,
          at: 0.011,
        });
        return { samples, level: tock ? 0.8 : 1 };
      },
      longest: 0.2,
    }),
  ];
}

function makePrinter(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  return [
    noiseTexture({
      random: random.fork('fan'),
      colour: 'pink',
      shape: () => new Biquad({ kind: 'bandpass', hertz: 700, q: 0.5 }),
      level: 0.05,
    }),
    strikes({
      times: rhythm(ask, { random: random.fork('lines'), period: 0.95, jitter: 0.03 }),
      make: (index) => {
        const own = random.fork('line', index);
        const samples = emptyStrike(0.95);
        const note = (index % 2 === 0 ? 310 : 345) * pitch;
        addGlide(samples, {
          from: note * 0.7,
          to: note,
          seconds: 0.7,
          level: 0.18,
          attack: 0.03,
          bend: 0.2,
          harmonics: [0.7, 0.5, 0.4, 0.3, 0.25],
        });
        addBurst(samples, own, {
          attack: 0.1,
          decay: 1.4,
          level: 0.2,
          filters: [{ kind: 'bandpass', hertz: 2600 * pitch, q: 0.8 }],
        });
        for (let step = 0; step < 4; step += 1)
          addBlow(samples, own, {
            body: BODIES.plastic,
            hertz: 420 * pitch,
            hardness: 0.7,
            level: 0.5,
            at: 0.74 + 0.03 * step,
          });
        return { samples, place: index % 2 === 0 ? 0.15 : -0.15 };
      },
      longest: 1,
    }),
  ];
}

function makeShutter(ask: EffectAsk): Layer[] {
  return struck(ask, { pause: 0.6, length: 0.4, several: 3 }, (random) => {
    const samples = emptyStrike(0.35);
    const click = { body: BODIES.plastic, hertz: 1500 * ask.pitch, hardness: 0.95 };
    addBlow(samples, random, { ...click, contact: 1 });
    addBurst(samples, random, {
      at: 0.01,
      attack: 0.02,
      decay: 0.09,
      level: 0.35,
      filters: [{ kind: 'bandpass', hertz: 3800, q: 0.9 }],
    });
    addBlow(samples, random, { ...click, hertz: 1100 * ask.pitch, contact: 1.1, at: 0.095 });
    return samples;
  });
}

function makeSwitch(ask: EffectAsk): Layer[] {
  const metal =
    ask.material === 'metal' || ask.words.has('lock') || ask.words.has('reload') || ask.words.has('latch');
  return struck(ask, { pause: 0.5, length: 0.3, several: 3 }, (random) => {
    const samples = emptyStrike(0.3);
    const body = metal ? { ...BODIES.metal, decaySeconds: 0.12 } : BODIES.plastic;
    const hertz = (metal ? 900 : 1150) * ask.pitch;
    addBlow(samples, random, { body, hertz, hardness: 0.9, level: 0.6, contact: 0.8 });
    addBlow(samples, random, {
      body,
      hertz: hertz * 0.8,
      hardness: 0.85,
      contact: 1,
      at: metal ? 0.09 : 0.022,
    });
    return samples;
  });
}
