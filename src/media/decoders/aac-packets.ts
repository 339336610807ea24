import { createAacDecoderLibrary } from './aac-decoder-library.ts';
import type { AacDecoderLibrary } from './aac-decoder-library.ts';
import { unsupportedCodec } from './decode-refusals.ts';
import { framesOf, toPlanes } from './sound-block.ts';
import type { PacketDecoder, SoundBlock } from './sound-block.ts';

/** The sample rates of AAC, in the order of their numbers in headers. */
export const AAC_SAMPLE_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];

/** What a decoder must know before the first packet. */
export interface AacConfig {
  /** The audio object type of the core: 1 Main, 2 LC, 3 SSR, 4 LTP. */
  readonly objectType: number;
  /** The core's sample rate as a number of the table; spectral band replication may double it. */
  readonly rateIndex: number;
  /** The number of the channel layout: 1 to 6 channels, or 7 for eight. */
  readonly channelConfig: number;
}

/** A packet needs the one before it; with spectral band replication the filters reach back further. */
const LEAD_PACKETS = 3;
const HEADER_BYTES = 7;
const MOST_PACKET_BYTES = 8191 - HEADER_BYTES;
const PLACE = 'packets.aac';

/** Reads the AudioSpecificConfig of an MP4 or Matroska file (ISO 14496-3, section 1.6.2.1). */
export function readAacConfig(description: Uint8Array, container: string): AacConfig {
  let position = 0;
  const bits = (count: number): number => {
    let value = 0;
    for (let index = 0; index < count; index += 1, position += 1) {
      value = (value << 1) | (((description[position >> 3] ?? 0) >> (7 - (position & 7))) & 1);
    }
    return value;
  };
  const objectType = (): number => {
    const short = bits(5);
    return short === 31 ? 32 + bits(6) : short;
  };
  const rateIndex = (): number => {
    const index = bits(4);
    if (index !== 15) return index;
    return AAC_SAMPLE_RATES.indexOf(bits(24));
  };
  let type = objectType();
  const core = rateIndex();
  const channelConfig = bits(4);
  if (type === 5 || type === 29) {
    rateIndex();
    type = objectType();
  }
  const config = { objectType: type, rateIndex: core, channelConfig };
  if (type < 1 || type > 4) throw unsupportedCodec(container, `AAC of object type ${type}`);
  if (channelConfig < 1 || channelConfig > 7 || AAC_SAMPLE_RATES[core] === undefined) {
    throw unsupportedCodec(container, 'AAC with a channel layout or rate of its own');
  }
  // A core of 960 frames cannot be said in the headers that the decoder reads.
  if (bits(1) === 1) throw unsupportedCodec(container, 'AAC with 960 frames in a packet');
  return config;
}

/**
 * Decodes AAC packets with libavcodec. The library decodes whole files, so each batch becomes a short file that
 * begins with the last packets of the batch before it; the result equals that of one long file.
 */
export async function createAacPacketDecoder(config: AacConfig): Promise<PacketDecoder> {
  const library = await createAacDecoderLibrary();
  let lead: Uint8Array[] = [];
  return {
    decode: async (packets) => {
      const usable = packets.filter(({ length }) => length > 0 && length <= MOST_PACKET_BYTES);
      const [last] = usable.slice(-1);
      if (!last) return undefined;
      // The library passes over the first packet of a file and recognises none of fewer than three.
      const before = lead.length > 0 ? lead : usable.slice(0, 1);
      const closing = Array.from({ length: Math.max(0, 2 - usable.length) }, () => last);
      const fed = [...before, ...usable, ...closing];
      const block = decodeFile(library, Buffer.concat(fed.map((packet) => withHeader(packet, config))));
      const perPacket = Math.ceil(framesOf(block) / (fed.length - 1) / 1024) * 1024;
      lead = [...lead, ...usable].slice(-LEAD_PACKETS).map((packet) => new Uint8Array(packet));
      return cut(block, (before.length - 1) * perPacket, usable.length * perPacket);
    },
    free: () => {
      lead = [];
    },
  };
}

function cut(block: SoundBlock, start: number, frames: number): SoundBlock | undefined {
  if (frames <= 0) return undefined;
  const planes = block.planes.map((plane) => {
    const part = new Float32Array(frames);
    // Packets that the decoder dropped leave silence, so that later sound stays in its place.
    part.set(plane.subarray(start, start + frames));
    return part;
  });
  return { ...block, planes };
}

function decodeFile(library: AacDecoderLibrary, file: Uint8Array): SoundBlock {
  library.FS.writeFile(PLACE, file);
  const properties = library.getProperties(PLACE);
  if (properties.status.status < 0) throw new Error(`AAC: ${properties.status.error}`);
  const { status, samples } = library.decodeAudio(PLACE, 0, -1, { multiChannel: true });
  try {
    if (status.status < 0 && samples.size() === 0) throw new Error(`AAC: ${status.error}`);
    const interleaved = Float32Array.from({ length: samples.size() }, (_, index) => samples.get(index));
    const { sampleRate, channelCount } = properties;
    return { sampleRate, planes: toPlanes(interleaved, channelCount), surround: true };
  } finally {
    samples.delete();
  }
}

/** The packet behind an ADTS header (ISO 13818-7, section 6.2). */
function withHeader(packet: Uint8Array, config: AacConfig): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + packet.length);
  bytes[0] = 0xff;
  bytes[1] = 0xf1;
  bytes[2] = ((config.objectType - 1) << 6) | (config.rateIndex << 2) | (config.channelConfig >> 2);
  bytes[3] = ((config.channelConfig & 3) << 6) | (bytes.length >> 11);
  bytes[4] = bytes.length >> 3;
  bytes[5] = (bytes.length << 5) | 0x1f;
  bytes[6] = 0xfc;
  bytes.set(packet, HEADER_BYTES);
  return bytes;
}
