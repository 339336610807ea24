import { addModes, type ModalBody, modesOf } from '../dsp/dsp-modal.ts';
import type { Random } from '../dsp/dsp-random.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, strikes } from './effect-layers.ts';
import { addBlow, addBurst, BODIES, emptyStrike } from './effect-strikes.ts';
import { byStrength, fitPeriod, type Happening, happenings, randomTimes, rhythm } from './effect-times.ts';

/** What is cast to ring. */
export const BELL_SOUNDS: readonly EffectClass[] = [
  {
    id: 'church-bell',
    names:
      'church bell, cathedral bell, tower bell, bell tower, bell toll, toll, big ben, clock strike, bell church, carillon, clock chime',
    seconds: 7,
    make: (ask) => makeBell(ask, { body: CHURCH, hertz: 440, seconds: 7, pause: 1.9 }),
  },
  { id: 'gong', names: 'gong, tam tam, tamtam', seconds: 7, make: makeGong },
  {
    id: 'bowl',
    names: 'singing bowl, bowl, tibetan bowl, meditation bell, crystal bowl, meditation',
    seconds: 8,
    make: (ask) => makeBell(ask, { body: BOWL, hertz: 290, seconds: 9, pause: 5 }),
  },
  { id: 'wind-chimes', names: 'wind chime, chime, windchime', seconds: 8, make: makeChimes },
  { id: 'doorbell', names: 'doorbell, door bell, door chime, ding dong', seconds: 2.5, make: makeDoorbell },
  {
    id: 'sleigh-bells',
    names: 'sleigh bell, jingle bell, jingle, tambourine',
    seconds: 5,
    make: makeJingles,
  },
  { id: 'cymbal', names: 'cymbal, crash cymbal, hi hat, hihat', seconds: 3, make: makeCymbal },
  {
    id: 'triangle',
    names: 'triangle',
    seconds: 3,
    make: (ask) =>
      makeBell(ask, {
        body: { ...BODIES.bar, ratios: [1, 2.41, 4.06, 5.9, 7.7], decaySeconds: 3, damping: 0.3, slope: -1 },
        hertz: 1560,
        seconds: 3,
        pause: 0.6,
      }),
  },
  {
    id: 'bell',
    names:
      'bell, hand bell, service bell, desk bell, bicycle bell, bike bell, ship bell, cow bell, cowbell, ding, ring',
    seconds: 3,
    make: (ask) =>
      makeBell(ask, {
        body: HANDBELL,
        hertz: ask.words.has('cow') || ask.words.has('cowbell') ? 560 : 1320,
        seconds: 3,
        pause: 0.7,
      }),
  },
];

/**
 * The partials of a tuned church bell against its prime: hum, prime, tierce, quint, nominal and those above. Low ones
 * sound for many seconds, high ones for a moment.
 */
const CHURCH: ModalBody = {
  ratios: [0.5, 1, 1.19, 1.5, 2, 2.51, 2.74, 3.01, 4.17, 5.43, 6.8, 8.2],
  decaySeconds: 4.6,
  damping: 0.9,
  slope: 2.5,
};
const HANDBELL: ModalBody = {
  ratios: [1, 2.01, 2.99, 4.16, 5.43, 6.79],
  decaySeconds: 2.4,
  damping: 0.9,
  slope: 3.5,
};
const BOWL: ModalBody = {
  ratios: [1, 1.004, 2.72, 2.731, 5.05, 7.9],
  decaySeconds: 9,
  damping: 1.1,
  slope: 4,
};

interface Ring {
  readonly body: ModalBody;
  readonly hertz: number;
  readonly seconds: number;
  readonly pause: number;
}

function ringing(
  ask: EffectAsk,
  happening: Happening,
  make: (random: Random, index: number) => Float32Array,
): Layer[] {
  return [
    strikes({
      times: happenings(ask, happening),
      make: (index) => ({
        samples: make(ask.random.fork('bell', ask.count === undefined ? 0 : 0), index),
        level: ask.random.fork('force', index).between(0.85, 1),
      }),
      longest: happening.length + 1,
    }),
  ];
}

function makeBell(ask: EffectAsk, { body, hertz, seconds, pause }: Ring): Layer[] {
  const note = ask.hertz ?? hertz * ask.pitch * ask.vary(0.15);
  const hardness = 0.75 + 0.2 * ask.strength;
  return ringing(ask, { pause, length: seconds, several: 'endless', jitter: 0.02 }, (random) => {
    const samples = emptyStrike(seconds);
    addBlow(samples, random, {
      body,
      hertz: note,
      hardness,
      contact: 0.12,
      modes: Math.max(4, Math.round(12 * ask.detail)),
    });
    // Two halves of a bell are never quite alike: its low partials beat.
    addBlow(samples, random, {
      body: { ...body, ratios: body.ratios.slice(0, 4) },
      hertz: note * 1.0021,
      hardness,
      level: 0.4,
      contact: 0,
    });
    return samples;
  });
}

