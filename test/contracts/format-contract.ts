import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { collectBytes } from '../../src/base/stream.ts';
import type { AudioFormat, AudioFormatRequest } from '../../src/media/formats/format.ts';
import { collectSamples, rootMeanSquare, toInt16 } from '../../src/media/pcm.ts';
import type { PcmStream } from '../../src/media/pcm.ts';
import { resample } from '../../src/media/resample.ts';
import type { DecodeAudio, DecodedAudio } from './decode-audio.ts';

/** A sample rate, and where the format has them a bit rate, at which the contract is checked. */
export interface FormatSetting {
  readonly sampleRate: number;
  readonly bitRate?: number;
  readonly channels?: 1 | 2;
}

/**
 * What every output format promises: what goes in comes out of a decoder at the same length and level with its
 * tail, whole and streamed output are the same bytes, silence and (nearly) nothing are files too, and an
 * abandoned encoding closes its source.
 */
export function describeFormatContract(
  format: AudioFormat,
  decode: DecodeAudio,
  settings: readonly FormatSetting[],
): void {
  describe(`the format ${format.id}`, () => {
    for (const setting of settings) describeSetting(format, decode, setting);
    const [setting] = settings;
    assert.ok(setting);
    describeEdges(format, decode, setting);
  });
}

function describeSetting(format: AudioFormat, decode: DecodeAudio, setting: FormatSetting): void {
  const raw = { sampleRate: setting.sampleRate, channels: setting.channels ?? 1 } as const;
  const name = `${setting.sampleRate} Hz, ${raw.channels} channel(s), ${setting.bitRate ?? 'default'} bit/s`;

  test(`gives the sound back at ${name}`, async (context) => {
    const samples = speechLike(setting, 0.4);
    const decoded = await decode(await encodeWhole(format, setting, samples), raw);
    assert.equal(decoded.channels, raw.channels);
    const expected = await collectSamples(resample(streamOf(samples, setting), decoded.sampleRate).chunks);
    assertFrames(decoded, expected.length / raw.channels);
    if (format.id !== 'opus') assert.equal(decoded.sampleRate, setting.sampleRate);
    if (!decoded.samples) {
      context.skip(
        `no decoder for ${format.id} is installed: length and headers are right, the sound was not heard`,
      );
      return;
    }
    const start = decoded.delayFrames * raw.channels;
    const heard = decoded.samples.subarray(start, start + expected.length);
    if (format.lossless) {
      assert.deepEqual(heard, quantised(expected));
      return;
    }
    const level = 20 * Math.log10(rootMeanSquare(heard) / rootMeanSquare(expected));
    assert.ok(Math.abs(level) < 1, `level is off by ${level} dB`);
    assert.ok(correlation(heard, expected) > 0.95, `correlation is ${correlation(heard, expected)}`);
    const tail = -Math.round(decoded.sampleRate * 0.02) * raw.channels;
    const tailLevel =
      20 * Math.log10(rootMeanSquare(heard.subarray(tail)) / rootMeanSquare(expected.subarray(tail)));
    assert.ok(Math.abs(tailLevel) < 3, `the last 20 ms are off by ${tailLevel} dB`);
  });

  if (setting.bitRate !== undefined) {
    test(`keeps to its bit rate at ${name}`, async () => {
      const seconds = 3;
      const bytes = await encodeWhole(format, setting, speechLike(setting, seconds));
      const measured = (bytes.length * 8) / seconds;
      const wanted = setting.bitRate ?? 0;
      assert.ok(measured < wanted * 1.15 + 4_000, `${measured} bit/s`);
      if (format.id === 'mp3') assert.ok(measured > wanted * 0.97, `${measured} bit/s`);
    });
  }
}

