import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacket,
  MkvOutputFormat,
  Mp4OutputFormat,
  Output,
  WebMOutputFormat,
} from 'mediabunny';
import { createOggEncoder } from 'wasm-media-encoders';
import { decodeWhole, likeness } from '../../../test/decode-support.ts';
import { AppError } from '../../base/errors.ts';
import { collectBytes } from '../../base/stream.ts';
import { stopCodecPool } from '../codec-pool.ts';
import { encodeAudio } from '../formats/index.ts';
import { toInt16 } from '../pcm.ts';
import { readAdtsHeader } from './adts-decoder.ts';
import { ByteReader } from './byte-reader.ts';
import { stopDecodePool } from './decode-pool.ts';
import { mp4Decoder } from './mp4-decoder.ts';
import { readOggPages } from './ogg-pages.ts';
import { probeAudio } from './probe.ts';

after(stopDecodePool);
after(stopCodecPool);

const RATE = 24_000;

/** A voice-like sound that never repeats: a gliding tone with overtones. */
function glide(frames: number, rate = RATE): Float32Array {
  return Float32Array.from({ length: frames }, (_, index) => {
    const phase = 2 * Math.PI * (150 * (index / rate) + 60 * (index / rate) ** 2);
    return 0.3 * Math.sin(phase) + 0.15 * Math.sin(2.01 * phase) + 0.1 * Math.sin(5.3 * phase);
  });
}

async function* chunksOf(samples: Float32Array): AsyncGenerator<Float32Array> {
  for (let start = 0; start < samples.length; start += 4_800) yield samples.subarray(start, start + 4_800);
}

function encode(id: string, samples: Float32Array, channels: 1 | 2 = 1): Promise<Uint8Array> {
  return collectBytes(encodeAudio({ sampleRate: RATE, channels, chunks: chunksOf(samples) }, { id }));
}

test('gives back what our own encoders wrote, exactly where the format is exact', async () => {
  const sound = glide(2 * RATE + 777);
  for (const id of ['wav', 'flac']) {
    const { samples, audio } = await decodeWhole(await encode(id, sound));
    assert.deepEqual(toInt16(samples), toInt16(sound), id);
    assert.equal(audio.truncated, false);
  }
  const delays = { mp3: 1_105, opus: 0, aac: 1_024 };
  for (const [id, delay] of Object.entries(delays)) {
    const { samples } = await decodeWhole(await encode(id, sound), { sampleRate: RATE });
    const extra = samples.length - delay - sound.length;
    assert.ok(extra >= 0 && extra <= (id === 'opus' ? 0 : 2_304), `${id}: ${extra} frames more`);
    const found = likeness(samples.subarray(delay), sound, 1);
    assert.ok(found > 0.99, `${id}: likeness ${found}`);
  }
});

test('keeps left and right apart, and mixes them on request', async () => {
  const mono = glide(RATE);
  const stereo = Float32Array.from({ length: 2 * RATE }, (_, index) =>
    index % 2 ? 0 : (mono[index >> 1] ?? 0),
  );
  const bytes = await encode('flac', stereo, 2);
  const both = await decodeWhole(bytes);
  assert.equal(both.audio.pcm.channels, 2);
  assert.deepEqual(toInt16(both.samples), toInt16(stereo));
  const one = await decodeWhole(bytes, { mono: true });
  assert.equal(one.audio.pcm.channels, 1);
  assert.ok(one.samples.every((sample, index) => Math.abs(sample - (mono[index] ?? 0) / 2) < 1e-4));
});

test('a FLAC file that ends among its descriptions is refused at once, and keeps no decoder', async () => {
  const whole = Buffer.from(await encode('flac', glide(RATE)));
  // The mark of the last description is gone: more of them seem to come.
  const open = whole.subarray(0, 4 + 4 + 34);
  open.writeUInt8(open.readUInt8(4) & 0x7f, 4);
  for (const bytes of [open, Buffer.concat([open, Buffer.from([4, 0])])]) {
    await assert.rejects(decodeWhole(bytes), { code: 'unsupported_media', reason: 'truncated' });
  }
});

interface WavParts {
  readonly codec: number;
  readonly bits: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly data: Uint8Array;
  readonly dataSize?: number;
  readonly before?: Uint8Array;
  readonly mask?: number;
  readonly form?: string;
}

