import assert from 'node:assert/strict';
import { test } from 'node:test';
import { srtCue } from './srt.ts';
import type { SubtitleCue } from './subtitle-cue.ts';

/** A whole file. */
const toSrt = (cues: readonly SubtitleCue[]) => cues.map((cue, index) => srtCue(cue, index + 1)).join('');

test('writes every cue with its number, its times and an empty line after it', () => {
  const cues = [
    { startSeconds: 0, endSeconds: 2, text: ' Good morning.' },
    { startSeconds: 2, endSeconds: 4.5, text: ' How are you?' },
  ];
  assert.equal(
    toSrt(cues),
    '1\n00:00:00,000 --> 00:00:02,000\nGood morning.\n\n2\n00:00:02,000 --> 00:00:04,500\nHow are you?\n\n',
  );
});

for (const [seconds, written] of [
  [0.0004, '00:00:00,000'],
  [0.0006, '00:00:00,001'],
  [59.9996, '00:01:00,000'],
  [3599.9999, '01:00:00,000'],
  [3661.007, '01:01:01,007'],
  [360_000, '100:00:00,000'],
] as const) {
  test(`writes ${seconds} s as ${written}`, () => {
    const [, times] = toSrt([{ startSeconds: 0, endSeconds: seconds, text: 'x' }]).split('\n');
    assert.equal(times, `00:00:00,000 --> ${written}`);
  });
}

test('text cannot end its cue or look like times', () => {
  const text = ' one --> two\r\n\r\n  three \n';
  assert.equal(
    toSrt([{ startSeconds: 0, endSeconds: 1, text }]),
    '1\n00:00:00,000 --> 00:00:01,000\none -> two\nthree\n\n',
  );
});
