import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { AppError } from '../base/errors.ts';
import { collectBytes } from '../base/stream.ts';
import { codecPoolLoad, encodeInWorker, stopCodecPool, warmCodecPool } from './codec-pool.ts';
import { findAudioFormat } from './formats/index.ts';
import type { PcmStream } from './pcm.ts';

const RATE = 24_000;

after(stopCodecPool);

function tone(hertz: number, frames: number): Float32Array {
  return Float32Array.from(
    { length: frames },
    (_, index) => 0.5 * Math.sin((2 * Math.PI * hertz * index) / RATE),
  );
}

function streamOf(samples: Float32Array, chunkLength = 2_400): PcmStream {
  async function* chunks(): AsyncGenerator<Float32Array> {
    for (let start = 0; start < samples.length; start += chunkLength) {
      yield samples.subarray(start, start + chunkLength);
    }
  }
  return { sampleRate: RATE, channels: 1, chunks: chunks() };
}

function endless(): { readonly pcm: PcmStream; readonly seen: { read: number; closed: boolean } } {
  const seen = { read: 0, closed: false };
  async function* chunks(): AsyncGenerator<Float32Array> {
    try {
      for (;;) {
        seen.read += 1;
        yield tone(440, 2_400);
      }
    } finally {
      seen.closed = true;
    }
  }
  return { pcm: { sampleRate: RATE, channels: 1, chunks: chunks() }, seen };
}

async function encodeHere(id: string, samples: Float32Array): Promise<Uint8Array> {
  const format = findAudioFormat(id);
  assert.ok(format);
  return collectBytes(format.encode(streamOf(samples), { id }));
}

test('gives the bytes that the format gives without a worker, however the sound was chunked', async () => {
  const samples = tone(440, 12_345);
  for (const id of ['mp3', 'opus', 'aac', 'flac']) {
    const expected = await encodeHere(id, samples);
    for (const chunkLength of [1, 4_000, samples.length]) {
      const bytes = await collectBytes(encodeInWorker(id, streamOf(samples, chunkLength), { id }));
      assert.ok(Buffer.from(expected).equals(bytes), `${id} in chunks of ${chunkLength}`);
    }
  }
  assert.equal(codecPoolLoad().encodings, 0);
});

test('does not mix 20 encodings at once, nor start a worker for each', async () => {
  const ids = ['mp3', 'opus', 'flac', 'aac'];
  const jobs = Array.from({ length: 20 }, (_, index) => ({
    id: ids[index % ids.length] ?? 'mp3',
    samples: tone(200 + 20 * index, 9_000 + 100 * index),
  }));
  const all = await Promise.all(
    jobs.map(({ id, samples }) => collectBytes(encodeInWorker(id, streamOf(samples, 700), { id }))),
  );
  assert.ok(codecPoolLoad().workers <= 4);
  for (const [index, { id, samples }] of jobs.entries()) {
    const expected = await encodeHere(id, samples);
    assert.ok(Buffer.from(expected).equals(all[index] ?? new Uint8Array(0)), `encoding ${index} (${id})`);
  }
});

test('reads no further than its consumer asks, and frees the encoding when it is abandoned', async () => {
  const { pcm, seen } = endless();
  const iterator = encodeInWorker('mp3', pcm, { id: 'mp3' });
  assert.equal(seen.read, 0);
  assert.ok((await iterator.next()).value);
  const readForFirst = seen.read;
  assert.ok(readForFirst <= 2, `${readForFirst} chunks were read for the first bytes`);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(seen.read, readForFirst);
  assert.equal(codecPoolLoad().encodings, 1);
  await iterator.return(undefined);
  assert.ok(seen.closed);
  assert.equal(codecPoolLoad().encodings, 0);
});

test('passes on the failure of its source and frees the encoding', async () => {
  async function* failing(): AsyncGenerator<Float32Array> {
    yield tone(440, 2_400);
    throw new AppError('engine_failed', 'the engine broke');
  }
  const pcm: PcmStream = { sampleRate: RATE, channels: 1, chunks: failing() };
  await assert.rejects(collectBytes(encodeInWorker('mp3', pcm, { id: 'mp3' })), /the engine broke/);
  assert.equal(codecPoolLoad().encodings, 0);
});

test('passes on what the encoder refuses', async () => {
  const pcm: PcmStream = { sampleRate: 23_456, channels: 1, chunks: streamOf(tone(440, 100)).chunks };
  await assert.rejects(collectBytes(encodeInWorker('mp3', pcm, { id: 'mp3' })), /no sample rate of 23456 Hz/);
});

test('fails the encodings of a worker that dies, and encodes on with a new one', async () => {
  const { pcm, seen } = endless();
  const iterator = encodeInWorker('mp3', pcm, { id: 'mp3' });
  await iterator.next();
  await stopCodecPool();
  await assert.rejects(
    async () => {
      for (;;) await iterator.next();
    },
    (error) => error instanceof AppError && error.code === 'engine_failed',
  );
  assert.ok(seen.closed);
  assert.deepEqual(codecPoolLoad(), { workers: 0, encodings: 0 });
  const samples = tone(440, 5_000);
  const bytes = await collectBytes(encodeInWorker('mp3', streamOf(samples), { id: 'mp3' }));
  assert.ok(Buffer.from(await encodeHere('mp3', samples)).equals(bytes));
});

test('fails an encoding whose worker dies while it waits for bytes', async () => {
  const iterator = encodeInWorker('opus', streamOf(tone(440, 200_000), 200_000), { id: 'opus' });
  await iterator.next();
  const pending = iterator.next();
  const rejected = assert.rejects(
    pending,
    (error) => error instanceof AppError && error.code === 'engine_failed',
  );
  // The samples of the first block are on their way by the next turn of the loop, and their answer is not.
  await new Promise((resolve) => process.nextTick(resolve));
  await stopCodecPool();
  await rejected;
});

test('starts a worker before it is needed', async () => {
  await warmCodecPool(['mp3']);
  assert.ok(codecPoolLoad().workers >= 1);
  assert.equal(codecPoolLoad().encodings, 0);
});