function wav(parts: WavParts): Uint8Array {
  const { codec, bits, channels = 1, rate = RATE, data, mask } = parts;
  const format = Buffer.alloc(mask === undefined ? 16 : 40);
  format.writeUInt16LE(mask === undefined ? codec : 0xfffe, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rate, 4);
  format.writeUInt32LE((rate * channels * bits) / 8, 8);
  format.writeUInt16LE((channels * bits) / 8, 12);
  format.writeUInt16LE(bits, 14);
  if (mask !== undefined) {
    format.writeUInt16LE(22, 16);
    format.writeUInt16LE(bits, 18);
    format.writeUInt32LE(mask, 20);
    format.writeUInt16LE(codec, 24);
  }
  const chunks = Buffer.concat([
    parts.before ?? Buffer.alloc(0),
    chunk('fmt ', format),
    Buffer.concat([Buffer.from('data'), uint32(parts.dataSize ?? data.length)]),
    data,
  ]);
  return Buffer.concat([
    Buffer.from(parts.form ?? 'RIFF'),
    uint32(chunks.length + 4),
    Buffer.from('WAVE'),
    chunks,
  ]);
}

function chunk(id: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(id), uint32(body.length), body, Buffer.alloc(body.length % 2)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function written(
  samples: Float32Array,
  width: number,
  write: (view: DataView, at: number, sample: number) => void,
): Uint8Array {
  const bytes = new Uint8Array(samples.length * width);
  const view = new DataView(bytes.buffer);
  samples.forEach((sample, index) => write(view, index * width, sample));
  return bytes;
}

const widths = {
  'unsigned 8 bit': {
    codec: 1,
    bits: 8,
    error: 1 / 100,
    write: (view: DataView, at: number, x: number) => view.setUint8(at, Math.round(x * 127) + 128),
  },
  '16 bit': {
    codec: 1,
    bits: 16,
    error: 1e-4,
    write: (view: DataView, at: number, x: number) => view.setInt16(at, Math.round(x * 32_767), true),
  },
  '24 bit': {
    codec: 1,
    bits: 24,
    error: 1e-6,
    write: (view: DataView, at: number, x: number) => {
      const value = Math.round(x * 8_388_607);
      view.setInt16(at + 1, value >> 8, true);
      view.setUint8(at, value & 255);
    },
  },
  '32 bit': {
    codec: 1,
    bits: 32,
    error: 1e-7,
    write: (view: DataView, at: number, x: number) => view.setInt32(at, Math.round(x * 2_147_483_647), true),
  },
  '32-bit float': {
    codec: 3,
    bits: 32,
    error: 0,
    write: (view: DataView, at: number, x: number) => view.setFloat32(at, x, true),
  },
  '64-bit float': {
    codec: 3,
    bits: 64,
    error: 0,
    write: (view: DataView, at: number, x: number) => view.setFloat64(at, x, true),
  },
};

for (const [name, { codec, bits, error, write }] of Object.entries(widths)) {
  test(`reads WAV of ${name}, plain and extensible`, async () => {
    const sound = glide(6_000);
    const data = written(sound, bits / 8, write);
    for (const bytes of [wav({ codec, bits, data }), wav({ codec, bits, data, mask: 4 })]) {
      const { samples } = await decodeWhole(bytes);
      assert.equal(samples.length, sound.length);
      samples.forEach((sample, index) => assert.ok(Math.abs(sample - (sound[index] ?? 0)) <= error));
    }
  });
}

test('reads WAV of unknown length, with odd chunks in front, and as RF64', async () => {
  const sound = glide(6_000);
  const data = new Uint8Array(toInt16(sound).buffer);
  const plain = { codec: 1, bits: 16, data };
  const ds64 = Buffer.alloc(28);
  ds64.writeBigUInt64LE(BigInt(data.length), 8);
  const files = {
    'size of all ones': wav({ ...plain, dataSize: 0xffff_ffff }),
    'size of zero': wav({ ...plain, dataSize: 0 }),
    'odd chunk': wav({ ...plain, before: chunk('LIST', Buffer.from('abc')) }),
    RF64: wav({ ...plain, dataSize: 0xffff_ffff, form: 'RF64', before: chunk('ds64', ds64) }),
    'tag behind': Buffer.concat([wav(plain), chunk('LIST', Buffer.alloc(301))]),
  };
  for (const [name, bytes] of Object.entries(files)) {
    const { samples, audio } = await decodeWhole(bytes);
    assert.deepEqual(toInt16(samples), toInt16(sound), name);
    assert.equal(audio.truncated, false, name);
  }
});

test('trusts no header: ten hours promised in a kilobyte are a truncated file', async () => {
  const data = new Uint8Array(1_000);
  const bytes = wav({ codec: 1, bits: 16, data, dataSize: 36_000 * 48_000 });
  await assert.rejects(
    decodeWhole(bytes),
    (error) => error instanceof AppError && error.reason === 'truncated',
  );
});

test('mixes eight channels at 192 kHz down to one at 16 kHz', async () => {
  const frames = 192_000 / 2;
  const sound = glide(frames, 192_000);
  const data = written(new Float32Array(frames * 8), 2, () => undefined);
  const view = new DataView(data.buffer);
  sound.forEach((sample, frame) => view.setInt16((frame * 8 + 2) * 2, Math.round(sample * 32_767), true));
  const surround = wav({ codec: 1, bits: 16, channels: 8, rate: 192_000, data, mask: 0x63f });
  const { audio, samples } = await decodeWhole(surround, { sampleRate: 16_000, mono: true });
  assert.deepEqual([audio.channels, audio.sampleRate, audio.pcm.channels], [8, 192_000, 1]);
  assert.equal(samples.length, 8_000);
  assert.ok(likeness(samples, glide(8_000, 16_000), 0) > 0.999);
  const refusal = decodeWhole(surround, {
    limits: { maxSeconds: 60, maxChannels: 2, maxSampleRate: 192_000 },
  });
  await assert.rejects(refusal, /at most 2; this file has 8/);
});

test('reads AIFF and AIFF-C', async () => {
  const sound = glide(6_000);
  const big = written(sound, 2, (view, at, x) => view.setInt16(at, Math.round(x * 32_767)));
  const little = written(sound, 2, (view, at, x) => view.setInt16(at, Math.round(x * 32_767), true));
  for (const [bytes, data] of [
    [aiff(big), big],
    [aiff(little, 'sowt'), little],
  ] as const) {
    assert.ok(data.length > 0);
    const { samples, audio } = await decodeWhole(bytes);
    assert.deepEqual([audio.container, audio.sampleRate, samples.length], ['aiff', RATE, sound.length]);
    assert.ok(likeness(samples, sound, 0) > 0.9999);
  }
});

function aiff(data: Uint8Array, codec?: string): Uint8Array {
  const common = Buffer.alloc(codec ? 24 : 18);
  common.writeUInt16BE(1, 0);
  common.writeUInt32BE(data.length / 2, 2);
  common.writeUInt16BE(16, 6);
  // 24 000 as an 80-bit number: 1.46484375 times 2 to the 14th.
  common.writeUInt16BE(16_383 + 14, 8);
  common.writeUInt32BE(RATE * 2 ** 17, 10);
  if (codec) common.write(codec, 18, 'latin1');
  const bigChunk = (id: string, body: Uint8Array): Buffer => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(body.length);
    return Buffer.concat([Buffer.from(id), size, body]);
  };
  const chunks = Buffer.concat([
    bigChunk('COMM', common),
    bigChunk('SSND', Buffer.concat([Buffer.alloc(8), data])),
  ]);
  return bigChunk('FORM', Buffer.concat([Buffer.from(codec ? 'AIFC' : 'AIFF'), chunks]));
}

