import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { notAudio } from './decode-refusals.ts';
import { inWaveOrder } from './sound-block.ts';
import type { PacketDecoder } from './sound-block.ts';

/** The two of a Vorbis stream's three header packets that a decoder needs. */
export interface VorbisHeaders {
  readonly identification: Uint8Array;
  readonly setup: Uint8Array;
}

type OggPage = Parameters<OggVorbisDecoder['decodeOggPages']>[0][number];

/** The package copies each packet into a place of this size. */
const MOST_PACKET_BYTES = 128 * 1024;

/** Decodes Vorbis packets with libvorbis. The first packet of sound gives none. */
export async function createVorbisPacketDecoder(headers: VorbisHeaders): Promise<PacketDecoder> {
  const { identification, setup } = headers;
  if (!isHeader(identification, 1) || !isHeader(setup, 5) || setup.length > MOST_PACKET_BYTES) {
    throw notAudio('The Vorbis stream has broken headers.');
  }
  const decoder = new OggVorbisDecoder();
  await decoder.ready;
  let begun = false;
  return {
    decode: async (packets) => {
      const pages = begun ? [] : [toPage(identification, [], setup)];
      begun = true;
      const usable = packets.filter(({ length }) => length > 0 && length <= MOST_PACKET_BYTES);
      pages.push(toPage(new Uint8Array(0), usable, setup));
      const { channelData, samplesDecoded, sampleRate } = await decoder.decodeOggPages(pages);
      if (samplesDecoded === 0) return undefined;
      return { sampleRate, planes: inWaveOrder(channelData), surround: true };
    },
    free: () => {
      decoder.free();
    },
  };
}

function isHeader(bytes: Uint8Array, type: number): boolean {
  return bytes[0] === type && new TextDecoder('latin1').decode(bytes.subarray(1, 7)) === 'vorbis';
}

/** The fields that the package reads of a page, filled from packets of any container. */
function toPage(data: Uint8Array, packets: readonly Uint8Array[], setup: Uint8Array): OggPage {
  const page = {
    data,
    isLastPage: false,
    codecFrames: packets.map((packet) => ({ data: packet, header: { vorbisSetup: setup } })),
  };
  // The package reads no other field of a page than these; its type describes the parser's whole result.
  return page as unknown as OggPage;
}
