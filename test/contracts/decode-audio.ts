import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { MPEGDecoder } from 'mpg123-decoder';
import { OpusDecoder } from 'opus-decoder';
import { decodeAudio, WIDEST_DECODE_LIMITS } from '../../src/media/decoders/audio-decoders.ts';
import { collectSamples, fromInt16 } from '../../src/media/pcm.ts';

/** What a decoder of somebody else's making, or the plain reading of a format's definition, found in some bytes. */
export interface DecodedAudio {
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly frames: number;
  /** Interleaved; absent where no decoder is at hand and frames were only counted. */
  readonly samples?: Float32Array;
  /** How many frames of silence the codec puts in front, as documented. */
  readonly delayFrames: number;
  /** How many frames it may at most add behind. */
  readonly mostPaddingFrames: number;
}

/** What raw formats do not say about themselves. */
export interface RawAudio {
  readonly sampleRate: number;
  readonly channels: 1 | 2;
}

export type DecodeAudio = (bytes: Uint8Array, raw: RawAudio) => Promise<DecodedAudio>;

const EXACT = { delayFrames: 0, mostPaddingFrames: 0 };

function decoded(samples: Float32Array, raw: RawAudio, slack = EXACT): DecodedAudio {
  return { ...raw, ...slack, samples, frames: samples.length / raw.channels };
}

function interleave(planes: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(0)] = planes;
  return Float32Array.from(
    { length: first.length * planes.length },
    (_, index) => planes[index % planes.length]![Math.floor(index / planes.length)]!,
  );
}

