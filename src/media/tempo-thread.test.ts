import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { codecPoolLoad, stopCodecPool } from './codec-pool.ts';
import { collectSamples, fromInt16, toInt16, type PcmStream } from './pcm.ts';
import { changeTempo } from './tempo.ts';
import { changeTempoInThread } from './tempo-thread.ts';

after(() => stopCodecPool());

async function* tones(): AsyncGenerator<Float32Array> {
  for (let part = 0; part < 20; part += 1)
    yield Float32Array.from({ length: 1000 }, (_, index) => 0.5 * Math.sin((part * 1000 + index) * 0.05));
}

function stream(): PcmStream {
  return { sampleRate: 16_000, channels: 1, chunks: tones() };
}

test('a tempo changed in a thread is the same sound in 16 bits', async () => {
  const change = { tempo: 1.3, pitchSemitones: -2 };
  const here = await collectSamples(changeTempo(stream(), change).chunks);
  const there = await collectSamples(changeTempoInThread(stream(), change).chunks);
  assert.deepEqual(there, fromInt16(toInt16(here)));
});

test('whoever stops listening leaves nothing behind in the thread', async () => {
  const { chunks } = changeTempoInThread(stream(), { tempo: 0.7, pitchSemitones: 0 });
  for await (const chunk of chunks) {
    assert.ok(chunk.length > 0);
    break;
  }
  assert.equal(codecPoolLoad().encodings, 0);
});