function describeEdges(format: AudioFormat, decode: DecodeAudio, setting: FormatSetting): void {
  const raw = { sampleRate: setting.sampleRate, channels: setting.channels ?? 1 } as const;

  test('writes the same bytes however the sound was chunked', async () => {
    const samples = speechLike(setting, 0.3);
    const whole = await encodeWhole(format, setting, samples);
    for (const chunkLength of [1, 17, 4_000, 'random'] as const) {
      const pcm = streamOf(samples, setting, chunkLength);
      const streamed = await collectBytes(format.encode(pcm, requestFor(format, setting)));
      assert.ok(Buffer.from(whole).equals(streamed), `chunks of ${chunkLength}`);
    }
  });

  test('makes a file of silence, of one frame and of nothing', async () => {
    for (const frames of [4_000, 1, 0]) {
      const bytes = await encodeWhole(format, setting, new Float32Array(frames * raw.channels));
      const decoded = await decode(bytes, raw);
      assertFrames(decoded, Math.round((frames * decoded.sampleRate) / setting.sampleRate));
      for (const sample of decoded.samples ?? []) assert.ok(Math.abs(sample) < 0.001, `${sample}`);
    }
  });

  test('keeps full-scale and beyond within bounds', async () => {
    const loud = speechLike(setting, 0.2).map((sample) => Math.sign(sample) * 1.2);
    const decoded = await decode(await encodeWhole(format, setting, loud), raw);
    if (decoded.samples) assert.ok(rootMeanSquare(decoded.samples) > 0.5);
  });

  if (format.writeTrueLengths) {
    test('states the true lengths of a whole file without touching the sound', async () => {
      const samples = speechLike(setting, 0.3);
      const streamed = await encodeWhole(format, setting, samples);
      const stated = Uint8Array.from(streamed);
      format.writeTrueLengths?.(stated);
      assert.notDeepEqual(stated, streamed);
      assert.equal(stated.length, streamed.length);
      assert.deepEqual((await decode(stated, raw)).samples, (await decode(streamed, raw)).samples);
    });
  }

  test('reads no samples before somebody reads bytes, and closes its source when abandoned', async () => {
    let read = 0;
    let closed = false;
    async function* endless(): AsyncGenerator<Float32Array> {
      try {
        for (;;) {
          read += 1;
          yield speechLike(setting, 0.1);
        }
      } finally {
        closed = true;
      }
    }
    const pcm: PcmStream = { ...raw, chunks: endless() };
    const iterator = format.encode(pcm, requestFor(format, setting))[Symbol.asyncIterator]();
    assert.equal(read, 0);
    let bytes = 0;
    while (bytes < 400) bytes += (await iterator.next()).value?.length ?? 0;
    assert.ok(read <= 6, `${read} chunks of 100 ms were read for the first ${bytes} bytes`);
    await iterator.return?.();
    assert.ok(closed);
  });

  test('passes on the failure of its source', async () => {
    async function* failing(): AsyncGenerator<Float32Array> {
      yield speechLike(setting, 0.2);
      throw new Error('the engine broke');
    }
    const pcm: PcmStream = { ...raw, chunks: failing() };
    await assert.rejects(collectBytes(format.encode(pcm, requestFor(format, setting))), /the engine broke/);
  });
}

function requestFor(format: AudioFormat, setting: FormatSetting): AudioFormatRequest {
  const { sampleRate, bitRate } = setting;
  return { id: format.id, sampleRate, ...(bitRate === undefined ? {} : { bitRate }) };
}

function encodeWhole(
  format: AudioFormat,
  setting: FormatSetting,
  samples: Float32Array,
): Promise<Uint8Array> {
  return collectBytes(format.encode(streamOf(samples, setting), requestFor(format, setting)));
}

function streamOf(
  samples: Float32Array,
  setting: FormatSetting,
  chunkLength: number | 'random' = samples.length,
): PcmStream {
  const channels = setting.channels ?? 1;
  async function* chunks(): AsyncGenerator<Float32Array> {
    for (let start = 0; start < samples.length;) {
      const frames = chunkLength === 'random' ? Math.floor(Math.random() * 3_000) : chunkLength;
      yield samples.subarray(start, start + frames * channels);
      start += frames * channels;
    }
  }
  return { sampleRate: setting.sampleRate, channels, chunks: chunks() };
}

/** A voiced sound with harmonics, loud to its very end; left and right differ. */
function speechLike(setting: FormatSetting, seconds: number): Float32Array {
  const channels = setting.channels ?? 1;
  const frames = Math.round(setting.sampleRate * seconds);
  return Float32Array.from({ length: frames * channels }, (_, index) => {
    const time = Math.floor(index / channels) / setting.sampleRate;
    const pitch = index % channels === 0 ? 150 : 190;
    const harmonics = [1, 2, 3, 5].map(
      (number) => Math.sin(2 * Math.PI * pitch * number * time + number) / number,
    );
    const envelope = 0.6 + 0.4 * Math.cos(2 * Math.PI * 4 * (time - seconds));
    return 0.3 * envelope * harmonics.reduce((sum, value) => sum + value, 0);
  });
}

function assertFrames(decoded: DecodedAudio, frames: number): void {
  const least = frames + decoded.delayFrames;
  const most = least + decoded.mostPaddingFrames;
  assert.ok(
    decoded.frames >= least && decoded.frames <= most,
    `${decoded.frames} frames, not ${least} to ${most}`,
  );
}

function quantised(samples: Float32Array): Float32Array {
  return Float32Array.from(toInt16(samples), (integer) => integer / 32_768);
}

function correlation(left: Float32Array, right: Float32Array): number {
  let product = 0;
  left.forEach((sample, index) => {
    product += sample * (right[index] ?? 0);
  });
  return product / left.length / (rootMeanSquare(left) * rootMeanSquare(right));
}