/** Struck, it begins low, and its high modes wake only afterwards. */
function makeGong(ask: EffectAsk): Layer[] {
  const seconds = 8;
  const base = 92 * ask.pitch * byStrength(ask, 1.3, 1, 0.75) * ask.vary(0.12);
  return ringing(ask, { pause: 4, length: seconds, several: 2 }, (random) => {
    const samples = emptyStrike(seconds);
    const ratios = Array.from(
      { length: Math.round(10 + 30 * ask.detail) },
      (_, index) => 1 + 0.47 * index * (1 + 0.03 * random.signed()),
    );
    const low = modesOf(
      { ratios: ratios.slice(0, 8), decaySeconds: 7, damping: 0.5, slope: 3 },
      { hertz: base, random },
    );
    addModes(
      samples,
      low.map((mode) => ({ ...mode, level: mode.level * 0.5 })),
    );
    const shimmer = emptyStrike(seconds);
    const high = modesOf(
      { ratios: ratios.slice(5), decaySeconds: 6, damping: 0.45, slope: 2 },
      { hertz: base, random },
    );
    addModes(
      shimmer,
      high.map((mode) => ({ ...mode, level: mode.level * 0.3 })),
    );
    for (let index = 0; index < samples.length; index += 1) {
      const woken = 1 - Math.exp(-index / (44_100 * 0.22));
      samples[index] = (samples[index] ?? 0) + (shimmer[index] ?? 0) * woken;
    }
    addBurst(samples, random, {
      attack: 0.003,
      decay: 0.12,
      level: 0.5,
      colour: 'pink',
      filters: [{ kind: 'lowpass', hertz: 500 }],
    });
    return samples;
  });
}

/** Tubes of a pentatonic scale that the wind drives against one another. */
function makeChimes(ask: EffectAsk): Layer[] {
  const { random } = ask;
  const scale = [0, 2, 4, 7, 9, 12, 14, 16].map((step) => 1050 * ask.pitch * 2 ** (step / 12));
  const rate = byStrength(ask, 1, 2.2, 5) * ask.pace;
  return [
    strikes({
      times: randomTimes(
        random.fork('times'),
        (seconds) =>
          rate * (0.35 + 1.3 * Math.max(0, Math.sin(seconds * 0.9) * Math.sin(seconds * 0.37 + 1))),
      ),
      make: (index) => {
        const own = random.fork('tube', index);
        const tube = own.below(scale.length);
        const samples = emptyStrike(3.4);
        addBlow(samples, own, {
          body: { ...BODIES.bar, decaySeconds: 3.2 },
          hertz: scale[tube] ?? 1050,
          hardness: 0.85,
          level: own.between(0.25, 0.9),
          contact: 0.1,
        });
        return { samples, place: -0.6 + (1.2 * tube) / scale.length };
      },
      longest: 3.5,
    }),
  ];
}

function makeDoorbell(ask: EffectAsk): Layer[] {
  const { random } = ask;
  return [
    strikes({
      times: happenings(ask, { pause: 2.2, length: 2.2, several: 2 }),
      make: () => {
        const samples = emptyStrike(2.6);
        const bar = { body: { ...BODIES.bar, decaySeconds: 1.8 }, hardness: 0.75, contact: 0.15 };
        addBlow(samples, random.fork('ding'), { ...bar, hertz: 660 * ask.pitch });
        addBlow(samples, random.fork('dong'), { ...bar, hertz: 528 * ask.pitch, at: 0.6 / ask.pace });
        return { samples };
      },
      longest: 2.8,
    }),
  ];
}

function makeJingles(ask: EffectAsk): Layer[] {
  const { random } = ask;
  const period = fitPeriod(0.28 / ask.pace, ask) * ask.pace;
  return [
    strikes({
      times: rhythm(ask, { random: random.fork('times'), period, jitter: 0.05 }),
      make: (index) => {
        const own = random.fork('shake', index);
        const samples = emptyStrike(0.4);
        const bells = Math.round(4 + 8 * ask.detail);
        for (let bell = 0; bell < bells; bell += 1) {
          addBlow(samples, own, {
            body: { ratios: [1, 1.41, 2.1], decaySeconds: 0.22, damping: 0.2, slope: 0 },
            hertz: own.between(4200, 7800) * ask.pitch,
            hardness: 1,
            level: 0.3 * own.unit(),
            contact: 0.05,
            at: 0.05 * own.unit(),
          });
        }
        return { samples, level: index % 2 === 0 ? 1 : 0.6 };
      },
      longest: 0.5,
    }),
  ];
}

function makeCymbal(ask: EffectAsk): Layer[] {
  const closed = ask.words.has('hat') || ask.words.has('hihat');
  const seconds = closed ? 0.3 : 3;
  return ringing(ask, { pause: closed ? 0.25 : 1.6, length: seconds, several: 4 }, (random) => {
    const samples = emptyStrike(seconds);
    addBurst(samples, random, {
      decay: closed ? 0.16 : 2.6,
      level: 0.7,
      filters: [{ kind: 'highpass', hertz: 5200 * ask.pitch }],
    });
    const ratios = Array.from(
      { length: Math.round(12 + 28 * ask.detail) },
      (_, index) => 1 + 0.31 * index * (1 + 0.1 * random.signed()),
    );
    const modes = modesOf(
      { ratios, decaySeconds: closed ? 0.14 : 3, damping: 0.2, slope: -2 },
      { hertz: 430 * ask.pitch, random },
    );
    addModes(
      samples,
      modes.map((mode) => ({ ...mode, level: mode.level * 0.06 })),
    );
    return samples;
  });
}
