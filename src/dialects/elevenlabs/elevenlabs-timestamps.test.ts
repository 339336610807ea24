import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WordTiming } from '../../core/speech/alignment.ts';
import type { SpeechResult } from '../../core/speech/speech.ts';
import { collectTimedAudio, timedAudioLines, type TimedAudio } from './elevenlabs-timestamps.ts';

/** A result whose two words become known while its three chunks are read, as an engine does it. */
function result(text = 'Hi 2 you. '): SpeechResult {
  const words: WordTiming[] = [];
  let seconds = 0;
  async function* chunks() {
    words.push({ start: 0, end: 2, startSeconds: 0.1, endSeconds: 0.3 });
    seconds = 0.5;
    yield Uint8Array.of(1, 2, 3, 4);
    seconds = 1;
    yield Uint8Array.of(5);
    words.push({ start: 5, end: 9, startSeconds: 1.2, endSeconds: 1.5 });
    seconds = 1.6;
    yield Uint8Array.of(6, 7);
  }
  return {
    mediaType: 'audio/pcm',
    formatId: 'pcm',
    sampleRate: 8000,
    chunks: chunks(),
    alignment: { original: { text, words }, normalized: { text, words } },
    secondsSoFar: () => seconds,
    warnings: [],
    servedBy: 'e/m',
    voiceId: 'e/v',
    standIn: true,
    characters: text.length,
  };
}

async function lines(from: SpeechResult): Promise<TimedAudio[]> {
  const parsed: TimedAudio[] = [];
  for await (const line of timedAudioLines(from)) {
    assert.match(line, /^[^\n]+\n$/);
    parsed.push(JSON.parse(line));
  }
  return parsed;
}

test('the lines hold the whole stream and every character once, with times that never go back', async () => {
  const got = await lines(result());
  assert.deepEqual(
    Array.from(Buffer.concat(got.map((line) => Buffer.from(line.audio_base64, 'base64')))),
    [1, 2, 3, 4, 5, 6, 7],
  );
  assert.equal(got.flatMap((line) => line.alignment?.characters ?? []).join(''), 'Hi 2 you. ');
  assert.equal(got.flatMap((line) => line.normalized_alignment?.characters ?? []).join(''), 'Hi 2 you. ');
  const starts = got.flatMap((line) => line.alignment?.character_start_times_seconds ?? []);
  const ends = got.flatMap((line) => line.alignment?.character_end_times_seconds ?? []);
  assert.deepEqual(
    starts,
    starts.toSorted((a, b) => a - b),
  );
  assert.equal(ends.length, starts.length);
  assert.equal(ends.at(-1), 1.6);
});

test('a line carries the characters that begin in what has been spoken, or null', async () => {
  const got = await lines(result());
  assert.deepEqual(got[0]?.alignment?.characters, ['H', 'i']);
  assert.equal(got[1]?.alignment, null);
  assert.equal(got[2]?.alignment?.characters.join(''), ' 2 you.');
});

test('nothing is sent after the last bytes when no character is left', async () => {
  const got = await lines(result('Hi 2 you.'));
  assert.equal(got.length, 3);
  assert.ok(got.every((line) => line.audio_base64 !== ''));
});

test('one object holds the same bytes and characters as the lines', async () => {
  const whole = await collectTimedAudio(result());
  assert.deepEqual(Array.from(Buffer.from(whole.audio_base64, 'base64')), [1, 2, 3, 4, 5, 6, 7]);
  assert.equal(whole.alignment?.characters.join(''), 'Hi 2 you. ');
  assert.equal(whole.alignment?.character_end_times_seconds.at(-1), 1.6);
});

test('an engine without times gives audio with null', async () => {
  const { alignment: _, ...untimed } = result();
  const whole = await collectTimedAudio(untimed);
  assert.equal(whole.alignment, null);
  assert.equal(whole.normalized_alignment, null);
});
