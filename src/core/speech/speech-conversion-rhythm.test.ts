import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rootMeanSquare } from '../../media/pcm.ts';
import type { HeardPhrase } from './speech-conversion-hearing.ts';
import { findTempo, followPitch, matchLevel } from './speech-conversion-rhythm.ts';

function tone(level: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: 16_000 }, (_, index) => level * Math.sin(index * 0.1));
}

function phrase(pitchHertz: number | undefined): HeardPhrase {
  const times = { startSeconds: 0, endSeconds: 1 };
  return { ...times, text: 'Hello.', samples: tone(0.1), pitchHertz };
}

test('the tempo fits the time there is, and stays where speech can be understood', () => {
  assert.equal(findTempo(3, 2), 1.5);
  assert.equal(findTempo(9, 2), 1.7);
  assert.equal(findTempo(1, 9), 0.6);
  assert.equal(findTempo(1, 0), 1.7);
});

test('speech gets the level of the recording, but is neither lost nor overdriven, and its ends are silent', () => {
  const level = (recorded: number, own: number) =>
    rootMeanSquare(matchLevel(tone(own), tone(recorded), 16_000));
  assert.ok(Math.abs(level(0.2, 0.1) / rootMeanSquare(tone(0.2)) - 1) < 0.02);
  assert.ok(Math.abs(level(0.0001, 0.1) / rootMeanSquare(tone(0.1 * 10 ** -0.75)) - 1) < 0.02);
  const loud = matchLevel(tone(0.5), tone(3), 16_000);
  assert.ok(loud.every((sample) => Math.abs(sample) <= 0.971));
  assert.ok(Math.abs(loud[0] ?? 1) + Math.abs(loud.at(-1) ?? 1) === 0);
  assert.deepEqual(matchLevel(new Float32Array(4), tone(0.1), 16_000), new Float32Array(4));
});

test('a phrase lies as far from the middle of the voice as from that of the speaker, up to three semitones from where it is', () => {
  const pitch = followPitch(200);
  pitch.learn([phrase(100), phrase(100), phrase(110)]);
  assert.equal(pitch.shiftFor(phrase(110), 200), 1.65);
  assert.equal(pitch.shiftFor(phrase(100), 212), -1.01);
  assert.equal(pitch.shiftFor(phrase(140), 200), 3);
  assert.equal(pitch.shiftFor(phrase(101), 200), 0, 'too little to be heard');
  assert.equal(pitch.shiftFor(phrase(205), 200), 0, 'an octave is an error of the measure');
  assert.equal(pitch.shiftFor(phrase(undefined), 200), 0);
  assert.equal(pitch.shiftFor(phrase(110), undefined), 0);
  assert.equal(followPitch(undefined).shiftFor(phrase(110), 200), 0);
});
