import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  decodeWhole,
  inPieces,
  likeness,
  readTestFile,
  withoutTestData,
} from '../../../test/decode-support.ts';
import { AppError } from '../../base/errors.ts';
import { collectBytes } from '../../base/stream.ts';
import { encodeAudio } from '../formats/index.ts';
import { WIDEST_DECODE_LIMITS, decodeAudio } from './audio-decoders.ts';
import { decodePoolLoad, stopDecodePool } from './decode-pool.ts';

after(stopDecodePool);

const limits = WIDEST_DECODE_LIMITS;
const never = new AbortController().signal;

function refusedWith(code: string, reason?: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof AppError, String(error));
    assert.deepEqual([error.code, error.reason], [code, reason], error.message);
    return true;
  };
}

async function* sine(seconds: number, sampleRate: number): AsyncGenerator<Float32Array> {
  for (let second = 0; second < seconds; second += 1) {
    yield Float32Array.from(
      { length: sampleRate },
      (_, index) => 0.5 * Math.sin((2 * Math.PI * 440 * (second * sampleRate + index)) / sampleRate),
    );
  }
}

function encoded(id: string, seconds: number, sampleRate = 24_000): Promise<Uint8Array> {
  return collectBytes(encodeAudio({ sampleRate, channels: 1, chunks: sine(seconds, sampleRate) }, { id }));
}

/** What each recording is, as another program measured it; `like` is how much it resembles jfk.wav. */
const recordings = [
  {
    path: 'formats/2412-153948-0000.flac',
    container: 'flac',
    codec: 'flac',
    channels: 1,
    rate: 16_000,
    seconds: 11.66,
  },
  {
    path: 'formats/common_voice_en_651325.mp3',
    container: 'mp3',
    codec: 'mp3',
    channels: 1,
    rate: 48_000,
    seconds: 2.376,
  },
  {
    path: 'formats/jfk.m4a',
    container: 'mp4',
    codec: 'aac',
    channels: 1,
    rate: 16_000,
    seconds: 11,
    like: 0.999,
  },
  {
    path: 'formats/jfk.mp4',
    container: 'mp4',
    codec: 'aac',
    channels: 1,
    rate: 16_000,
    seconds: 11,
    like: 0.999,
  },
  {
    path: 'formats/jfk.mp3',
    container: 'mp3',
    codec: 'mp3',
    channels: 1,
    rate: 16_000,
    seconds: 11,
    like: 0.999,
  },
  {
    path: 'formats/jfk.opus',
    container: 'ogg',
    codec: 'opus',
    channels: 1,
    rate: 48_000,
    seconds: 11,
    like: 0.98,
  },
  {
    path: 'formats/jfk.webm',
    container: 'webm',
    codec: 'opus',
    channels: 1,
    rate: 48_000,
    seconds: 11,
    like: 0.98,
    slack: 0.02,
  },
  {
    path: 'formats/jfk_16k.flac',
    container: 'flac',
    codec: 'flac',
    channels: 1,
    rate: 16_000,
    seconds: 11,
    like: 1,
  },
  {
    path: 'en/jfk.flac',
    container: 'flac',
    codec: 'flac',
    channels: 2,
    rate: 44_100,
    seconds: 11,
    like: 0.999,
  },
  {
    path: 'formats/jfk_44k_stereo_s24_4s.wav',
    container: 'wav',
    codec: 'pcm_s24le',
    channels: 2,
    rate: 44_100,
    seconds: 4,
    like: 0.999,
  },
  {
    path: 'formats/jfk_8k_mulaw.wav',
    container: 'wav',
    codec: 'pcm_mulaw',
    channels: 1,
    rate: 8_000,
    seconds: 11,
    like: 0.99,
  },
  {
    path: 'formats/jfk_f32_4s.wav',
    container: 'wav',
    codec: 'pcm_f32le',
    channels: 1,
    rate: 16_000,
    seconds: 4,
    like: 0.9999,
  },
  {
    path: 'formats/lhotse_mono_c0.opus',
    container: 'ogg',
    codec: 'opus',
    channels: 1,
    rate: 48_000,
    seconds: 0.5054,
  },
  {
    path: 'formats/lhotse_stereo.opus',
    container: 'ogg',
    codec: 'opus',
    channels: 2,
    rate: 48_000,
    seconds: 1.0054,
  },
  { path: 'formats/lhotse_stereo.mp3', container: 'mp3', codec: 'mp3', channels: 2, rate: 8_000, seconds: 1 },
  {
    path: 'formats/lhotse_stereo.sph',
    container: 'sphere',
    codec: 'pcm_s16le',
    channels: 2,
    rate: 8_000,
    seconds: 1,
  },
  {
    path: 'formats/silero_test.mp3',
    container: 'mp3',
    codec: 'mp3',
    channels: 2,
    rate: 44_100,
    seconds: 2.534,
  },
];

