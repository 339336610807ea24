import type { Random } from '../dsp/dsp-random.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, strikes } from './effect-layers.ts';
import { addBlow, addGlide, BODIES, emptyStrike } from './effect-strikes.ts';
import { byStrength, randomTimes, rhythm } from './effect-times.ts';
import { FRAME_SECONDS } from '../sound-source.ts';
import { struck } from './impact-sounds.ts';

/** Birds: animals whose voices are simple enough to be computed. */
export const ANIMAL_SOUNDS: readonly EffectClass[] = [
  { id: 'owl', names: 'owl, hoot, owl hoot', seconds: 4, make: makeOwl },
  { id: 'cuckoo', names: 'cuckoo, cuckoo clock', seconds: 3.5, make: makeCuckoo },
  { id: 'gulls', names: 'seagull, gull, sea bird', seconds: 6, make: makeGulls },
  { id: 'woodpecker', names: 'woodpecker', seconds: 4, make: makeWoodpecker },
  {
    id: 'birds',
    names:
      'bird, birdsong, bird song, chirp, tweet, songbird, robin, sparrow, nightingale, canary, bird chirp, bird sing, dawn chorus',
    seconds: 8,
    make: makeBirds,
  },
];

interface Syllable {
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
  readonly pause: number;
  readonly trill: number;
}

/** A bird sings its own motif again and again, with small changes; several birds take turns by chance. */
function makeBirds(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const count = ask.count ?? Math.round(byStrength(ask, 2, ask.plural ? 5 : 3, 8));
  return Array.from({ length: count }, (_, bird) => {
    const own = random.fork('bird', bird);
    const song = motif(own, own.betweenOctaves(2600, 5200) * pitch);
    const length = song.reduce((sum, { seconds, pause }) => sum + seconds + pause, 0);
    const place = 0.9 * own.signed();
    const level = own.between(0.3, 1);
    return strikes({
      times: rhythm(ask, {
        random: own.fork('times'),
        period: length + own.between(0.7, 2.6),
        jitter: 0.25,
        first: bird === 0 ? 0.1 : own.between(0.1, 2.2),
      }),
      make: (index) => ({ samples: sing(own.fork('song', index), song), level, place }),
      longest: length + 1,
    });
  });
}

function motif(random: Random, base: number): Syllable[] {
  const kinds = 1 + random.below(3);
  return Array.from({ length: kinds }, () => {
    const from = base * random.between(0.8, 1.25);
    const one: Syllable = {
      from,
      to: from * random.pick([0.7, 0.85, 1.15, 1.35, 1.6]),
      seconds: random.between(0.045, 0.19),
      pause: random.between(0.03, 0.11),
      trill: random.chance(0.3) ? random.between(25, 60) : 0,
    };
    return Array.from({ length: 1 + random.below(5) }, () => one);
  }).flat();
}

function sing(random: Random, song: readonly Syllable[]): Float32Array {
  const samples = emptyStrike(song.reduce((sum, { seconds, pause }) => sum + seconds + pause, 0.1));
  const tune = random.between(0.97, 1.03);
  let at = 0;
  for (const { from, to, seconds, pause, trill } of song) {
    const first = Math.round(at / FRAME_SECONDS);
    const frames = Math.round(seconds / FRAME_SECONDS);
    let phase = 0;
    for (let age = 0; age < frames && first + age < samples.length; age += 1) {
      const part = age / frames;
      const vibrato = trill === 0 ? 1 : 1 + 0.09 * Math.sin(2 * Math.PI * trill * age * FRAME_SECONDS);
      phase += 2 * Math.PI * from * (to / from) ** part * tune * vibrato * FRAME_SECONDS;
      const level = Math.sin(Math.PI * part) ** 0.8;
      samples[first + age] = (Math.sin(phase) + 0.12 * Math.sin(2 * phase)) * level * 0.5;
    }
    at += seconds + pause;
  }
  return samples;
}

function makeOwl(ask: EffectAsk): Layer[] {
  return struck(ask, { pause: 3.6, length: 2.4, several: 'endless', jitter: 0.2 }, (random) => {
    const samples = emptyStrike(2.6);
    const hertz = 385 * ask.pitch * random.between(0.97, 1.03);
    const calls = [
      [0, 0.34],
      [0.62, 0.16],
      [0.86, 0.16],
      [1.15, 0.75],
    ] as const;
    for (const [at, seconds] of calls) {
      addGlide(samples, {
        at,
        from: hertz * 1.04,
        to: hertz * 0.94,
        seconds,
        level: 0.5,
        attack: 0.07,
        harmonics: [0.06, 0.02],
      });
    }
    return samples;
  });
}

/** A falling third. */
function makeCuckoo(ask: EffectAsk): Layer[] {
  const called = ask.count === undefined ? { ...ask, plural: true } : ask;
  return struck(called, { pause: 1.25, length: 0.9, several: 'endless', jitter: 0.03 }, () => {
    const samples = emptyStrike(0.9);
    const hertz = 670 * ask.pitch;
    addGlide(samples, {
      from: hertz,
      to: hertz * 1.01,
      seconds: 0.17,
      level: 0.5,
      attack: 0.025,
      harmonics: [0.08, 0.03],
    });
    addGlide(samples, {
      at: 0.31,
      from: hertz / 1.22,
      to: hertz / 1.24,
      seconds: 0.26,
      level: 0.45,
      attack: 0.03,
      harmonics: [0.08, 0.03],
    });
    return samples;
  });
}

function makeGulls(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  return [
    strikes({
      times: randomTimes(random.fork('times'), byStrength(ask, 0.35, 0.7, 1.4) * ask.pace),
      make: (index) => {
        const own = random.fork('cry', index);
        const samples = emptyStrike(2.4);
        const cries = 1 + own.below(4);
        const hertz = own.between(1050, 1400) * pitch;
        for (let cry = 0; cry < cries; cry += 1) {
          addGlide(samples, {
            at: cry * 0.42,
            from: hertz * 1.25,
            to: hertz * 0.8,
            seconds: own.between(0.25, 0.4),
            level: 0.4,
            attack: 0.05,
            bend: 1.4,
            harmonics: [0.8, 0.5, 0.3, 0.12],
          });
        }
        return { samples, place: own.signed(), level: own.between(0.25, 1) };
      },
      longest: 2.5,
    }),
  ];
}

function makeWoodpecker(ask: EffectAsk): Layer[] {
  return struck(
    { ...ask, plural: ask.count === undefined },
    { pause: 2.1, length: 0.8, several: 'endless', jitter: 0.2 },
    (random) => {
      const samples = emptyStrike(1);
      for (let peck = 0; peck < 14; peck += 1) {
        addBlow(samples, random, {
          body: BODIES.wood,
          hertz: 720 * ask.pitch,
          hardness: 0.8,
          level: 1 - 0.045 * peck,
          contact: 0.8,
          at: peck * 0.052,
        });
      }
      return samples;
    },
  );
}
