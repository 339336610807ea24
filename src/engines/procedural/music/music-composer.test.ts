import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chroma, heardKey, heardMetre, heardTempo, onsetsPerSecond } from '../../../../test/music-ears.ts';
import { bandShare, centroid, levels, toMono } from '../../../../test/sound-measures.ts';
import type { SoundGeneration } from '../../../core/sound/sound-engine.ts';
import { TruePeak } from '../dsp/dsp-limiter.ts';
import { LoudnessMeter } from '../dsp/dsp-loudness.ts';
import { resolveBrief } from './music-brief.ts';
import { composeMusic } from './music-composer.ts';
import { perform } from './music-performance.ts';
import { writeScore } from './music-players.ts';
import { createMusicSource } from './music-source.ts';
import { readSource } from '../sound-source.ts';

const RATE = 44_100;
const played = new Map<string, Float32Array<ArrayBuffer>>();

function wish(prompt: string, more: Partial<SoundGeneration> = {}): SoundGeneration {
  return { kind: 'music', prompt, model: 'music', seed: 1, durationSeconds: 11, ...more };
}

/** Interleaved samples; each piece is made once. */
function play(prompt: string, more: Partial<SoundGeneration> = {}): Float32Array<ArrayBuffer> {
  const key = `${prompt} ${JSON.stringify(more)}`;
  const samples = played.get(key) ?? readSource(composeMusic(wish(prompt, more)).source);
  played.set(key, samples);
  return samples;
}

const hear = (prompt: string, more: Partial<SoundGeneration> = {}) => toMono(play(prompt, more));

for (const [prompt, beatsPerMinute] of [
  ['house 122 bpm in G minor', 122],
  ['lo-fi 76 bpm', 76],
  ['drum and bass 172 bpm', 172],
  ['rock in A minor, 140 bpm', 140],
  ['march 110 bpm', 110],
] as const) {
  test(`plays "${prompt}" in the tempo that it names`, () => {
    const heard = heardTempo(hear(prompt), beatsPerMinute * 0.78, beatsPerMinute * 1.28);
    assert.ok(Math.abs(heard / beatsPerMinute - 1) < 0.02, `${heard} bpm were heard`);
  });
}