for (const { path, container, codec, channels, rate, seconds, like, slack } of recordings) {
  test(`reads ${path}, complete and in time`, { skip: withoutTestData }, async () => {
    const { audio, samples } = await decodeWhole(await readTestFile(path), {
      sampleRate: 16_000,
      mono: true,
    });
    const { container: foundContainer, codec: foundCodec, truncated } = audio;
    assert.deepEqual(
      {
        container: foundContainer,
        codec: foundCodec,
        channels: audio.channels,
        rate: audio.sampleRate,
        truncated,
      },
      { container, codec, channels, rate, truncated: false },
    );
    const error = Math.abs(samples.length / 16_000 - seconds);
    assert.ok(error <= (slack ?? 0.0005), `${samples.length / 16_000} s instead of ${seconds} s`);
    if (audio.durationSeconds !== undefined) assert.ok(Math.abs(audio.durationSeconds - seconds) < 0.001);
    if (like === undefined) return;
    const reference = await decodeWhole(await readTestFile('en/jfk.wav'));
    const part = [16_000, 48_000] as const;
    const found = likeness(samples.subarray(...part), reference.samples.subarray(...part), 4);
    assert.ok(found >= like - 1e-6, `likeness ${found}`);
  });
}

test(
  'gives the same samples whatever the pieces in which the bytes come',
  { skip: withoutTestData },
  async () => {
    for (const path of [
      'common_voice_en_651325.mp3',
      'lhotse_stereo.opus',
      'jfk_16k.flac',
      'jfk.webm',
      'jfk.m4a',
      'lhotse_stereo.wav',
    ]) {
      const bytes = await readTestFile(`formats/${path}`);
      const { samples } = await decodeWhole(bytes);
      const pieces = await decodeWhole(inPieces(bytes, 997));
      assert.deepEqual(pieces.samples, samples, path);
    }
  },
);

test('says why a broken file cannot be read', { skip: withoutTestData }, async () => {
  const broken = [
    ['broken_text.mp3', 'not_audio'],
    ['broken_truncated.m4a', 'truncated'],
    ['jfk_truncated.m4a', 'truncated'],
  ] as const;
  for (const [path, reason] of broken) {
    await assert.rejects(
      decodeWhole(await readTestFile(`formats/${path}`)),
      refusedWith('unsupported_media', reason),
    );
  }
});

test('refuses no bytes, no sound and no film without sound as what they are', async () => {
  const empty = new Uint8Array(0);
  await assert.rejects(decodeWhole(empty), refusedWith('unsupported_media', 'empty'));
  await assert.rejects(decodeWhole(inPieces(empty, 1)), refusedWith('unsupported_media', 'empty'));
  const silent = await encoded('wav', 0);
  await assert.rejects(decodeWhole(silent), refusedWith('unsupported_media', 'empty'));
  const random = Uint8Array.from({ length: 5_000 }, (_, index) => (index * index * 31 + index) % 251);
  await assert.rejects(decodeWhole(random), refusedWith('unsupported_media', 'not_audio'));
});

test('gives what there is of a file that breaks off, and says so', { skip: withoutTestData }, async () => {
  for (const path of ['jfk_8k_mulaw.wav', 'jfk.mp3', 'jfk_16k.flac', 'jfk.opus', 'jfk.webm']) {
    const bytes = await readTestFile(`formats/${path}`);
    const half = await decodeWhole(bytes.subarray(0, Math.floor(bytes.length / 2)), { sampleRate: 16_000 });
    const seconds = half.samples.length / 16_000;
    assert.ok(seconds > 4 && seconds < 7, `${path}: ${seconds} s`);
    assert.ok(half.audio.truncated, path);
  }
  const start = (await readTestFile('formats/jfk_8k_mulaw.wav')).subarray(0, 200);
  await assert.rejects(decodeWhole(start), refusedWith('unsupported_media', 'truncated'));
});

test('stops at the limits on length, channels and rate while it decodes', async () => {
  const wav = await encoded('wav', 3, 48_000);
  const over = refusedWith('payload_too_large', 'decode_limit');
  await assert.rejects(decodeWhole(wav, { limits: { ...limits, maxSeconds: 2 } }), over);
  await assert.rejects(decodeWhole(wav, { limits: { ...limits, maxSampleRate: 44_100 } }), over);
  await assert.rejects(decodeWhole(wav, { limits: { ...limits, maxChannels: 0 } }), over);
  const { samples } = await decodeWhole(wav, { limits: { ...limits, maxSeconds: 3 } });
  assert.equal(samples.length, 144_000);
});

