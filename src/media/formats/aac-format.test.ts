import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registerAacEncoder } from '@mediabunny/aac-encoder';
import { AdtsOutputFormat, AudioSample, AudioSampleSource, BufferTarget, Output } from 'mediabunny';
import { collectBytes } from '../../base/stream.ts';
import { decodeAac } from '../../../test/contracts/decode-audio.ts';
import { describeFormatContract } from '../../../test/contracts/format-contract.ts';
import { aacFormat } from './aac-format.ts';

describeFormatContract(aacFormat, decodeAac, [
  { sampleRate: 24000 },
  { sampleRate: 44100, bitRate: 128000 },
  { sampleRate: 48000 },
  { sampleRate: 16000 },
  { sampleRate: 8000 },
  { sampleRate: 44100, bitRate: 128000, channels: 2 },
]);

// The same encoder behind somebody else's packets and headers.
test('writes the bytes that the public interface of its package writes', async () => {
  const sampleRate = 24_000;
  const samples = Float32Array.from(
    { length: 10_000 },
    (_, index) => 0.4 * Math.sin(index / 15) + 0.1 * Math.sin(index * index),
  );
  registerAacEncoder();
  const target = new BufferTarget();
  const output = new Output({ format: new AdtsOutputFormat(), target });
  const source = new AudioSampleSource({ codec: 'aac', bitrate: 64_000 });
  output.addAudioTrack(source);
  await output.start();
  const sample = new AudioSample({
    data: samples,
    format: 'f32',
    numberOfChannels: 1,
    sampleRate,
    timestamp: 0,
  });
  await source.add(sample);
  sample.close();
  await output.finalize();
  async function* chunks(): AsyncGenerator<Float32Array> {
    yield samples;
  }
  const pcm = { sampleRate, channels: 1, chunks: chunks() } as const;
  const bytes = await collectBytes(aacFormat.encode(pcm, { id: 'aac', bitRate: 64_000 }));
  assert.deepEqual(bytes, new Uint8Array(target.buffer ?? new ArrayBuffer(0)));
});
