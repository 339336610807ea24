import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type EffectWish, makeEffect } from '../src/engines/procedural/sounds/effect-maker.ts';
import { LoudnessMeter } from '../src/engines/procedural/dsp/dsp-loudness.ts';
import { TruePeak } from '../src/engines/procedural/dsp/dsp-limiter.ts';
import { readSource } from '../src/engines/procedural/sound-source.ts';
import {
  bandShare,
  centroid,
  decaySeconds,
  levels,
  MEASURED_RATE,
  onsets,
  periodicity,
  sides,
  strongestHertz,
  toMono,
} from './sound-measures.ts';

interface Listened {
  readonly samples: Float32Array;
  readonly mono: Float32Array;
}

const heard = new Map<string, Listened>();

/** Makes a sound, or gives the one that was made of the same wish before. */
function listen(prompt: string, changes: Partial<EffectWish> = {}): Listened {
  const wish: EffectWish = { prompt, seed: 1, ...changes };
  const name = JSON.stringify(wish);
  const known = heard.get(name);
  if (known) return known;
  const samples = readSource(makeEffect(wish).source);
  const made = { samples, mono: toMono(samples) };
  heard.set(name, made);
  return made;
}

const hertz = (prompt: string) => centroid(listen(prompt).mono);
const within = (value: number, least: number, most: number, what = 'value') =>
  assert(value >= least && value <= most, `${what}: ${value} is not in ${least} to ${most}`);

/** What a listener would say about each prompt, in figures. */
const PROMPTS: Readonly<Record<string, (sound: Listened) => void>> = {
  'heavy rain': ({ mono }) => within(bandShare(mono, 1000, 22_050), 0.7, 1),
  'light rain': ({ mono }) => within(centroid(mono), 2500, 9000),
  'rain on a metal roof': ({ mono }) => within(bandShare(mono, 400, 2500), 0.5, 1),
  thunder: ({ mono }) => {
    within(bandShare(mono, 0, 250), 0.7, 1, 'rumble');
    within(decaySeconds(mono, 20), 2, 7, 'roll');
    // The crack comes first.
    within(
      centroid(mono.subarray(0, 22_050)) / centroid(mono.subarray(3 * MEASURED_RATE)),
      1.5,
      100,
      'crack',
    );
  },
  'distant thunder': ({ mono }) => within(bandShare(mono, 0, 200), 0.85, 1),
  wind: ({ mono }) => {
    within(centroid(mono), 200, 1200);
    const curve = levels(mono, 0.5);
    within(Math.max(...curve) / Math.min(...curve), 2.5, 1000, 'gusts');
  },
  'ocean waves': ({ mono }) => {
    const curve = levels(mono, 0.5);
    within(Math.max(...curve) / Math.min(...curve), 3, 1000, 'swell');
  },
  'dripping water': ({ mono }) => within(onsets(mono).length, 4, 12),
  'campfire crackling': ({ mono }) => within(onsets(mono, { rise: 2, apart: 0.03 }).length, 15, 200),
  'three knocks on a wooden door': ({ mono }) => within(onsets(mono).length, 3, 3),
  'five knocks': ({ mono }) => within(onsets(mono).length, 5, 5),
  'seven gunshots': ({ mono }) => within(onsets(mono, { rise: 2 }).length, 7, 7),
  'door slam': ({ mono }) => {
    within(onsets(mono, { apart: 0.3 }).length, 1, 1);
    within(decaySeconds(mono), 0.05, 0.8);
  },
  'glass breaking': ({ mono }) => within(centroid(mono), 3000, 10_000),
  'metal clang': ({ mono }) => within(decaySeconds(mono, 30), 0.4, 2),
  'wooden thud': ({ mono }) => within(decaySeconds(mono, 30), 0.02, 0.3),
  'church bell': ({ mono }) => within(decaySeconds(mono, 30), 2, 8),
  explosion: ({ mono }) => {
    within(bandShare(mono, 0, 500), 0.75, 1);
    within(decaySeconds(mono, 30), 1, 4);
  },
  'a clock ticking': ({ mono }) => {
    const { seconds, strength } = periodicity(mono, 0.3, 0.7);
    within(seconds, 0.48, 0.52, 'beat');
    within(strength, 0.5, 1, 'regularity');
  },
  'heartbeat at 120 bpm': ({ mono }) => within(periodicity(mono, 0.35, 0.8).seconds, 0.48, 0.52),
  helicopter: ({ mono }) => within(1 / periodicity(mono, 0.06, 0.12).seconds, 8, 14),
  'police siren': ({ mono }) => {
    const early = strongestHertz(mono.subarray(0, 16_384), 300, 3000);
    const late = strongestHertz(mono.subarray(MEASURED_RATE, MEASURED_RATE + 16_384), 300, 3000);
    within(late / early, 1.3, 3, 'wail');
  },
  'car passing from left to right': ({ mono }) => {
    const curve = levels(mono, 0.25);
    const top = curve.indexOf(Math.max(...curve));
    within(top / curve.length, 0.3, 0.7, 'nearest in the middle');
    within(Math.max(...curve) / (curve[0] ?? 1), 3, 1000, 'approach');
  },
  'a bird chirping': ({ mono }) => within(bandShare(mono, 2000, 9000), 0.85, 1),
  crickets: ({ mono }) => within(strongestHertz(mono, 1000, 12_000), 3800, 5400),
  mosquito: ({ mono }) => within(strongestHertz(mono, 300, 1000), 450, 680),
  applause: ({ mono }) => within(bandShare(mono, 500, 5000), 0.75, 1),
  'a 440 Hz tone': ({ mono }) => within(strongestHertz(mono, 100, 2000), 437, 443),
  'three beeps': ({ mono }) => within(onsets(mono).length, 3, 3),
  laser: ({ mono }) =>
    within(
      strongestHertz(mono.subarray(0, 6000), 200, 8000) /
        strongestHertz(mono.subarray(12_000, 18_000), 60, 8000),
      1.8,
      50,
      'fall',
    ),
  'cinematic riser': ({ mono }) => {
    const third = Math.floor(mono.length / 3);
    within(centroid(mono.subarray(2 * third)) / centroid(mono.subarray(0, third)), 1.6, 20, 'rise');
    within(levels(mono, 1).at(-1)! / levels(mono, 1)[0]!, 3, 1000, 'swell');
  },
  'sub drop': ({ mono }) => within(bandShare(mono, 0, 150), 0.9, 1),
};

