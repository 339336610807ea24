import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeFlac } from '../../../test/contracts/decode-audio.ts';
import { collectBytes } from '../../base/stream.ts';
import { fromInt16 } from '../pcm.ts';
import type { PcmStream } from '../pcm.ts';
import { flacFormat } from './flac-format.ts';
import { findFlacFrame, flacFrame } from './flac-frame.ts';

const RATE = 24_000;

/** The same numbers in every run, so that a failure can be looked at. */
function noise(length: number, amplitude: number): Int16Array {
  let state = 1;
  return Int16Array.from({ length }, () => {
    state = Math.imul(state, 1_103_515_245) + 12_345;
    return ((state >>> 16) / 65_536 - 0.5) * 2 * amplitude;
  });
}

async function throughDecoder(integers: Int16Array, channels: 1 | 2): Promise<Int16Array> {
  async function* chunks(): AsyncGenerator<Float32Array> {
    yield fromInt16(integers);
  }
  const pcm: PcmStream = { sampleRate: RATE, channels, chunks: chunks() };
  const file = await collectBytes(flacFormat.encode(pcm, { id: 'flac' }));
  const { samples } = await decodeFlac(file, { sampleRate: RATE, channels });
  return Int16Array.from(samples ?? [], (sample) => sample * 32_768);
}

const sounds: Record<string, Int16Array> = {
  'noise at full scale': noise(5_000, 32_767),
  'quiet noise': noise(5_000, 3),
  'the two extremes in turn': Int16Array.from({ length: 5_000 }, (_, index) =>
    index % 2 === 0 ? -32_768 : 32_767,
  ),
  'a constant': new Int16Array(5_000).fill(-32_768),
  'a ramp': Int16Array.from({ length: 5_000 }, (_, index) => index * 6 - 15_000),
  'one click in silence': new Int16Array(5_000).fill(32_767, 2_500, 2_501),
  'a single sample': Int16Array.of(-1),
  'five samples': Int16Array.of(1, -32_768, 32_767, 0, 5),
  'a length that no partition divides': noise(2_048 + 1_021, 500),
};

for (const [name, integers] of Object.entries(sounds)) {
  test(`gives ${name} back bit for bit`, async () => {
    assert.deepEqual(await throughDecoder(integers, 1), integers);
  });

  test(`gives ${name} back bit for bit on two channels that differ, agree and oppose each other`, async () => {
    for (const other of [() => 0, (value: number) => value, (value: number) => Math.min(32_767, -value)]) {
      const stereo = Int16Array.from({ length: integers.length * 2 }, (_, index) => {
        const value = integers[index >> 1] ?? 0;
        return index % 2 === 0 ? value : other(value);
      });
      assert.deepEqual(await throughDecoder(stereo, 2), stereo);
    }
  });
}

test('reads its own frame numbers of every length, at every kind of sample rate', () => {
  for (const frameNumber of [0, 127, 128, 2_047, 2_048, 65_535, 65_536, 2_097_151, 2_097_152, 2 ** 31 - 1]) {
    for (const sampleRate of [24_000, 11_025, 123_456]) {
      const frame = flacFrame({ samples: noise(300, 50), channels: 1, sampleRate, frameNumber });
      assert.deepEqual(findFlacFrame(frame, 0), { frameNumber, blockSize: 300 });
    }
  }
});

test('finds no frame where a single bit is wrong', () => {
  const frame = flacFrame({ samples: noise(300, 50), channels: 1, sampleRate: RATE, frameNumber: 7 });
  for (const at of [0, 1, 2, 3, 4, 6, 7, 100, frame.length - 1]) {
    const damaged = frame.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    assert.equal(findFlacFrame(damaged, 0), undefined, `byte ${at}`);
  }
});

test('takes much less room than plain samples for a tone', async () => {
  const samples = Float32Array.from({ length: RATE }, (_, index) => 0.4 * Math.sin(index / 20));
  async function* chunks(): AsyncGenerator<Float32Array> {
    yield samples;
  }
  const file = await collectBytes(
    flacFormat.encode({ sampleRate: RATE, channels: 1, chunks: chunks() }, { id: 'flac' }),
  );
  assert.ok(file.length < samples.length * 2 * 0.45, `${file.length} bytes`);
});
