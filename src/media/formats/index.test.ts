import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { decodeAlaw, decodeMp3, decodeOpus, decodeWav } from '../../../test/contracts/decode-audio.ts';
import { AppError } from '../../base/errors.ts';
import { collectBytes } from '../../base/stream.ts';
import { codecPoolLoad, stopCodecPool } from '../codec-pool.ts';
import { concatSamples, rootMeanSquare } from '../pcm.ts';
import type { PcmStream } from '../pcm.ts';
import type { AudioFormatRequest } from './format.ts';
import { audioFormats, encodeAudio, findAudioFormat, getAudioFormat } from './index.ts';

after(stopCodecPool);

function tone(sampleRate: number, seconds = 0.5): Float32Array {
  return Float32Array.from(
    { length: sampleRate * seconds },
    (_, index) => 0.5 * Math.sin((2 * Math.PI * 440 * index) / sampleRate),
  );
}

function streamOf(samples: Float32Array, sampleRate: number, channels: 1 | 2 = 1): PcmStream {
  async function* chunks(): AsyncGenerator<Float32Array> {
    yield samples;
  }
  return { sampleRate, channels, chunks: chunks() };
}

function refused(pattern: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, 'invalid_request');
    assert.equal(error.param, 'format');
    assert.match(error.message, pattern);
    return true;
  };
}

test('names every format once and finds each by its id', () => {
  const ids = audioFormats.map((format) => format.id);
  // Which they are stands in docs/formats.md, to which test/docs/format-table.test.ts holds them.
  assert.equal(new Set(ids).size, ids.length);
  for (const format of audioFormats) assert.equal(findAudioFormat(format.id), format);
  assert.equal(findAudioFormat('ogg'), undefined);
});

test('resamples to the requested rate', async () => {
  const bytes = await collectBytes(
    encodeAudio(streamOf(tone(16_000), 16_000), { id: 'wav', sampleRate: 24_000 }),
  );
  const decoded = await decodeWav(bytes, { sampleRate: 0, channels: 1 });
  assert.equal(decoded.sampleRate, 24_000);
  assert.equal(decoded.frames, 12_000);
});

test('keeps the rate of the sound when none is requested, or takes the nearest that the format has', async () => {
  const wav = await collectBytes(encodeAudio(streamOf(tone(22_050), 22_050), { id: 'wav' }));
  assert.equal((await decodeWav(wav, { sampleRate: 0, channels: 1 })).sampleRate, 22_050);
  const opus = await collectBytes(encodeAudio(streamOf(tone(22_050), 22_050), { id: 'opus' }));
  assert.equal(new DataView(opus.buffer).getUint32(28 + 12, true), 24_000);
  assert.equal((await decodeOpus(opus, { sampleRate: 0, channels: 1 })).frames, 24_000);
});

test('mixes two channels down for a format that has one', async () => {
  const left = tone(8_000);
  const stereo = concatSamples([...left].map((sample) => Float32Array.of(sample, 0)));
  const bytes = await collectBytes(encodeAudio(streamOf(stereo, 8_000, 2), { id: 'alaw' }));
  const decoded = await decodeAlaw(bytes, { sampleRate: 8_000, channels: 1 });
  assert.equal(decoded.frames, 4_000);
  assert.ok(Math.abs(rootMeanSquare(decoded.samples ?? left) / rootMeanSquare(left) - 0.5) < 0.02);
});

test('encodes costly formats in the codec pool, and frees it when the listener leaves', async () => {
  const request = { id: 'mp3', sampleRate: 44_100, bitRate: 64_000 };
  const bytes = await collectBytes(encodeAudio(streamOf(tone(24_000), 24_000), request));
  const decoded = await decodeMp3(bytes, { sampleRate: 0, channels: 1 });
  assert.equal(decoded.sampleRate, 44_100);
  assert.ok(decoded.frames >= 22_050 + 1_105);
  assert.ok(codecPoolLoad().workers > 0);
  for await (const chunk of encodeAudio(streamOf(tone(24_000, 5), 24_000), request)) {
    assert.ok(chunk.length > 0);
    break;
  }
  assert.equal(codecPoolLoad().encodings, 0);
});

const refusals: readonly (readonly [AudioFormatRequest, RegExp])[] = [
  [{ id: 'ogg' }, /no audio format "ogg".*mp3, wav, pcm, opus, aac, flac, mulaw, alaw/],
  [{ id: 'mp3', sampleRate: 96_000 }, /sample rate of mp3 must be one of 8000, .*48000 Hz, not 96000/],
  [{ id: 'wav', sampleRate: 4_000 }, /from 8000 to 192000 Hz, not 4000/],
  [{ id: 'wav', sampleRate: 8_000.5 }, /whole number.*not 8000\.5/],
  [{ id: 'mulaw', sampleRate: 16_000 }, /one of 8000 Hz, not 16000/],
  [{ id: 'mp3', bitRate: 100_000 }, /bit rate of mp3.* must be one of .*not 100000/],
  [
    { id: 'mp3', sampleRate: 22_050, bitRate: 320_000 },
    /mp3 at 22050 Hz must be one of .*160000 bit\/s, not 320000/,
  ],
  [{ id: 'mp3', sampleRate: 44_100, bitRate: 8_000 }, /mp3 at 44100 Hz must be one of 32000, .*not 8000/],
  [{ id: 'aac', sampleRate: 8_000, bitRate: 64_000 }, /aac at 8000 Hz .*48000 bit\/s, not 64000/],
  [{ id: 'flac', bitRate: 64_000 }, /flac has no bit rate/],
];

for (const [request, pattern] of refusals) {
  test(`refuses ${JSON.stringify(request)} at once and says what there is`, () => {
    assert.throws(() => getAudioFormat(request), refused(pattern));
    assert.throws(() => encodeAudio(streamOf(tone(24_000), 24_000), request), refused(pattern));
  });
}
