import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VTT_OPENING, vttCue } from './vtt.ts';

test('writes the signature and every cue with hours and a dot', () => {
  const cues = [
    { startSeconds: 0, endSeconds: 2, text: ' Good morning.' },
    { startSeconds: 3602, endSeconds: 3604.5, text: ' How are you?' },
  ];
  assert.equal(
    VTT_OPENING + cues.map(vttCue).join(''),
    'WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nGood morning.\n\n01:00:02.000 --> 01:00:04.500\nHow are you?\n\n',
  );
});
