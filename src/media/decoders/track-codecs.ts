import { createAacPacketDecoder, readAacConfig } from './aac-packets.ts';
import { notAudio, unsupportedCodec } from './decode-refusals.ts';
import { createFlacPacketDecoder } from './flac-packets.ts';
import { linearPlanes } from './linear-samples.ts';
import type { LinearEncoding } from './linear-samples.ts';
import { createMp3PacketDecoder } from './mp3-decoder.ts';
import { createOpusPacketDecoder, readOpusHead } from './opus-packets.ts';
import type { PacketDecoder } from './sound-block.ts';
import { createVorbisPacketDecoder } from './vorbis-packets.ts';

/** What a container says about a track of sound; codecs are named as in WebCodecs. */
export interface TrackDescription {
  readonly name: string;
  readonly channels: number;
  readonly sampleRate: number;
  /** What the codec itself says. */
  readonly description: Uint8Array | undefined;
}

/** A decoder for a track's packets. */
export interface TrackCodec {
  readonly name: string;
  readonly decoder: PacketDecoder;
  /** Frames to drop at the beginning. */
  readonly preSkip: number;
  /** How many packets make a block of sensible length. */
  readonly perBlock: number;
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

type OpenCodec = (
  description: Uint8Array | undefined,
  label: string,
) => Promise<Pick<TrackCodec, 'decoder' | 'preSkip'>>;

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

/** Makes the decoder of a track. Throws `unsupported_media` for codecs that there is none for. */
export async function openTrackCodec(track: TrackDescription, label: string): Promise<TrackCodec> {
  const { name, channels, sampleRate, description } = track;
  const linear = LINEAR[name];
  if (linear) {
    const decoder = linearDecoder(linear, { channels, sampleRate });
    return { name, preSkip: 0, decoder, perBlock: LARGE_PACKETS_PER_BLOCK };
  }
  const open = CODECS[name];
  if (!open) throw unsupportedCodec(label, name.toUpperCase());
  const perBlock = name === 'flac' ? LARGE_PACKETS_PER_BLOCK : PACKETS_PER_BLOCK;
  return { name, perBlock, ...(await open(description, label)) };
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
