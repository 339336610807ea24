import { AppError } from '../../base/errors.ts';
import type { PcmStream } from '../pcm.ts';
import { fixedBlocks } from '../sample-blocks.ts';
import { loadAacLibrary } from './aac-library.ts';
import type { AacLibrary } from './aac-library.ts';
import type { AudioFormat, AudioFormatRequest } from './format.ts';

const FRAMES_PER_PACKET = 1_024;
/** In the order of their numbers in an ADTS header. */
const SAMPLE_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
];
const BIT_RATES = [16, 24, 32, 48, 64, 96, 128, 160, 192, 256].map((kilobits) => kilobits * 1_000);
const DEFAULT_BIT_RATE = 64_000;
/** The standard's buffer holds 6 144 bits for each channel and packet, which is 6 bits for each sample. */
const MOST_BITS_PER_SAMPLE = 6;
const ADTS_HEADER_BYTES = 7;

/**
 * AAC-LC by libavcodec in ADTS packets of 1 024 frames. A decoder gives the input delayed by 1 024 frames,
 * complete to its last frame and padded to whole packets.
 */
export const aacFormat: AudioFormat = {
  id: 'aac',
  mediaType: 'audio/aac',
  extension: 'aac',
  lossless: false,
  costly: true,
  sampleRates: SAMPLE_RATES,
  bitRates: BIT_RATES,
  bitRatesAt: (sampleRate) => BIT_RATES.filter((bitRate) => bitRate <= sampleRate * MOST_BITS_PER_SAMPLE),
  encode: encodeAac,
};

async function* encodeAac(pcm: PcmStream, request: AudioFormatRequest): AsyncGenerator<Uint8Array> {
  const library = await loadAacLibrary();
  const bitRate = request.bitRate ?? Math.min(DEFAULT_BIT_RATE, pcm.sampleRate * MOST_BITS_PER_SAMPLE);
  const encoder = library._init_encoder(pcm.channels, pcm.sampleRate, bitRate);
  if (encoder === 0) throw new AppError('internal', `AAC has no sample rate of ${pcm.sampleRate} Hz.`);
  const packetSamples = FRAMES_PER_PACKET * pcm.channels;
  try {
    let packets = 0;
    const encode = (block: Float32Array): Uint8Array[] => {
      sendBlock(library, encoder, { block, packetSamples, timestamp: packets * FRAMES_PER_PACKET });
      packets += 1;
      return finishedPackets(library, encoder, pcm);
    };
    for await (const block of fixedBlocks(pcm.chunks, packetSamples)) yield* encode(block);
    // Without any sound there would be no file at all.
    if (packets === 0) yield* encode(new Float32Array(0));
    library._flush_encoder_start(encoder);
    yield* finishedPackets(library, encoder, pcm);
  } finally {
    library._close_encoder(encoder);
  }
}

function sendBlock(
  library: AacLibrary,
  encoder: number,
  input: { readonly block: Float32Array; readonly packetSamples: number; readonly timestamp: number },
): void {
  const address = library._get_encode_input_ptr(
    encoder,
    input.packetSamples * Float32Array.BYTES_PER_ELEMENT,
  );
  if (address === 0) throw new Error('The AAC encoder is out of memory.');
  const target = new Float32Array(library.HEAPU8.buffer, address, input.packetSamples);
  target.fill(0);
  target.set(input.block);
  const status = library._send_frame(encoder, BigInt(input.timestamp));
  if (status < 0) throw new Error(`The AAC encoder failed with ${status}.`);
}

/** Copies of the packets that the encoder has ready, each behind its header. */
function finishedPackets(library: AacLibrary, encoder: number, pcm: PcmStream): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (;;) {
    const length = library._receive_packet(encoder);
    if (length < 0) throw new Error(`The AAC encoder failed with ${length}.`);
    if (length === 0) return packets;
    const start = library._get_encoded_data(encoder);
    packets.push(adtsPacket(library.HEAPU8.subarray(start, start + length), pcm));
  }
}

/** Puts the ADTS header of ISO 13818-7, section 6.2, without a checksum, in front of one AAC-LC packet. */
function adtsPacket(payload: Uint8Array, pcm: PcmStream): Uint8Array {
  const packet = new Uint8Array(ADTS_HEADER_BYTES + payload.length);
  const lowComplexity = 1;
  const rate = SAMPLE_RATES.indexOf(pcm.sampleRate);
  packet[0] = 0xff;
  packet[1] = 0xf1;
  packet[2] = (lowComplexity << 6) | (rate << 2);
  packet[3] = (pcm.channels << 6) | (packet.length >> 11);
  packet[4] = packet.length >> 3;
  // The buffer's fullness, of which 7FF says that the bit rate varies.
  packet[5] = (packet.length << 5) | 0x1f;
  packet[6] = 0xfc;
  packet.set(payload, ADTS_HEADER_BYTES);
  return packet;
}