test('passes over a tag with a picture and garbage in front of MP3', async () => {
  const sound = glide(2 * RATE);
  const mp3 = await encode('mp3', sound);
  const picture = Buffer.alloc(300_000, 0xfb);
  const tag = Buffer.concat([
    Buffer.from('ID3\u0003\u0000\u0000', 'latin1'),
    syncSafe(picture.length),
    picture,
  ]);
  const garbage = Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * 7919) % 255));
  const { samples } = await decodeWhole(mp3);
  for (const front of [tag, garbage, Buffer.concat([tag, garbage])]) {
    const { samples: found, audio } = await decodeWhole(
      Buffer.concat([front, mp3, Buffer.from('TAG'.padEnd(128))]),
    );
    assert.equal(audio.container, 'mp3');
    assert.deepEqual(found, samples);
  }
});

function syncSafe(value: number): Buffer {
  return Buffer.from([value >> 21, (value >> 14) & 127, (value >> 7) & 127, value & 127]);
}

async function vorbis(sound: Float32Array): Promise<Uint8Array> {
  const encoder = await createOggEncoder();
  encoder.configure({ channels: 1, sampleRate: RATE, vbrQuality: 6 });
  const parts = [encoder.encode([sound]).slice(), encoder.finalize().slice()];
  return Buffer.concat(parts);
}

