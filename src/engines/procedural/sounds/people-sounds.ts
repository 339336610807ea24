import { Biquad, FilterChain } from '../dsp/dsp-filters.ts';
import { Drift, Noise } from '../dsp/dsp-noise.ts';
import { Oscillator } from '../dsp/dsp-oscillators.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, noiseTexture, strikes, texture } from './effect-layers.ts';
import { addBurst, addGlide, emptyStrike } from './effect-strikes.ts';
import { byStrength, fitPeriod, randomTimes, rhythm } from './effect-times.ts';

/** People, where there are many of them or only their bodies are heard. */
export const PEOPLE_SOUNDS: readonly EffectClass[] = [
  {
    id: 'applause',
    names:
      'applause, clap, clapping, applaud, audience clap, crowd clap, ovation, audience, audience applause',
    seconds: 6,
    make: makeApplause,
  },
  {
    id: 'cheering',
    names: 'cheer, cheering, crowd cheer, stadium, celebrate, hooray, crowd roar, yell, arena, fan cheer',
    seconds: 6,
    make: {
      parts: [
        { id: 'voices-up', decibels: 0 },
        { id: 'applause', decibels: -7 },
      ],
    },
  },
  {
    id: 'voices-up',
    names: '',
    seconds: 6,
    make: (ask) => makeVoices(ask, { hertz: 320, spread: 0.4, held: true }),
  },
  {
    id: 'murmur',
    names:
      'murmur, crowd, people, voice, chatter, conversation, talk, talking, walla, crowd talk, crowd murmur, people talk, babble, mumble, whisper, restaurant',
    seconds: 8,
    make: (ask) => makeVoices(ask, { hertz: 150, spread: 0.5, held: false }),
  },
  { id: 'heartbeat', names: 'heartbeat, heart beat, heart, pulse', seconds: 5, make: makeHeartbeat },
  {
    id: 'breathing',
    names: 'breath, breathing, breathe, inhale, exhale, snore, sigh, pant',
    seconds: 6,
    make: makeBreathing,
  },
];

/** Every pair of hands has its own note and beat; nobody claps with anybody else. */
function makeApplause(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const people = Math.round((ask.count ?? byStrength(ask, 7, 34, 80)) * (0.35 + 0.65 * ask.detail));
  const hands = Array.from({ length: Math.max(1, people) }, (_, person) => {
    const own = random.fork('person', person);
    return {
      hertz: own.betweenOctaves(750, 2300) * pitch,
      level: 0.2 + 0.8 * own.unit() ** 2,
      place: 0.95 * own.signed(),
    };
  });
  const layers: Layer[] = [
    strikes({
      times: randomTimes(random.fork('times'), people * 3.6 * ask.pace),
      make: (index) => {
        const own = random.fork('clap', index);
        const person = hands[own.below(hands.length)];
        const samples = emptyStrike(0.07);
        addBurst(samples, own, {
          attack: 0.0012,
          decay: 0.045,
          level: 1.4,
          filters: [{ kind: 'bandpass', hertz: (person?.hertz ?? 1200) * own.between(0.93, 1.07), q: 1.3 }],
        });
        return { samples, level: (person?.level ?? 0.5) * own.between(0.6, 1), place: person?.place ?? 0 };
      },
      longest: 0.1,
    }),
  ];
  if (people > 15) {
    const drift = new Drift(random.fork('far'), 0.5);
    layers.push(
      noiseTexture({
        random: random.fork('hall'),
        shape: () => new Biquad({ kind: 'bandpass', hertz: 1500 * pitch, q: 0.5 }),
        level: (seconds) => 0.05 * Math.sqrt(people / 30) * (0.8 + 0.4 * drift.at(seconds)),
      }),
    );
  }
  return layers;
}

interface Talk {
  /** Middle note of the voices. */
  readonly hertz: number;
  readonly spread: number;
  /** Long cries instead of syllables. */
  readonly held: boolean;
}

/** Throats behind mouths that go from vowel to vowel; so many that no word is left. */
function makeVoices(ask: EffectAsk, { hertz, spread, held }: Talk): Layer[] {
  const { random } = ask;
  const count = Math.max(3, Math.round(byStrength(ask, 6, 13, 20) * (0.35 + 0.65 * ask.detail)));
  const layers = Array.from({ length: count }, (_, person) =>
    voiceLayer({ ...ask, random: random.fork('person', person) }, { hertz, spread, held }),
  );
  return [
    ...layers,
    noiseTexture({
      random: random.fork('room'),
      colour: 'pink',
      shape: () => new FilterChain(new Biquad({ kind: 'bandpass', hertz: held ? 1300 : 600, q: 0.5 })),
      level: held ? 0.22 : 0.1,
    }),
  ];
}

/** First two formants of vowels, in hertz. */
type Vowel = readonly [number, number];
const OPEN_VOWEL: Vowel = [730, 1150];
const VOWELS: readonly [Vowel, ...Vowel[]] = [
  OPEN_VOWEL,
  [530, 1850],
  [300, 2250],
  [560, 900],
  [330, 800],
  [640, 1300],
];

