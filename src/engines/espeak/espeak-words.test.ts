import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EspeakEvent } from '@echogarden/espeak-ng-emscripten';
import { toEspeakMarkup } from './espeak-text.ts';
import { createWordClock } from './espeak-words.ts';

function word(position: number, ms: number): EspeakEvent {
  return { type: 'word', text_position: position, audio_position: ms };
}

function sound(id: string, ms: number): EspeakEvent {
  return { type: 'phoneme', text_position: 1, audio_position: ms, id };
}

/** What a clock makes of some events: each word, its beginning and its end in milliseconds. */
function listen(text: string, events: readonly EspeakEvent[], totalMs: number, language = 'en') {
  const clock = createWordClock({ text, language, origins: toEspeakMarkup(text).origins });
  for (const event of events) clock.hear(event);
  clock.finish(totalMs / 1000);
  return clock
    .take()
    .map(({ start, end, startSeconds, endSeconds }) => [
      text.slice(start, end),
      Math.round(startSeconds * 1000),
      Math.round(endSeconds * 1000),
    ]);
}

describe('the times of words', () => {
  test('run from one word to the next, and to the end', () => {
    assert.deepEqual(listen('Hello world', [word(1, 0), word(7, 300)], 700), [
      ['Hello', 0, 300],
      ['world', 300, 700],
    ]);
  });

  test('leave out pauses, but not the silence inside a word', () => {
    const events = [word(1, 0), sound('', 50), sound('o', 90), sound('', 300), word(7, 450), sound('', 800)];
    assert.deepEqual(listen('Well, yes', events, 900), [
      ['Well', 0, 300],
      ['yes', 450, 800],
    ]);
  });

  test('join what espeak takes apart, and share out what it joins', () => {
    const number = [word(1, 0), word(2, 200), word(4, 300), word(4, 500), word(7, 900)];
    assert.deepEqual(listen('12.50 now', number, 1000), [
      ['12.50', 0, 900],
      ['now', 900, 1000],
    ]);
    assert.deepEqual(listen('สวัสดีครับ', [word(1, 0)], 1000, 'th'), [
      ['สวัสดี', 0, 600],
      ['ครับ', 600, 1000],
    ]);
  });

  test('count signs and pictures that are spoken, without the marks around them', () => {
    assert.deepEqual(listen('(5%) 👍🏽 ok', [word(2, 0), word(3, 200), word(6, 500), word(9, 900)], 1000), [
      ['5', 0, 200],
      ['%', 200, 500],
      ['👍🏽', 500, 900],
      ['ok', 900, 1000],
    ]);
  });

  test('are found behind characters that were rewritten', () => {
    assert.deepEqual(listen('a & 😀 <b>', [word(1, 0), word(7, 100), word(9, 300), word(15, 600)], 700), [
      ['a', 0, 100],
      ['&', 100, 300],
      ['😀', 300, 600],
      ['b', 600, 700],
    ]);
  });

  test('are known as soon as the next word begins', () => {
    const clock = createWordClock({
      text: 'one two',
      language: 'en',
      origins: toEspeakMarkup('one two').origins,
    });
    clock.hear(word(1, 0));
    assert.deepEqual([clock.take(), clock.settledSeconds], [[], 0]);
    clock.hear(word(5, 400));
    assert.deepEqual(
      [clock.take(), clock.settledSeconds],
      [[{ start: 0, end: 3, startSeconds: 0, endSeconds: 0.4 }], 0.4],
    );
  });

  test('are none where nothing was said', () => {
    assert.deepEqual(listen('...', [], 100), []);
  });
});