describe('a sound is what its prompt says', () => {
  for (const [prompt, check] of Object.entries(PROMPTS)) test(prompt, () => check(listen(prompt)));
});

describe('a word changes a sound as it would change the thing', () => {
  const darker: readonly (readonly [string, string])[] = [
    ['distant explosion', 'explosion'],
    ['an explosion behind a wall', 'explosion'],
    ['underwater fire', 'fire'],
    ['footsteps on wood', 'footsteps on gravel'],
    ['wooden thud', 'metal hit'],
    ['a big bell', 'a small bell'],
  ];
  for (const [dark, bright] of darker) {
    test(`'${dark}' is darker than '${bright}'`, () =>
      assert(hertz(dark) < 0.85 * hertz(bright), `${hertz(dark)} and ${hertz(bright)}`));
  }

  test('a cave makes three knocks ring', () => {
    const dry = decaySeconds(listen('one knock', { durationSeconds: 4 }).mono, 40);
    assert(decaySeconds(listen('one knock in a cave', { durationSeconds: 4 }).mono, 40) > dry + 0.8);
  });

  test('fast footsteps are more than slow ones', () => {
    const count = (prompt: string) =>
      onsets(listen(prompt, { durationSeconds: 6 }).mono, { apart: 0.2 }).length;
    assert(count('fast footsteps') > 1.8 * count('slow footsteps'));
  });

  test('knocking that becomes faster has shorter and shorter pauses', () => {
    const times = onsets(listen('eight knocks getting faster').mono);
    assert.equal(times.length, 8);
    assert(times[7]! - times[6]! < 0.6 * (times[1]! - times[0]!));
  });

  test('a sound on the left is on the left, and one from left to right moves', () => {
    within(sides(listen('a bell on the left').samples, 1)[0]!, -1, -0.6);
    const [start, , , end] = sides(listen('wind from left to right', { durationSeconds: 4 }).samples, 4);
    within(start!, -1, -0.4, 'start');
    within(end!, 0.4, 1, 'end');
  });

  test('"then" puts a quiet sound behind a loud one, not under it', () => {
    const { mono } = listen('a cricket then an explosion', { durationSeconds: 6 });
    const third = 2 * MEASURED_RATE;
    assert(centroid(mono.subarray(0, third)) > 3000);
    assert(centroid(mono.subarray(mono.length - third)) < 800);
  });

  test('the negative prompt takes a layer away', () => {
    const both = bandShare(listen('crickets and a sub drop', { durationSeconds: 3 }).mono, 3000, 9000);
    const one = bandShare(
      listen('crickets and a sub drop', { durationSeconds: 3, negativePrompt: 'crickets' }).mono,
      3000,
      9000,
    );
    assert(both > 0.05 && one < 0.001, `${both} and ${one}`);
  });
});