test('reads Vorbis in Ogg to its exact length', async () => {
  const sound = glide(3 * RATE + 123);
  const { audio, samples } = await decodeWhole(await vorbis(sound));
  assert.deepEqual([audio.container, audio.codec, audio.sampleRate], ['ogg', 'vorbis', RATE]);
  assert.equal(samples.length, sound.length);
  assert.ok(likeness(samples, sound, 0) > 0.99);
});

test('reads one Ogg stream after another', async () => {
  const sound = glide(RATE);
  const opus = await encode('opus', sound);
  const { samples } = await decodeWhole(Buffer.concat([opus, opus]), { sampleRate: RATE });
  const single = await decodeWhole(opus, { sampleRate: RATE });
  assert.equal(samples.length, 2 * single.samples.length);
});

type Codec = 'aac' | 'vorbis' | 'flac';

async function muxed(
  format: Mp4OutputFormat | WebMOutputFormat | MkvOutputFormat,
  codec: Codec,
  track: {
    readonly packets: readonly Uint8Array[];
    readonly description?: Uint8Array;
    readonly packetSeconds: number;
  },
): Promise<Uint8Array> {
  const target = new BufferTarget();
  const output = new Output({ format, target });
  const source = new EncodedAudioPacketSource(codec);
  output.addAudioTrack(source);
  await output.start();
  const decoderConfig = {
    codec: codec === 'aac' ? 'mp4a.40.2' : codec,
    sampleRate: RATE,
    numberOfChannels: 1,
    ...(track.description ? { description: track.description } : {}),
  };
  for (const [index, packet] of track.packets.entries()) {
    const { packetSeconds } = track;
    await source.add(new EncodedPacket(packet, 'key', index * packetSeconds, packetSeconds), {
      decoderConfig,
    });
  }
  await output.finalize();
  assert.ok(target.buffer);
  return new Uint8Array(target.buffer);
}

async function aacPackets(sound: Float32Array): Promise<Uint8Array[]> {
  const bytes = await encode('aac', sound);
  const packets: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const header = readAdtsHeader(bytes, offset);
    assert.ok(header);
    packets.push(bytes.subarray(offset + header.headerBytes, offset + header.byteLength));
    offset += header.byteLength;
  }
  return packets;
}

test('reads AAC in Matroska and fragmented MP4, the same as in its own packets', async () => {
  const sound = glide(3 * RATE);
  const packets = await aacPackets(sound);
  // AAC-LC, 24 kHz, one channel.
  const track = { packets, description: Uint8Array.of(0x13, 0x08), packetSeconds: 1_024 / RATE };
  const files = {
    matroska: await muxed(new MkvOutputFormat(), 'aac', track),
    mp4: await muxed(new Mp4OutputFormat({ fastStart: 'fragmented' }), 'aac', track),
  };
  const bare = await decodeWhole(await encode('aac', sound));
  assert.equal(bare.samples.length, packets.length * 1_024);
  for (const [container, bytes] of Object.entries(files)) {
    const { audio, samples } = await decodeWhole(bytes);
    assert.deepEqual([audio.container, audio.codec], [container, 'aac']);
    assert.deepEqual(samples, bare.samples, container);
  }
  assert.ok(likeness(bare.samples.subarray(1_024), sound, 0) > 0.99);
});

test('gives the beginning of an MP4 whose table of contents comes first when its end is missing', async () => {
  const packets = await aacPackets(glide(6 * RATE));
  const track = { packets, description: Uint8Array.of(0x13, 0x08), packetSeconds: 1_024 / RATE };
  for (const fastStart of ['fragmented', 'in-memory'] as const) {
    const file = await muxed(new Mp4OutputFormat({ fastStart }), 'aac', track);
    const { audio, samples } = await decodeWhole(file.subarray(0, Math.floor(file.length * 0.6)));
    const seconds = samples.length / RATE;
    assert.ok(audio.truncated, fastStart);
    assert.ok(seconds > 1 && seconds < 5, `${fastStart}: ${seconds} s`);
  }
});

