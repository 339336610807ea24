import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testContext } from '../../../test/support.ts';
import { toneEngine, type ToneEngine } from '../../../test/tone-engine.ts';
import { collectSamples } from '../../media/pcm.ts';
import type { SynthesisRequest } from '../engine.ts';
import { speakJoined } from './speech-seams.ts';
import type { SpeechSurroundings } from './speech-surroundings.ts';

/** The tone engine speaks a character for 50 ms, spaces too. */
const SECONDS_PER_CHARACTER = 0.05;

async function speak(
  engine: ToneEngine,
  surroundings: SpeechSurroundings,
  more: Partial<SynthesisRequest> = {},
) {
  const { speech } = engine;
  assert.ok(speech);
  const request: SynthesisRequest = {
    model: 'tone/tone',
    text: 'three four',
    voice: 'tone/high',
    language: 'en',
    speed: 1,
    pitchSemitones: 0,
    alignment: false,
    ...more,
  };
  const task = { request, surroundings, normalize: (text: string) => text.replace('2', 'two') };
  const output = await speakJoined(speech, task, testContext());
  assert.ok(output.kind === 'pcm' && output.timings);
  const samples = await collectSamples(output.pcm.chunks);
  const words = output.timings.words.map(({ start, end }) => request.text.slice(start, end));
  return { seconds: samples.length / output.pcm.sampleRate, words, trace: output.trace?.() };
}

test('both phrases around are spoken along as the text was written, and cut off again', async () => {
  const engine = toneEngine();
  const { seconds, words } = await speak(engine, { before: 'One 2', after: 'five six.' });
  assert.deepEqual(
    engine.asked.map(({ text }) => text),
    ['One two three four five six.'],
  );
  assert.deepEqual(words, ['three', 'four']);
  // The gap of one space on either side belongs half to the text.
  assert.ok(Math.abs(seconds - 11 * SECONDS_PER_CHARACTER) < 0.002, `${seconds}`);
});

test('pronunciations stay with their words', async () => {
  const engine = toneEngine();
  const text = '  three four ';
  const phonemes = [{ start: 8, end: 12, ipa: 'fɔː' }];
  const { words } = await speak(engine, { before: 'One', after: 'five' }, { text, phonemes });
  const [asked] = engine.asked;
  const [moved] = asked?.phonemes ?? [];
  assert.equal(asked?.text.slice(moved?.start, moved?.end), 'four');
  assert.deepEqual(words, ['three', 'four']);
});

test('between sentences nothing is spoken along, and the pause is shared', async () => {
  const engine = toneEngine();
  const { seconds } = await speak(engine, { before: 'One.', after: 'Two.' }, { text: 'Three four.' });
  assert.deepEqual(
    engine.asked.map(({ text }) => text),
    ['Three four.'],
  );
  const wanted = 11 * SECONDS_PER_CHARACTER + 0.175 + 0.175;
  assert.ok(Math.abs(seconds - wanted) < 0.005, `${seconds} instead of ${wanted}`);
});

test('of a pause that the speech before has already, only the rest is made', async () => {
  const { trace } = await speak(toneEngine(), {}, { text: 'One.' });
  assert.ok(trace);
  const previous = { ...trace, tailSeconds: 0.25 };
  const { seconds } = await speak(toneEngine(), { previous }, { text: 'Three four.' });
  assert.ok(Math.abs(seconds - 11 * SECONDS_PER_CHARACTER - 0.1) < 0.005, `${seconds}`);
});

test('an engine that shapes its speech by texts itself is left to it', async () => {
  const engine = toneEngine();
  assert.ok(engine.speech);
  const speech = { ...engine.speech, settings: { ...engine.speech.settings, previous_text: 'any' as const } };
  const { seconds } = await speak({ ...engine, speech }, { before: 'One', after: 'five' });
  assert.deepEqual(
    engine.asked.map(({ text }) => text),
    ['three four'],
  );
  assert.equal(seconds, 10 * SECONDS_PER_CHARACTER);
});
