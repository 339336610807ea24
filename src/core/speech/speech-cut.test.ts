import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectSamples } from '../../media/pcm.ts';
import type { WordTiming } from './alignment.ts';
import { cutSpeech, type SpeechCut, type TimedSpeech } from './speech-cut.ts';

const RATE = 1000;
const BEFORE = 'one two ';
const TEXT = 'three four';
const AFTER = ' five six';

interface FakeSpeech extends TimedSpeech {
  readonly read: () => number;
}

/**
 * Speech in which the n-th word of the spoken ones sounds as n/10 for 100 ms, with 20 ms of silence between two, in
 * chunks of 30 ms. Words told to be missing have no time.
 */
function fakeSpeech(text: string, missing: readonly string[] = []): FakeSpeech {
  const samples: number[] = [];
  const words: WordTiming[] = [];
  for (const match of text.matchAll(/\w+/g)) {
    if (samples.length > 0) samples.push(...Array<number>(20).fill(0));
    const startSeconds = samples.length / RATE;
    const order = ['one', 'two', 'three', 'four', 'five', 'six'].indexOf(match[0]) + 1;
    samples.push(...Array<number>(100).fill(order / 10));
    const end = match.index + match[0].length;
    const word = { start: match.index, end, startSeconds, endSeconds: samples.length / RATE };
    if (!missing.includes(match[0])) words.push(word);
  }
  let read = 0;
  const told: WordTiming[] = [];
  async function* chunks() {
    for (let at = 0; at < samples.length; at += 30) {
      told.push(...words.filter(({ startSeconds }) => inside(startSeconds, at)));
      read += 1;
      yield Float32Array.from(samples.slice(at, at + 30));
    }
  }
  const inside = (seconds: number, at: number) => seconds * RATE >= at && seconds * RATE < at + 30;
  return {
    pcm: { sampleRate: RATE, channels: 1, chunks: chunks() },
    timings: { words: told },
    read: () => read,
  };
}

function cutOf(more: Partial<SpeechCut> = {}, missing: readonly string[] = []): SpeechCut {
  const spoken = `${BEFORE}${TEXT}${AFTER}`;
  return {
    speech: fakeSpeech(spoken, missing),
    spoken,
    start: BEFORE.length,
    end: BEFORE.length + TEXT.length,
    leadOf: () => 0,
    tailOf: () => 0,
    gainFor: () => 1,
    alone: async () => fakeSpeech(TEXT),
    ...more,
  };
}

/** Which words sound, in which order, and how many samples there are. */
async function heard(cut: SpeechCut) {
  const { pcm, timings } = cutSpeech(cut);
  const samples = await collectSamples(pcm.chunks);
  const levels = Array.from(samples, (sample) => Math.round(sample * 10));
  const order = levels.filter((level, at) => level > 0 && level !== levels[at - 1]);
  const times = timings.words.map(({ start, end, startSeconds, endSeconds }) => [
    TEXT.slice(start, end),
    Math.round(startSeconds * RATE),
    Math.round(endSeconds * RATE),
  ]);
  return { order: order.join(''), length: samples.length, times, samples };
}

/** The fades of a cut are two samples long here, and pass through lower levels. */
const said = (order: string) =>
  order
    .split('')
    .filter((level, at, all) => all.indexOf(level) === at && '3456'.includes(level))
    .join('');

test('only the text is heard, and its words count from its own beginning', async () => {
  const { order, length, times } = await heard(cutOf());
  assert.equal(said(order), '34');
  assert.equal(length, 220);
  assert.deepEqual(times, [
    ['three', 0, 100],
    ['four', 120, 220],
  ]);
});

test('the wanted parts of the pauses stay', async () => {
  const { length, times } = await heard(cutOf({ leadOf: (pause) => pause / 2, tailOf: (pause) => pause }));
  assert.equal(length, 10 + 220 + 20);
  assert.deepEqual(times[0], ['three', 10, 110]);
});

test('what comes after the text is not made', async () => {
  const speech = fakeSpeech(`${BEFORE}${TEXT}${AFTER}`);
  await heard(cutOf({ speech }));
  // The chunk in which the word after the text begins is the last one: 480 ms.
  assert.equal(speech.read(), 17);
});

test('the level is set by what was spoken before the text', async () => {
  const levels: number[] = [];
  const gainFor = (level: number) => {
    levels.push(level);
    return 0.5;
  };
  const { samples } = await heard(cutOf({ gainFor }));
  // "one" and "two" sound as 0.1 and 0.2.
  assert.ok(levels.length === 1 && Math.abs((levels[0] ?? 0) - Math.sqrt(0.025)) < 0.01, levels.join(', '));
  assert.ok(Math.abs((samples[50] ?? 0) - 0.15) < 1e-6);
});

for (const [missing, place] of [
  ['two', 'last word before the text'],
  ['three', 'first word of the text'],
  ['four', 'last word of the text'],
  ['five', 'first word after the text'],
] as const) {
  test(`without a time for the ${place} its neighbour tells where to cut`, async () => {
    const { order, length } = await heard(cutOf({}, [missing]));
    assert.equal(said(order), '34');
    assert.ok(length >= 220 && length <= 240, `${length}`);
  });
}

test('without times around the beginning the text is spoken by itself', async () => {
  const { order, length, times } = await heard(cutOf({}, ['two', 'three']));
  assert.equal(said(order), '34');
  assert.equal(length, 220);
  assert.deepEqual(
    times.map(([word]) => word),
    ['three', 'four'],
  );
});

test('without times around the end the rest is spoken by itself', async () => {
  const { order, length, times } = await heard(cutOf({}, ['four', 'five']));
  assert.equal(said(order), '34');
  assert.equal(length, 220);
  assert.deepEqual(times, [
    ['three', 0, 100],
    ['four', 120, 220],
  ]);
});

test('a text that nothing stands before begins with the first sample', async () => {
  const spoken = `${TEXT}${AFTER}`;
  const cut = cutOf({ speech: fakeSpeech(spoken), spoken, start: 0, end: TEXT.length });
  const { order, length } = await heard(cut);
  assert.equal(said(order), '34');
  assert.equal(length, 220);
});

test('a text that nothing stands behind ends with the last sample', async () => {
  const spoken = `${BEFORE}${TEXT}`;
  const { order, length } = await heard(cutOf({ speech: fakeSpeech(spoken), spoken, end: spoken.length }));
  assert.equal(said(order), '34');
  assert.equal(length, 220);
});
