import { ALL_FORMATS, EncodedPacketSink, Input } from 'mediabunny';
import type { EncodedPacket, InputAudioTrack, Source } from 'mediabunny';
import { createAacPacketDecoder, readAacConfig } from './aac-packets.ts';
import { noSoundTrack, notAudio, truncatedFile, unsupportedCodec } from './decode-refusals.ts';
import { createFlacPacketDecoder } from './flac-packets.ts';
import { linearPlanes } from './linear-samples.ts';
import type { LinearEncoding } from './linear-samples.ts';
import { createMp3PacketDecoder } from './mp3-decoder.ts';
import { createOpusPacketDecoder, readOpusHead } from './opus-packets.ts';
import { dropFrames, framesOf, keepFrames } from './sound-block.ts';
import type { OpenedSound, PacketDecoder, SoundBlock } from './sound-block.ts';
import { createVorbisPacketDecoder } from './vorbis-packets.ts';

/** A file whose packets mediabunny finds. */
export interface TrackFile {
  readonly container: string;
  /** As a message names it. */
  readonly label: string;
  readonly source: Source;
  /** Whether the file ends before its own tables say, as far as it was read. */
  isCut(): boolean;
  /** Whether all of the file is at hand, so that its tables tell the duration. */
  readonly complete: boolean;
}

interface TrackCodec {
  readonly name: string;
  readonly decoder: PacketDecoder;
  readonly preSkip: number;
}

const PACKETS_PER_BLOCK = 64;
/** One packet of PCM or FLAC may hold a second of sound. */
const LARGE_PACKETS_PER_BLOCK = 4;

const LINEAR: Readonly<Record<string, LinearEncoding>> = {
  'pcm-u8': 'u8',
  'pcm-s8': 's8',
  'pcm-s16': 's16le',
  'pcm-s16be': 's16be',
  'pcm-s24': 's24le',
  'pcm-s24be': 's24be',
  'pcm-s32': 's32le',
  'pcm-s32be': 's32be',
  'pcm-f32': 'f32le',
  'pcm-f32be': 'f32be',
  'pcm-f64': 'f64le',
  'pcm-f64be': 'f64be',
  ulaw: 'mulaw',
  alaw: 'alaw',
};

/** Opens the main sound track of a file with tracks, be it a film. */
export async function openTrackFile(file: TrackFile): Promise<OpenedSound> {
  const input = new Input({ source: file.source, formats: ALL_FORMATS });
  try {
    const track = await findTrack(input, file);
    const codec = await openCodec(track, file.label);
    const opened = {
      container: file.container,
      codec: codec.name,
      blocks: decodeTrack(file, { input, track, codec }),
    };
    if (!file.complete || file.isCut()) return opened;
    return { ...opened, durationSeconds: await track.computeDuration() };
  } catch (error) {
    input.dispose();
    throw error;
  }
}

async function findTrack(input: Input, file: TrackFile): Promise<InputAudioTrack> {
  let track: InputAudioTrack | null;
  try {
    track = await input.getPrimaryAudioTrack();
  } catch (cause) {
    if (file.isCut()) throw truncatedFile(file.label);
    throw notAudio(`The ${file.label} file is broken and cannot be read.`, cause);
  }
  if (track) return track;
  throw file.isCut() ? truncatedFile(file.label) : noSoundTrack(file.label);
}

/** What a decoder must know, as WebCodecs has it. */
interface TrackConfig {
  readonly description?: ArrayBuffer | ArrayBufferView;
  readonly numberOfChannels: number;
  readonly sampleRate: number;
}

type OpenCodec = (description: Uint8Array | undefined, label: string) => Promise<Omit<TrackCodec, 'name'>>;

const CODECS: Readonly<Record<string, OpenCodec>> = {
  aac: async (description, label) => {
    if (!description) throw unsupportedCodec(label, 'AAC without a description');
    return { preSkip: 0, decoder: await createAacPacketDecoder(readAacConfig(description, label)) };
  },
  opus: async (description, label) => {
    if (!description) throw notAudio(`The ${label} file does not describe its Opus track.`);
    const head = readOpusHead(description);
    return { preSkip: head.preSkip, decoder: await createOpusPacketDecoder(head) };
  },
  vorbis: async (description, label) => ({
    preSkip: 0,
    decoder: await createVorbisPacketDecoder(splitXiph(description, label)),
  }),
  flac: async () => ({ preSkip: 0, decoder: await createFlacPacketDecoder() }),
  mp3: async () => ({ preSkip: 0, decoder: await createMp3PacketDecoder() }),
};

