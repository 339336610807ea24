import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpeechWindow } from '../../media/speech-windows.ts';
import type { TranscribedSegment, TranscribedWord } from '../transcription/transcription.ts';
import { cutPhrases } from './speech-conversion-phrases.ts';

const RATE = 16_000;

type Span = readonly [startSeconds: number, endSeconds: number];

/** A window, ten seconds into a recording, that sounds within the spans, and hums a little elsewhere if need be. */
function windowOf(seconds: number, sounds: readonly Span[], hum = 0): SpeechWindow {
  const samples = Float32Array.from({ length: seconds * RATE }, (_, index) => {
    const isSound = sounds.some(([start, end]) => index / RATE >= start && index / RATE < end);
    return (isSound ? 0.3 : hum) * Math.sin(index * 0.1);
  });
  return { startSeconds: 10, endSeconds: 10 + seconds, samples, speech: [] };
}

function segmentOf(text: string, times: readonly Span[]): TranscribedSegment {
  const spelled = text.trim().split(' ');
  const words = times.map(([start, end], index): TranscribedWord => ({
    text: spelled[index] ?? '',
    startSeconds: 10 + start,
    endSeconds: 10 + end,
  }));
  return {
    id: 0,
    startSeconds: words[0]?.startSeconds ?? 10,
    endSeconds: words.at(-1)?.endSeconds ?? 10,
    text,
    tokens: [],
    temperature: 0,
    compressionRatio: 1,
    words,
    logprobs: [],
  };
}

function shown(window: SpeechWindow, segments: readonly TranscribedSegment[]) {
  return cutPhrases(window, segments).map(({ text, startSeconds, endSeconds }) => [
    text,
    Math.round((startSeconds - 10) * 100) / 100,
    Math.round((endSeconds - 10) * 100) / 100,
  ]);
}

test('words are parted where it is quiet, not where they were said to end', () => {
  const window = windowOf(3, [
    [0.5, 1.2],
    [1.8, 2.4],
  ]);
  const told = segmentOf(' Stop there. Listen now.', [
    [0.3, 0.7],
    [0.7, 1.7],
    [1.7, 2],
    [2, 3],
  ]);
  assert.deepEqual(shown(window, [told]), [
    ['Stop there.', 0.5, 1.2],
    ['Listen now.', 1.8, 2.4],
  ]);
});

test('a closure inside a word parts nothing; a long silence does, even where a word is said to reach over it', () => {
  const closure = windowOf(2, [
    [0.2, 0.6],
    [0.76, 1.2],
  ]);
  const across: Span[] = [
    [0.2, 1],
    [1, 1.2],
  ];
  assert.deepEqual(shown(closure, [segmentOf(' Bookkeeper pays.', across)]), [
    ['Bookkeeper pays.', 0.2, 1.2],
  ]);
  const pause = windowOf(3, [
    [0.2, 0.6],
    [1.6, 2.2],
  ]);
  const stretched: Span[] = [
    [0.2, 1.9],
    [1.9, 2.2],
  ];
  assert.deepEqual(shown(pause, [segmentOf(' Well yes.', stretched)]), [
    ['Well', 0.2, 0.6],
    ['yes.', 1.6, 2.2],
  ]);
});

test('where it is never quiet, words that were told far apart are parted', () => {
  const window = windowOf(3, [[0, 3]]);
  const told = segmentOf(' one two three', [
    [0.5, 0.8],
    [0.9, 1.2],
    [1.9, 2.2],
  ]);
  assert.deepEqual(shown(window, [told]), [
    ['one two', 0.5, 1.2],
    ['three', 1.9, 2.2],
  ]);
});

test('what is long is cut after a mark near its middle, and keeps every word', () => {
  const window = windowOf(12, [[0.5, 11.5]]);
  const text = ' a b c d e, f g h i j k';
  const times = Array.from({ length: 11 }, (_, index): Span => [0.5 + index, 1.5 + index]);
  assert.deepEqual(shown(window, [segmentOf(text, times)]), [
    ['a b c d e,', 0.5, 5.5],
    ['f g h i j k', 5.5, 11.5],
  ]);
});

test('words without times are found by the pauses; notes about sounds are not words', () => {
  const window = windowOf(4, [
    [0.5, 1.5],
    [2.5, 3.5],
  ]);
  const untimed = { ...segmentOf(' First half, second half.', []), startSeconds: 10, endSeconds: 14 };
  assert.deepEqual(shown(window, [untimed]), [
    ['First half,', 0.5, 1.5],
    ['second half.', 2.5, 3.5],
  ]);
  const noted = segmentOf(' [Music] Hello.', [
    [0.5, 1.5],
    [2.5, 3.5],
  ]);
  assert.deepEqual(shown(window, [noted]), [['Hello.', 2.5, 3.5]]);
  assert.deepEqual(shown(window, [segmentOf(' ♪♪', [[0.5, 1.5]])]), []);
});

test('scripts without spaces stay without them', () => {
  const window = windowOf(3, [
    [0.5, 1.2],
    [1.8, 2.4],
  ]);
  const words = ['今日', 'は', '雨', 'です。'].map((text, index) => ({
    text,
    startSeconds: 10 + (index < 2 ? 0.5 : 1.8) + (index % 2) * 0.3,
    endSeconds: 10 + (index < 2 ? 0.8 : 2.1) + (index % 2) * 0.3,
  }));
  const segment = { ...segmentOf('今日は雨です。', []), startSeconds: 10.5, endSeconds: 12.4, words };
  assert.deepEqual(shown(window, [segment]), [
    ['今日は', 0.5, 1.2],
    ['雨です。', 1.8, 2.4],
  ]);
});