function voiceLayer(ask: EffectAsk, { hertz, spread, held }: Talk): Layer {
  const { random } = ask;
  const base =
    hertz * (random.chance(0.5) ? 0.78 : 1.3) * random.between(1 - spread / 3, 1 + spread / 3) * ask.pitch;
  const throat = new Oscillator('saw', random.unit());
  const breath = new Noise(random.fork('breath'));
  const [first, second] = [
    new Biquad({ kind: 'bandpass', hertz: 500, q: 5 }),
    new Biquad({ kind: 'bandpass', hertz: 1500, q: 7 }),
  ];
  const rate = (held ? 0.9 : 4.2) * ask.pace * random.between(0.85, 1.15);
  const talkative = new Drift(random.fork('turns'), 0.45);
  const tune = new Drift(random.fork('tune'), held ? 0.9 : 1.6);
  const shift = random.between(0.9, 1.15) * ask.pitch ** 0.4;
  let [now, syllable] = [base, -1];
  const level = (seconds: number) => {
    const at = seconds * rate - Math.floor(seconds * rate);
    const turn = held ? 0.35 + 0.65 * talkative.at(seconds) : Math.max(0, talkative.at(seconds) * 1.8 - 0.6);
    return turn * Math.sin(Math.PI * at) ** (held ? 0.4 : 0.7);
  };
  return texture({
    tick: () => {
      const sound = throat.tick(now) + 0.15 * breath.tick();
      return 1.1 * first.tick(sound) + 0.6 * second.tick(sound);
    },
    control: (seconds) => {
      now = base * 2 ** ((tune.at(seconds) - 0.5) * (held ? 0.9 : 0.6));
      const current = Math.floor(seconds * rate);
      if (current === syllable) return;
      syllable = current;
      const [one, two] = held ? OPEN_VOWEL : random.fork('vowel', current).pick(VOWELS);
      first.set({ kind: 'bandpass', hertz: one * shift, q: 5 });
      second.set({ kind: 'bandpass', hertz: two * shift, q: 7 });
    },
    level,
    place: 0.9 * random.signed(),
  });
}

/** Two valves, two thumps. */
function makeHeartbeat(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const period = ask.beats === undefined ? 60 / 70 : 60 / ask.beats;
  const times = rhythm(ask, { random: random.fork('times'), period, jitter: 0.012 });
  return [
    strikes({
      times: ask.count === undefined ? times : times.take(ask.count),
      make: (index) => {
        const own = random.fork('beat', index);
        const samples = emptyStrike(0.7);
        const wait = Math.min(0.32, (0.34 * period) / ask.pace);
        for (const [at, level, note] of [
          [0, 1, 58],
          [wait, 0.72, 74],
        ] as const) {
          addGlide(samples, {
            at,
            from: note * 1.5 * pitch,
            to: note * 0.75 * pitch,
            seconds: 0.2,
            level: level * own.between(0.94, 1),
            decay: 0.24,
            attack: 0.008,
            harmonics: [0.35, 0.1],
          });
          addBurst(samples, own, {
            at,
            attack: 0.008,
            decay: 0.08,
            level: 0.5 * level,
            colour: 'brown',
            filters: [{ kind: 'lowpass', hertz: 190 * pitch }],
          });
        }
        return { samples };
      },
      longest: 1,
    }),
  ];
}

function makeBreathing(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const hurried = ask.words.has('pant') || ask.strength > 0.4;
  const period = fitPeriod((hurried ? 1.1 : 3.6) / ask.pace, ask);
  const mouth = [
    new Biquad({ kind: 'bandpass', hertz: 1200, q: 0.8 }),
    new Biquad({ kind: 'bandpass', hertz: 1200, q: 0.8 }),
  ];
  let made = 0;
  const phase = (seconds: number) => seconds / period - Math.floor(seconds / period);
  return [
    noiseTexture({
      random: random.fork('air'),
      colour: 'pink',
      shape: () => {
        const own = mouth[made % 2] ?? new Biquad({ kind: 'bandpass', hertz: 1200 });
        made += 1;
        return new FilterChain(own, new Biquad({ kind: 'highpass', hertz: 220 }));
      },
      control: (seconds) => {
        const into = phase(seconds) < 0.42;
        for (const filter of mouth)
          filter.set({ kind: 'bandpass', hertz: (into ? 1900 : 950) * pitch, q: into ? 0.9 : 0.6 });
      },
      level: (seconds) => {
        const at = phase(seconds);
        if (at < 0.38) return 0.5 * Math.sin((Math.PI * at) / 0.38) ** 1.4;
        return at > 0.46 && at < 0.95 ? 0.8 * Math.sin((Math.PI * (at - 0.46)) / 0.49) ** 1.2 : 0;
      },
    }),
  ];
}