describe('every sound is a clean recording', () => {
  test('no prompt gives a click at its ends, a peak above -1 dB, a lean to one side or a number that is none', () => {
    for (const prompt of Object.keys(PROMPTS)) {
      const { samples } = listen(prompt);
      const peaks = [new TruePeak(), new TruePeak()] as const;
      let [peak, sum] = [0, 0];
      for (const [index, sample] of samples.entries()) {
        assert(Number.isFinite(sample), prompt);
        peak = Math.max(peak, peaks[index % 2 === 0 ? 0 : 1].tick(sample));
        sum += sample;
      }
      assert(peak <= 10 ** (-1 / 20), `${prompt}: ${20 * Math.log10(peak)} dB`);
      assert(Math.abs(sum / samples.length) < 0.002, `${prompt} leans by ${sum / samples.length}`);
      for (const edge of [samples[0]!, samples[1]!, samples.at(-1)!, samples.at(-2)!])
        assert(Math.abs(edge) < 0.003, `${prompt} ends with ${edge}`);
    }
  });

  test('all are about as loud as one another; only sharp blows stay below', () => {
    for (const prompt of Object.keys(PROMPTS)) {
      const meter = new LoudnessMeter();
      meter.push(listen(prompt).samples);
      within(meter.loudness(), -28, -15, prompt);
    }
    for (const prompt of ['heavy rain', 'wind', 'helicopter', 'applause']) {
      const meter = new LoudnessMeter();
      meter.push(listen(prompt).samples);
      within(meter.loudness(), -18.5, -17.5, prompt);
    }
  });

  test('blocks of any length give the same samples, and so does the same seed', () => {
    for (const prompt of ['rain and thunder in a hall', 'three knocks then a laser']) {
      const wish = { prompt, seed: 5, durationSeconds: 1.5 };
      const usual = readSource(makeEffect(wish).source);
      for (const frames of [1000, 4097]) assert.deepEqual(readSource(makeEffect(wish, frames).source), usual);
      assert.deepEqual(readSource(makeEffect(wish).source), usual);
      assert.notDeepEqual(readSource(makeEffect({ ...wish, seed: 6 }).source), usual);
    }
  });
});

