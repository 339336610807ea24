import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { burstRecording, bursts, silence } from '../../test/burst-recording.ts';
import { decodeWhole } from '../../test/decode-support.ts';
import { needsData, readClip } from '../../test/sherpa-support.ts';
import { stopDecodePool } from './decoders/decode-pool.ts';
import { voicePieces } from './voice-pieces.ts';

after(stopDecodePool);

test('sounds that are apart are pieces of their own, and silence is none', async () => {
  const { samples } = await decodeWhole(burstRecording({ bursts: bursts(4) }), {
    sampleRate: 16_000,
    mono: true,
  });
  const pieces = await voicePieces(samples);
  assert.equal(pieces.length, 4);
  pieces.forEach(({ startSeconds, endSeconds }, index) => {
    assert(Math.abs(startSeconds - index * 0.6) < 0.05 && Math.abs(endSeconds - startSeconds - 0.4) < 0.06);
  });
  const quiet = await decodeWhole(silence(3), { sampleRate: 16_000, mono: true });
  assert.deepEqual(await voicePieces(quiet.samples), []);
  assert.deepEqual(await voicePieces(new Float32Array(0)), []);
});

test('speech without a pause is cut into short pieces that are listened to with what is around them', async (t) => {
  if (!needsData(t, 'audio/diarization/synthetic3.wav')) return;
  const pieces = await voicePieces(await readClip('diarization/synthetic3.wav'));
  let clock = 0;
  for (const { startSeconds, endSeconds, heard } of pieces) {
    assert(startSeconds >= clock && endSeconds > startSeconds);
    assert(endSeconds - startSeconds <= 1.5 && heard.endSeconds - heard.startSeconds <= 2.6);
    assert(heard.startSeconds <= startSeconds && heard.endSeconds >= endSeconds);
    clock = endSeconds;
  }
  // Where one voice ends and the next begins, no piece is of both.
  for (const change of [4.6, 6.54, 9.93, 16.08, 18.08]) {
    assert(pieces.every(({ heard }) => heard.endSeconds < change || heard.startSeconds > change));
  }
});