test('stops a flood of samples from few bytes at the limit, in flat memory', async () => {
  const flac = await collectBytes(
    encodeAudio({ sampleRate: 16_000, channels: 1, chunks: silence(10) }, { id: 'flac' }),
  );
  const frames = flac.subarray(42);
  async function* bomb(): AsyncGenerator<Uint8Array> {
    yield flac.subarray(0, 42);
    for (let count = 0; count < 1_000_000; count += 1) yield frames;
  }
  const before = process.memoryUsage.rss();
  const audio = await decodeAudio(bomb(), { limits: { ...limits, maxSeconds: 1_800 }, signal: never });
  let frameCount = 0;
  await assert.rejects(
    async () => {
      for await (const chunk of audio.pcm.chunks) frameCount += chunk.length;
    },
    refusedWith('payload_too_large', 'decode_limit'),
  );
  assert.ok(frameCount <= 1_800 * 16_000 && frameCount > 1_700 * 16_000, `${frameCount} samples`);
  assert.ok(process.memoryUsage.rss() - before < 200e6);
});

async function* silence(seconds: number): AsyncGenerator<Float32Array> {
  for (let second = 0; second < seconds; second += 1) yield new Float32Array(16_000);
}

test('reads no further than its reader asks and lets go when it is closed', async () => {
  const mp3 = await encoded('mp3', 10);
  const seen = { bytes: 0, closed: false };
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        seen.bytes += mp3.length;
        yield mp3;
      }
    } finally {
      seen.closed = true;
    }
  }
  const audio = await decodeAudio(endless(), { limits, signal: never });
  const readAtFirst = seen.bytes;
  assert.ok(readAtFirst <= 2 * mp3.length, `${readAtFirst} bytes`);
  const iterator = audio.pcm.chunks[Symbol.asyncIterator]();
  assert.ok((await iterator.next()).value);
  assert.equal(seen.bytes, readAtFirst);
  await audio.close();
  await settled();
  assert.ok(seen.closed);
});

/** Waits until the worker has confirmed that it let go. */
async function settled(): Promise<void> {
  while (decodePoolLoad().decodings > 0) await new Promise((resolve) => setImmediate(resolve));
}

test('ends at once when the caller hangs up, also while the upload stands still', async () => {
  const controller = new AbortController();
  const wav = await encoded('wav', 2);
  const waiting = Promise.withResolvers<void>();
  async function* stalled(): AsyncGenerator<Uint8Array> {
    yield wav;
    waiting.resolve();
    await new Promise<never>(() => undefined);
  }
  const audio = await decodeAudio(stalled(), { limits, signal: controller.signal });
  const reading = (async () => {
    for await (const chunk of audio.pcm.chunks) assert.ok(chunk.length > 0);
  })();
  await waiting.promise;
  const begun = performance.now();
  controller.abort();
  await assert.rejects(reading, refusedWith('cancelled'));
  assert.ok(performance.now() - begun < 2000);
  await settled();
  await assert.rejects(decodeAudio(wav, { limits, signal: controller.signal }), refusedWith('cancelled'));
});

test('passes on the failure of the upload', async () => {
  const wav = await encoded('wav', 1);
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield wav.subarray(0, 5_000);
    throw new AppError('invalid_request', 'the upload broke');
  }
  await assert.rejects(decodeWhole(failing()), refusedWith('invalid_request'));
  await settled();
});

test('fails the decodings of a worker that dies, and decodes on with a new one', async () => {
  const wav = await encoded('wav', 60);
  const audio = await decodeAudio(wav, { limits, signal: never });
  const iterator = audio.pcm.chunks[Symbol.asyncIterator]();
  await iterator.next();
  await stopDecodePool();
  await assert.rejects(async () => {
    for (;;) await iterator.next();
  }, refusedWith('engine_failed'));
  assert.deepEqual(decodePoolLoad(), { workers: 0, decodings: 0 });
  const { samples } = await decodeWhole(wav);
  assert.equal(samples.length, 60 * 24_000);
});

test('does not mix 16 files at once', { skip: withoutTestData }, async () => {
  const paths = ['jfk.mp3', 'jfk.m4a', 'jfk.opus', 'jfk_16k.flac'];
  const files = await Promise.all(paths.map((path) => readTestFile(`formats/${path}`)));
  const expected: Float32Array[] = [];
  for (const file of files) expected.push((await decodeWhole(file)).samples);
  const all = await Promise.all(
    Array.from({ length: 16 }, (_, index) => decodeWhole(files[index % 4] ?? new Uint8Array(0))),
  );
  all.forEach(({ samples }, index) => assert.deepEqual(samples, expected[index % 4]));
  assert.ok(decodePoolLoad().workers <= 4);
});