for (const prompt of [
  'rock in A minor, 140 bpm',
  'chiptune in C major',
  'synthwave in B minor',
  'march in Bb major',
  'waltz in Eb major, 150 bpm',
  'solo piano in D minor',
]) {
  const key = / in ([A-G][b#]? (?:major|minor))/u.exec(prompt)?.[1];
  test(`plays "${prompt}" in the key that it names`, () => {
    assert.equal(heardKey(hear(prompt)), key);
  });
}

test('one is in three where a waltz is asked for, and in four where a march is', () => {
  assert.equal(heardMetre(hear('waltz in Eb major, 150 bpm'), 150), 3);
  assert.equal(heardMetre(hear('chiptune in 3/4 at 140 bpm'), 140), 3);
  assert.equal(heardMetre(hear('rock in 3/4 at 120 bpm'), 120), 3);
  assert.equal(heardMetre(hear('rock in A minor, 140 bpm'), 140), 4);
  assert.equal(heardMetre(hear('march 110 bpm'), 110), 4);
});

test('drums that are excluded are not heard', () => {
  const [kick, without] = [hear('techno 132 bpm'), hear('techno 132 bpm, no drums')];
  assert.ok(onsetsPerSecond(kick) > 2);
  assert.ok(bandShare(without, 6000, 16_000) < 0.2 * bandShare(kick, 6000, 16_000));
});

test('old games are brighter than lo-fi, and ambient music has few beginnings', () => {
  assert.ok(centroid(hear('chiptune in C major')) > 1.8 * centroid(hear('lo-fi 76 bpm')));
  assert.ok(onsetsPerSecond(hear('calm ambient pads')) < 1);
  assert.ok(onsetsPerSecond(hear('drum and bass 172 bpm')) > 3);
});

test('a major piece has a major third and a minor one a minor third', () => {
  const third = (prompt: string) => {
    const notes = chroma(hear(prompt));
    return (notes[4] ?? 0) - (notes[3] ?? 0);
  };
  assert.ok(third('happy pop in C major, solo piano') > 0);
  assert.ok(third('sad pop in C minor, solo piano') < 0);
});

test('sections differ in how much is going on: the drop is louder than the break', () => {
  const section = (name: string) => ({ name, durationSeconds: 6, styles: [], avoidedStyles: [], lines: [] });
  const plan = {
    styles: ['house'],
    avoidedStyles: [],
    sections: [section('Intro'), section('Break'), section('Drop')],
  };
  const curve = levels(
    toMono(readSource(composeMusic({ kind: 'music', prompt: '', model: 'music', seed: 2, plan }).source)),
    1,
  );
  const loud = (from: number, to: number) =>
    20 * Math.log10(Math.hypot(...curve.subarray(from, to)) / Math.sqrt(to - from));
  assert.equal(curve.length, 18);
  assert.ok(loud(12, 16) > loud(7, 11) + 2, `drop ${loud(12, 16)}, break ${loud(7, 11)}`);
  assert.ok(loud(12, 16) > loud(0, 5) + 1.5, `drop ${loud(12, 16)}, intro ${loud(0, 5)}`);
});

test('a clip is as long as it is asked to be, to the sample, and ends in silence without a cut', () => {
  for (const durationSeconds of [0.5, 1.2345, 3, 9.999]) {
    const samples = play('folk guitar', { durationSeconds });
    assert.equal(samples.length, 2 * Math.round(durationSeconds * RATE));
    const end = samples.subarray(-60);
    assert.ok(end.every((sample) => Math.abs(sample) < 2e-3));
  }
  const mono = hear('folk guitar', { durationSeconds: 9.999 });
  const curve = levels(mono, 0.1);
  assert.ok(Math.max(...curve.subarray(-3)) < 0.1 * Math.max(...curve), 'it dies away');
});

for (const prompt of [
  'techno 132 bpm',
  'lo-fi 76 bpm',
  'calm ambient pads',
  'solo piano in D minor',
  'march 110 bpm',
  'chiptune in C major',
]) {
  test(`"${prompt}" is as loud as everything else, never too loud, and does not lean`, () => {
    const samples = play(prompt);
    const meter = new LoudnessMeter();
    meter.push(samples);
    assert.ok(Math.abs(meter.loudness() + 16) < 1.5, `${meter.loudness()} LUFS`);
    assert.ok(
      samples.every((sample) => Math.abs(sample) <= 1),
      'finite and not clipped',
    );
    for (const channel of [0, 1]) {
      const peaks = new TruePeak();
      let [highest, sum] = [0, 0];
      for (let index = channel; index < samples.length; index += 2) {
        highest = Math.max(highest, peaks.tick(samples[index] ?? 0));
        sum += samples[index] ?? 0;
      }
      assert.ok(highest < 10 ** (-1 / 20), `true peak ${20 * Math.log10(highest)} dB`);
      assert.ok(Math.abs(sum / (samples.length / 2)) < 1e-3, 'no direct current');
    }
  });
}

test('does not click: no sample stands out from those beside it', () => {
  for (const prompt of ['calm ambient pads', 'solo piano in D minor']) {
    const mono = hear(prompt);
    const bends = mono.map((sample, index) =>
      Math.abs(sample - 2 * (mono[index - 1] ?? sample) + (mono[index - 2] ?? sample)),
    );
    const usual = bends.toSorted()[Math.floor(bends.length * 0.999)] ?? 0;
    assert.ok(Math.max(...bends.subarray(2).filter((_, index) => index % 7 === 0)) < 12 * usual);
  }
});

test('the end of a loop leads into its beginning', () => {
  for (const [prompt, durationSeconds] of [
    ['house', 5],
    ['calm ambient pads', 6.7],
  ] as const) {
    const once = toMono(readSource(composeMusic(wish(prompt, { durationSeconds, loop: true })).source));
    assert.equal(once.length, Math.round(durationSeconds * RATE));
    const steps = once.map((sample, index) => Math.abs(sample - (once[index - 1] ?? sample))).toSorted();
    const seam = Math.abs((once[0] ?? 0) - (once.at(-1) ?? 0));
    assert.ok(seam <= (steps[Math.floor(steps.length * 0.995)] ?? 0), `a step of ${seam}`);
    const curve = levels(once, 0.05);
    assert.ok((curve.at(-1) ?? 0) > 0.1 * Math.max(...curve), 'it does not fade');
    assert.ok((curve[0] ?? 0) > 0.1 * Math.max(...curve), 'it sounds from the beginning');
  }
});

test('a clip that starts later is a window of the same piece', () => {
  const whole = toMono(readSource(composeMusic(wish('rock 120 bpm', { durationSeconds: 10 })).source));
  const late = toMono(
    readSource(composeMusic(wish('rock 120 bpm', { startSeconds: 6, durationSeconds: 4 })).source),
  );
  assert.equal(late.length, 4 * RATE);
  let [both, one, other] = [0, 0, 0];
  for (let index = RATE / 2; index < 3 * RATE; index += 1) {
    const [a, b] = [whole[index + 6 * RATE] ?? 0, late[index] ?? 0];
    both += a * b;
    one += a * a;
    other += b * b;
  }
  assert.ok(both / Math.sqrt(one * other) > 0.98);
});

test('the same seed gives the same samples, another one another piece', () => {
  const first = play('jazz', { durationSeconds: 4 });
  const again = readSource(composeMusic(wish('jazz', { durationSeconds: 4 })).source);
  assert.deepEqual(first, again);
  const other = play('jazz', { durationSeconds: 4, seed: 2 });
  assert.notDeepEqual(first, other);
});

test('the length of blocks changes no sample', () => {
  const brief = resolveBrief(wish('synthwave', { durationSeconds: 3 }));
  const performance = perform(brief, writeScore(brief));
  const [small, large] = [1, 100].map((quanta) => readSource(createMusicSource(brief, performance, quanta)));
  assert.deepEqual(small, large);
});

test('more steps make finer sounds, and prompt_influence decides how plainly the style is played', () => {
  const few = play('ambient strings', { durationSeconds: 5, steps: 1 });
  const many = play('ambient strings', { durationSeconds: 5, steps: 200 });
  assert.notDeepEqual(few, many);
  const tempos = (promptInfluence: number) =>
    new Set(
      [1, 2, 3, 4, 5, 6].map((seed) =>
        Math.round(resolveBrief(wish('house', { seed, promptInfluence })).form.beatsPerMinute),
      ),
    );
  assert.equal(tempos(1).size, 1);
  assert.ok(tempos(0).size > 1);
});

test('an instrument that is named is heard: a church organ is sung through, a banjo is plucked', () => {
  assert.ok(onsetsPerSecond(hear('solo banjo')) > 2 * onsetsPerSecond(hear('calm church organ, solo, slow')));
});

test('nothing of a hundred thousand characters, of symbols or of nothing breaks it', () => {
  for (const prompt of ['', '🎵'.repeat(500), 'drums bass '.repeat(10_000), ')(*&^%$ [a-z]+ \\']) {
    const samples = readSource(composeMusic(wish(prompt, { durationSeconds: 1 })).source);
    assert.equal(samples.length, 2 * RATE);
    assert.ok(samples.some((sample) => Math.abs(sample) > 0.05));
  }
});