describe('the parameters mean what the documentation says', () => {
  for (const prompt of ['wind', 'a clock ticking', 'police siren', 'stream', 'drone']) {
    test(`a loop of '${prompt}' comes round without a jump`, () => {
      const { samples, mono } = listen(prompt, { loop: true, durationSeconds: 4 });
      // The step over the seam is one of the steps that the sound makes anyway.
      const steps = Array.from({ length: mono.length - 1 }, (_, index) =>
        Math.abs(mono[index + 1]! - mono[index]!),
      ).sort((one, other) => one - other);
      const usual = steps[Math.floor(0.999 * steps.length)]!;
      assert(
        Math.abs(mono[0]! - mono.at(-1)!) <= usual + 1e-4,
        `${mono[0]! - mono.at(-1)!} where ${usual} is usual`,
      );
      assert.equal(samples.length, 2 * 4 * MEASURED_RATE);
      // Nor does the level of what has no beats: a loop has no ramps.
      if (prompt === 'a clock ticking') return;
      const around = [
        levels(mono.subarray(0, 8820), 0.2)[0]!,
        levels(mono.subarray(mono.length - 8820), 0.2)[0]!,
      ];
      assert(around[0]! / around[1]! < 3 && around[1]! / around[0]! < 3, around.join(' and '));
    });
  }

  test('a looped rhythm keeps its beat over the seam', () => {
    const { mono } = listen('a clock ticking', { loop: true, durationSeconds: 4.3 });
    const twice = Float32Array.from({ length: 2 * mono.length }, (_, index) => mono[index % mono.length]!);
    const times = onsets(twice);
    const pauses = times.slice(1).map((time, index) => time - times[index]!);
    within(Math.max(...pauses) - Math.min(...pauses), 0, 0.06, 'unevenness');
  });

  test('a clip that starts later is a later part of the same piece', () => {
    const whole = onsets(listen('a clock ticking', { durationSeconds: 8 }).mono)
      .map((time) => time - 4)
      .filter((time) => time > 0.1);
    const part = onsets(listen('a clock ticking', { durationSeconds: 4, startSeconds: 4 }).mono).filter(
      (time) => time > 0.1,
    );
    assert.equal(part.length, whole.length);
    part.forEach((time, index) => within(time - whole[index]!, -0.021, 0.021, 'tick'));
  });

  test('a clip from the middle of a single blow hears it again', () => {
    assert(Math.max(...levels(listen('door slam', { startSeconds: 20, durationSeconds: 3 }).mono)) > 0.02);
  });

  test('more steps make more drops, and prompt_influence binds the seeds to the class', () => {
    const drops = (steps: number) =>
      onsets(listen('stream', { steps, durationSeconds: 3 }).mono, { rise: 1.25, apart: 0.01 }).length;
    const cost = (steps: number) => {
      const { mono } = listen('stream', { steps, durationSeconds: 3 });
      return bandShare(mono, 600, 3500) / bandShare(mono, 0, 400);
    };
    assert(cost(100) > 1.1 * cost(5), `${cost(100)} and ${cost(5)}; ${drops(100)} and ${drops(5)}`);
    const spread = (promptInfluence: number) => {
      const notes = [1, 2, 3, 4, 5, 6].map((seed) =>
        Math.log2(
          strongestHertz(
            listen('a hand bell', { seed, promptInfluence, durationSeconds: 1 }).mono,
            200,
            8000,
          ),
        ),
      );
      return Math.max(...notes) - Math.min(...notes);
    };
    assert(spread(0) > 2 * spread(1), `${spread(0)} and ${spread(1)} octaves`);
  });

  test('a length in the prompt is obeyed where no other is given, and nothing is longer than ten minutes', () => {
    assert.equal(makeEffect({ prompt: 'rain for 3 seconds', seed: 1 }).source.durationSeconds, 3);
    assert.equal(
      makeEffect({ prompt: 'rain for 3 seconds', seed: 1, durationSeconds: 7 }).source.durationSeconds,
      7,
    );
    assert.equal(makeEffect({ prompt: 'rain for 90 minutes', seed: 1 }).source.durationSeconds, 600);
  });

  test('ten minutes need no more memory than half a minute', () => {
    const { source } = makeEffect({ prompt: 'hum', seed: 1, durationSeconds: 600 });
    let frames = 0;
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    for (let block = source.next(); block && frames < 35 * MEASURED_RATE; block = source.next()) {
      frames += block.length / 2;
      if (frames % (4096 * 50) === 0) most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    within(most / 1e6, 0, 150, 'megabytes');
  });
});
