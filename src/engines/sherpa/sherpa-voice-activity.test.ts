import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { requestContext } from '../../../test/contracts/engine-contract.ts';
import { needsData, readClip, sileroVad, sourceOf } from '../../../test/sherpa-support.ts';
import { stopDecodePool } from '../../media/decoders/decode-pool.ts';
import { concatSamples } from '../../media/pcm.ts';
import { createSpeechFinder } from './sherpa-voice-activity.ts';

after(stopDecodePool);

test('finds the four stretches of speech in a recording of a speech, where the addon finds them', async (t) => {
  if (!needsData(t, 'silero-vad/silero_vad.onnx', 'audio/en/jfk.wav')) return;
  const finder = createSpeechFinder({ weights: sourceOf([sileroVad]) });
  t.after(() => finder.stop());
  assert.equal(await finder.installed(), true);
  const samples = await readClip('en/jfk.wav');
  const expected = [
    [0.286, 2.284],
    [3.262, 4.428],
    [5.374, 7.692],
    [8.158, 10.976],
  ];
  const found = await finder.find(samples, requestContext());
  assert.equal(found.length, expected.length);
  found.forEach(({ startSeconds, endSeconds }, index) => {
    const [start = 0, end = 0] = expected[index] ?? [];
    assert(Math.abs(startSeconds - start) < 0.05 && Math.abs(endSeconds - end) < 0.05, `${startSeconds}`);
  });
  // A second recording is heard as if it were the first one, and a later part at its own time.
  assert.deepEqual(await finder.find(samples, requestContext()), found);
  const later = await finder.find(concatSamples([new Float32Array(16_000 * 30), samples]), requestContext());
  assert(Math.abs((later[0]?.startSeconds ?? 0) - 30.286) < 0.1, `${later[0]?.startSeconds}`);
});

test('finds none in silence and noise, and fewer when pauses must be longer', async (t) => {
  if (!needsData(t, 'silero-vad/silero_vad.onnx', 'audio/en/jfk.wav')) return;
  const finder = createSpeechFinder({ weights: sourceOf([sileroVad]) });
  t.after(() => finder.stop());
  assert.deepEqual(await finder.find(new Float32Array(16_000 * 5), requestContext()), []);
  let state = 1;
  const noise = new Float32Array(16_000 * 5).map(() => {
    state = (state * 48_271) % 2_147_483_647;
    return (state / 2_147_483_647 - 0.5) * 0.1;
  });
  assert.deepEqual(await finder.find(noise, requestContext()), []);
  const samples = await readClip('en/jfk.wav');
  const joined = await finder.find(samples, requestContext(), { minimumSilenceSeconds: 2 });
  assert.equal(joined.length, 1);
});

test('stops for a caller who hangs up, and says what to install', async (t) => {
  if (!needsData(t, 'silero-vad/silero_vad.onnx')) return;
  const finder = createSpeechFinder({ weights: sourceOf([sileroVad]) });
  t.after(() => finder.stop());
  const caller = new AbortController();
  const finding = finder.find(new Float32Array(16_000 * 600), requestContext(caller.signal));
  caller.abort();
  await assert.rejects(finding, { code: 'cancelled' });

  const bare = createSpeechFinder({});
  assert.equal(await bare.installed(), false);
  await assert.rejects(bare.find(new Float32Array(16_000), requestContext()), {
    reason: 'not_installed',
    message: /antiphon models pull sherpa\/silero-vad/,
  });
});