function channelCount(count: number): 1 | 2 {
  if (count === 1 || count === 2) return count;
  throw new Error(`${count} channels`);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function textAt(bytes: Uint8Array, start: number, length: number): string {
  return new TextDecoder('latin1').decode(bytes.subarray(start, start + length));
}

function littleEndian16(bytes: Uint8Array): Float32Array {
  const view = viewOf(bytes);
  return fromInt16(
    Int16Array.from({ length: bytes.length / 2 }, (_, index) => view.getInt16(index * 2, true)),
  );
}

export const decodePcm: DecodeAudio = async (bytes, raw) => decoded(littleEndian16(bytes), raw);

/** Reads 16-bit WAV files, also ones that do not know their length. */
export const decodeWav: DecodeAudio = async (bytes) => {
  const view = viewOf(bytes);
  if (textAt(bytes, 0, 4) !== 'RIFF' || textAt(bytes, 8, 8) !== 'WAVEfmt ') throw new Error('no WAVE header');
  if (view.getUint16(20, true) !== 1 || view.getUint16(34, true) !== 16) throw new Error('not 16-bit PCM');
  if (textAt(bytes, 36, 4) !== 'data') throw new Error('no data chunk');
  const channels = channelCount(view.getUint16(22, true));
  const sampleRate = view.getUint32(24, true);
  if (view.getUint32(28, true) !== sampleRate * channels * 2) throw new Error('wrong byte rate');
  if (view.getUint16(32, true) !== channels * 2) throw new Error('wrong block size');
  const stated = view.getUint32(40, true);
  if (stated !== 0xffff_ffff && stated !== bytes.length - 44) throw new Error('wrong data size');
  if (view.getUint32(4, true) !== (stated === 0xffff_ffff ? stated : stated + 36))
    throw new Error('wrong RIFF size');
  return decoded(littleEndian16(bytes.subarray(44)), { sampleRate, channels });
};

/** G.711 by its table of segments: 8 segments of 16 equal steps, each segment twice as wide as the one before. */
export const decodeMulaw: DecodeAudio = async (bytes, raw) =>
  decoded(
    Float32Array.from(bytes, (byte) => {
      const code = byte ^ 0xff;
      const magnitude = ((((code & 0x0f) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84;
      return (code & 0x80 ? -magnitude : magnitude) / 32_768;
    }),
    raw,
  );

export const decodeAlaw: DecodeAudio = async (bytes, raw) =>
  decoded(
    Float32Array.from(bytes, (byte) => {
      const code = byte ^ 0x55;
      const segment = (code & 0x70) >> 4;
      const step = ((code & 0x0f) << 4) + 8;
      const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
      return (code & 0x80 ? magnitude : -magnitude) / 32_768;
    }),
    raw,
  );

/** mpg123. Without an information frame it keeps the delay: 576 samples of the encoder and 529 of its own. */
export const decodeMp3: DecodeAudio = async (bytes) => {
  const decoder = new MPEGDecoder({ enableGapless: false });
  await decoder.ready;
  const { channelData, sampleRate, errors } = decoder.decode(bytes);
  decoder.free();
  if (errors.length > 0) throw new Error(`mpg123: ${errors[0]!.message}`);
  // mpg123 says two channels for mono when it was not asked otherwise; the frame header knows better.
  const channels = (bytes[3]! & 0xc0) === 0xc0 ? 1 : 2;
  const samples = interleave(channelData.slice(0, channels));
  return decoded(samples, { sampleRate, channels }, { delayFrames: 1_105, mostPaddingFrames: 2_304 });
};

/**
 * libFLAC, which divides 16-bit samples by 32 767. Its package loses a very short last frame when it looks for
 * frames itself, also in libFLAC's own files, so the frames are cut here.
 */
export const decodeFlac: DecodeAudio = async (bytes) => {
  if (textAt(bytes, 0, 4) !== 'fLaC' || bytes[4] !== 0x80) throw new Error('no STREAMINFO');
  const sampleRate = viewOf(bytes).getUint32(18) >>> 12;
  const channels = channelCount(((bytes[20]! >> 1) & 7) + 1);
  const decoder = new FLACDecoder();
  await decoder.ready;
  const result = await decoder.decodeFrames(cutFlacFrames(bytes.subarray(42)));
  decoder.free();
  if (result.errors.length > 0) throw new Error(`libFLAC: ${result.errors[0]!.message}`);
  if (result.samplesDecoded > 0 && result.sampleRate !== sampleRate) throw new Error('wrong sample rate');
  const stated = viewOf(bytes).getUint32(22);
  if (stated !== 0 && stated !== result.samplesDecoded) throw new Error('wrong number of samples');
  const samples = interleave(result.channelData).map((sample) => Math.round(sample * 32_767) / 32_768);
  return decoded(samples, { sampleRate, channels });
};

/**
 * Cuts at frame headers whose checksum is right and that carry the next frame number: in minutes of sound a checksum
 * of eight bits is right by chance now and then.
 */
function cutFlacFrames(bytes: Uint8Array): Uint8Array[] {
  const starts: number[] = [];
  for (let start = 0; start < bytes.length; start += 1) {
    if (bytes[start] !== 0xff || bytes[start + 1] !== 0xf8) continue;
    const ones = Math.clz32(~(bytes[start + 4]! << 24));
    const rateBytes = (bytes[start + 2]! & 0x0f) > 12 ? 2 : 0;
    const headerBytes = 4 + Math.max(1, ones) + 2 + rateBytes;
    if (codedNumber(bytes, start + 4) !== starts.length) continue;
    if (flacChecksum(bytes.subarray(start, start + headerBytes)) === bytes[start + headerBytes])
      starts.push(start);
  }
  return starts.map((start, index) => bytes.subarray(start, starts[index + 1] ?? bytes.length));
}

/** A number in the manner of UTF-8, as frame headers carry it. */
function codedNumber(bytes: Uint8Array, offset: number): number {
  const first = bytes[offset]!;
  const ones = Math.clz32(~(first << 24));
  let value = ones === 0 ? first : first & (0x7f >> ones);
  for (let index = 1; index < ones; index += 1) value = value * 64 + (bytes[offset + index]! & 0x3f);
  return value;
}

function flacChecksum(bytes: Uint8Array): number {
  let checksum = 0;
  for (const byte of bytes) {
    checksum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) checksum = (checksum << 1) ^ (checksum & 0x80 ? 0x107 : 0);
  }
  return checksum;
}

interface OggPacket {
  readonly bytes: Uint8Array;
}

interface OggContents {
  readonly packets: readonly OggPacket[];
  readonly finalGranule: number;
  /** For each page, how many packets it holds. */
  readonly pageSizes: readonly number[];
}

/** Reads an Ogg file of one stream whose packets never cross pages, checking order, flags and checksums. */
export function readOgg(bytes: Uint8Array): OggContents {
  const view = viewOf(bytes);
  const packets: OggPacket[] = [];
  const pageSizes: number[] = [];
  let finalGranule = 0;
  for (let start = 0, sequence = 0; start < bytes.length; sequence += 1) {
    if (textAt(bytes, start, 4) !== 'OggS') throw new Error(`no page at ${start}`);
    const segmentCount = bytes[start + 26]!;
    const lacing = bytes.subarray(start + 27, start + 27 + segmentCount);
    const end = start + 27 + segmentCount + lacing.reduce((sum, value) => sum + value, 0);
    const flags = bytes[start + 5]!;
    const expectedFlags = (sequence === 0 ? 2 : 0) | (end === bytes.length ? 4 : 0);
    if (flags !== expectedFlags) throw new Error(`flags ${flags} on page ${sequence}`);
    if (view.getUint32(start + 18, true) !== sequence) throw new Error('pages out of order');
    if (view.getUint32(start + 22, true) !== oggChecksum(bytes.slice(start, end)))
      throw new Error('wrong checksum');
    finalGranule = Number(view.getBigUint64(start + 6, true));
    let size = 0;
    let packetStart = start + 27 + segmentCount;
    let packetEnd = packetStart;
    for (const value of lacing) {
      packetEnd += value;
      if (value === 255) continue;
      packets.push({ bytes: bytes.subarray(packetStart, packetEnd) });
      packetStart = packetEnd;
      size += 1;
    }
    pageSizes.push(size);
    start = end;
  }
  return { packets, finalGranule, pageSizes };
}

function oggChecksum(page: Uint8Array): number {
  page.fill(0, 22, 26);
  let checksum = 0;
  for (const byte of page) {
    checksum ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) checksum = (checksum << 1) ^ (checksum < 0 ? 0x04c1_1db7 : 0);
  }
  return checksum >>> 0;
}

/** libopus at 48 kHz, cut at pre-skip and final granule position as RFC 7845 asks. */
export const decodeOpus: DecodeAudio = async (bytes) => {
  const { packets, finalGranule } = readOgg(bytes);
  const [head, tags, ...sound] = packets.map((packet) => packet.bytes);
  if (!head || textAt(head, 0, 8) !== 'OpusHead' || head[8] !== 1) throw new Error('no OpusHead');
  if (!tags || textAt(tags, 0, 8) !== 'OpusTags') throw new Error('no OpusTags');
  const channels = channelCount(head[9]!);
  const preSkip = viewOf(head).getUint16(10, true);
  const decoder = new OpusDecoder({ channels, streamCount: 1, coupledStreamCount: channels - 1 });
  await decoder.ready;
  const result = decoder.decodeFrames(sound);
  decoder.free();
  if (result.errors.length > 0) throw new Error(`libopus: ${result.errors[0]!.message}`);
  if (finalGranule > result.samplesDecoded) throw new Error('the final granule position is beyond the sound');
  const samples = interleave(result.channelData.slice(0, channels)).slice(
    preSkip * channels,
    finalGranule * channels,
  );
  return decoded(samples, { sampleRate: 48_000, channels });
};

const AAC_SAMPLE_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
];

/** Walks the ADTS packets, checks every header field that has one right value, and counts 1 024 frames for each. */
const readAdts: DecodeAudio = async (bytes) => {
  let packets = 0;
  let sampleRate = 0;
  let channels: 1 | 2 = 1;
  for (let start = 0; start < bytes.length; packets += 1) {
    const header = bytes.subarray(start, start + 7);
    const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0, sixth = 0, seventh = 0] = header;
    if (first !== 0xff || (second & 0xf6) !== 0xf0) throw new Error(`no ADTS packet at ${start}`);
    if (third >> 6 !== 1) throw new Error('not AAC-LC');
    if ((seventh & 3) !== 0) throw new Error('more than one raw block');
    sampleRate = AAC_SAMPLE_RATES[(third >> 2) & 0x0f]!;
    channels = channelCount(((third & 1) << 2) | (fourth >> 6));
    const length = ((fourth & 3) << 11) | (fifth << 3) | (sixth >> 5);
    if (length < 8) throw new Error('empty ADTS packet');
    start += length;
    if (start > bytes.length) throw new Error('cut ADTS packet');
  }
  const slack = { delayFrames: 1_024, mostPaddingFrames: 1_024 };
  return { sampleRate, channels, frames: packets * 1_024, ...slack };
};

/** Checks every ADTS packet, then lets libavcodec decode them. */
export const decodeAac: DecodeAudio = async (bytes) => {
  const counted = await readAdts(bytes, { sampleRate: 0, channels: 1 });
  const { signal } = new AbortController();
  const sound = await decodeAudio(bytes, { limits: WIDEST_DECODE_LIMITS, signal });
  const samples = await collectSamples(sound.pcm.chunks);
  if (sound.pcm.sampleRate !== counted.sampleRate) throw new Error(`decoded at ${sound.pcm.sampleRate} Hz`);
  return { ...counted, samples, frames: samples.length / sound.pcm.channels };
};