test('reads Vorbis in WebM', async () => {
  const sound = glide(3 * RATE);
  const pages = readOggPages(new ByteReader(chunksOfBytes(await vorbis(sound))));
  const packets: Uint8Array[] = [];
  for await (const page of pages) packets.push(...page.packets);
  const [identification, comment, setup, ...rest] = packets;
  assert.ok(identification && comment && setup);
  const lengths = [2, identification.length, ...lacing(comment.length)];
  const description = Buffer.concat([Uint8Array.from(lengths), identification, comment, setup]);
  const bytes = await muxed(new WebMOutputFormat(), 'vorbis', {
    packets: rest,
    description,
    packetSeconds: 0.02,
  });
  const { audio, samples } = await decodeWhole(bytes);
  assert.deepEqual([audio.container, audio.codec], ['webm', 'vorbis']);
  assert.ok(samples.length >= sound.length);
  assert.ok(likeness(samples, sound, 0) > 0.99);
});

async function* chunksOfBytes(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function lacing(length: number): number[] {
  return [...Array<number>(Math.floor(length / 255)).fill(255), length % 255];
}

test('tells a film without sound from a broken file', async () => {
  // A movie header of version 0 and a table of contents that has no track.
  const header = Buffer.alloc(108);
  header.writeUInt32BE(108, 0);
  header.write('mvhd', 4);
  header.writeUInt32BE(1_000, 20);
  const box = (type: string, body: Uint8Array): Buffer => {
    const front = Buffer.alloc(8);
    front.writeUInt32BE(body.length + 8, 0);
    front.write(type, 4);
    return Buffer.concat([front, body]);
  };
  const film = Buffer.concat([
    box('ftyp', Buffer.from('isom\u0000\u0000\u0000\u0000isom')),
    box('moov', header),
  ]);
  await assert.rejects(
    decodeWhole(film),
    (error) => error instanceof AppError && error.reason === 'no_sound_track',
  );
});

test('names a codec that cannot be decoded', async () => {
  const bytes = wav({ codec: 0x11, bits: 4, data: new Uint8Array(4_000) });
  await assert.rejects(decodeWhole(bytes), (error) => {
    assert.ok(error instanceof AppError);
    assert.equal(error.reason, 'unsupported_codec');
    assert.match(error.message, /IMA ADPCM/);
    return true;
  });
});

test('judges a file by its bytes', async () => {
  const sound = glide(RATE);
  for (const [id, container] of Object.entries({
    wav: 'wav',
    mp3: 'mp3',
    opus: 'ogg',
    aac: 'aac',
    flac: 'flac',
  })) {
    assert.deepEqual(probeAudio(await encode(id, sound)), { container }, id);
  }
  assert.equal(probeAudio(Buffer.from('<html>no sound here</html>')), undefined);
  assert.equal(probeAudio(new Uint8Array(0)), undefined);
});

test('an MP4 file that is too large to be held is refused with its limit', async () => {
  async function* film() {
    // Never touched, so that the system never gives the memory.
    yield new Uint8Array(512 * 1024 * 1024 + 1);
  }
  await assert.rejects(async () => mp4Decoder.open(new ByteReader(film())), {
    code: 'payload_too_large',
    reason: 'decode_limit',
    message: /at most 512 MB/,
  });
});

test('a codec named like what every object has inside is refused as unknown', async () => {
  const element = (id: readonly number[], ...inner: readonly Uint8Array[]) => {
    const content = Buffer.concat(inner);
    return Buffer.concat([Buffer.from(id), Buffer.from([0x80 | content.length]), content]);
  };
  const text = (letters: string) => Buffer.from(letters, 'latin1');
  for (const codec of ['constructor', 'toString', '__proto__']) {
    const audio = element(
      [0xe1],
      element([0xb5], Buffer.from([0x46, 0x7a, 0, 0])),
      element([0x9f], Buffer.of(1)),
    );
    const number = [element([0xd7], Buffer.of(1)), element([0x83], Buffer.of(2))];
    const track = element([0xae], ...number, element([0x86], text(codec)), audio);
    const head = element([0x1a, 0x45, 0xdf, 0xa3], element([0x42, 0x82], text('webm')));
    const file = Buffer.concat([
      head,
      element([0x18, 0x53, 0x80, 0x67], element([0x16, 0x54, 0xae, 0x6b], track)),
    ]);
    await assert.rejects(decodeWhole(file), { code: 'unsupported_media' }, codec);
  }
});