async function openCodec(track: InputAudioTrack, label: string): Promise<TrackCodec> {
  const name = await track.getCodec();
  const config: TrackConfig | null = name === null ? null : await track.getDecoderConfig();
  if (name === null || !config) throw unsupportedCodec(label, 'a codec that is not known');
  const { numberOfChannels: channels, sampleRate } = config;
  const linear = LINEAR[name];
  if (linear) return { name, preSkip: 0, decoder: linearDecoder(linear, { channels, sampleRate }) };
  const open = CODECS[name];
  if (!open) throw unsupportedCodec(label, name.toUpperCase());
  return { name, ...(await open(toBytes(config.description), label)) };
}

function linearDecoder(
  encoding: LinearEncoding,
  sound: { readonly channels: number; readonly sampleRate: number },
): PacketDecoder {
  const { channels, sampleRate } = sound;
  return {
    decode: async (packets) => {
      const planes = linearPlanes(Buffer.concat([...packets]), encoding, channels);
      return { sampleRate, planes, surround: false };
    },
    free: () => undefined,
  };
}

/** Matroska keeps Vorbis' three headers behind each other, with the lengths of the first two in front. */
function splitXiph(
  description: Uint8Array | undefined,
  label: string,
): { readonly identification: Uint8Array; readonly setup: Uint8Array } {
  if (description?.[0] !== 2) throw notAudio(`The ${label} file does not describe its Vorbis track.`);
  let offset = 1;
  const readLength = (): number => {
    let length = 0;
    while (description[offset] === 255) {
      length += 255;
      offset += 1;
    }
    length += description[offset] ?? 0;
    offset += 1;
    return length;
  };
  const first = readLength();
  const second = readLength();
  return {
    identification: description.subarray(offset, offset + first),
    setup: description.subarray(offset + first + second),
  };
}

function toBytes(source: ArrayBuffer | ArrayBufferView | undefined): Uint8Array | undefined {
  if (!source) return undefined;
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  return new Uint8Array(source);
}

async function* decodeTrack(
  file: TrackFile,
  open: { readonly input: Input; readonly track: InputAudioTrack; readonly codec: TrackCodec },
): AsyncGenerator<SoundBlock> {
  const { decoder, preSkip, name } = open.codec;
  const perBlock = name === 'flac' || LINEAR[name] ? LARGE_PACKETS_PER_BLOCK : PACKETS_PER_BLOCK;
  const trim = createTrim(preSkip);
  let batch: EncodedPacket[] = [];
  const flush = async (final: boolean): Promise<SoundBlock[]> => {
    const packets = batch;
    batch = [];
    const block = await decoder.decode(packets.map(({ data }) => data));
    const [last] = packets.slice(-1);
    return block ? trim(block, final && last ? last : undefined) : [];
  };
  try {
    for await (const packet of new EncodedPacketSink(open.track).packets()) {
      if (batch.length >= perBlock) yield* await flush(false);
      trim.begin(packet);
      batch.push(packet);
    }
    // The last packet of a cut stream may be half of one.
    if (!file.complete && file.isCut()) batch.pop();
    yield* await flush(file.complete && !file.isCut());
  } catch (error) {
    yield* await flush(false);
    throw error;
  } finally {
    decoder.free();
    open.input.dispose();
  }
  if (file.isCut()) throw truncatedFile(file.label, 'the end of its sound is missing');
}

interface Trim {
  (block: SoundBlock, last: EncodedPacket | undefined): SoundBlock[];
  begin(packet: EncodedPacket): void;
}

/** Sound before time 0 is the encoder's preparation, and sound after the last packet's end is its padding. */
function createTrim(preSkip: number): Trim {
  let firstTimestamp: number | undefined;
  let position: number | undefined;
  const trim = (block: SoundBlock, last: EncodedPacket | undefined): SoundBlock[] => {
    const lead = Math.max(preSkip, Math.round(-(firstTimestamp ?? 0) * block.sampleRate));
    position ??= -Math.max(0, lead);
    const end = last
      ? Math.round((last.timestamp + last.duration) * block.sampleRate)
      : Number.POSITIVE_INFINITY;
    const shift = Math.max(0, Math.round((firstTimestamp ?? 0) * block.sampleRate));
    const kept = last && last.duration > 0 ? keepFrames(block, end - shift - position) : block;
    const placed = dropFrames(kept, -position);
    position += framesOf(block);
    return framesOf(placed) > 0 ? [placed] : [];
  };
  return Object.assign(trim, {
    begin: (packet: EncodedPacket) => {
      firstTimestamp ??= packet.timestamp;
    },
  });
}
