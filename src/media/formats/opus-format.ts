import type { Encoder } from '@evan/opus/wasm/index.mjs';
import { concatBytes } from '../../base/stream.ts';
import { toInt16 } from '../pcm.ts';
import type { PcmStream } from '../pcm.ts';
import { fixedBlocks } from '../sample-blocks.ts';
import type { AudioFormat, AudioFormatRequest } from './format.ts';
import { oggPage } from './ogg-page.ts';

/** Ogg Opus counts in steps of 1/48 000 s whatever the sample rate. */
const GRANULE_RATE = 48_000;
const PACKETS_PER_SECOND = 50;
const GRANULES_PER_PACKET = GRANULE_RATE / PACKETS_PER_SECOND;
/** 100 ms of sound: what a listener waits for at most. */
const PACKETS_PER_PAGE = 5;
/** The same in every file, so that equal sound gives equal bytes; each of our files holds one stream only. */
const SERIAL = 0x616e_7469;
/** Numbers of opus_defines.h. */
const SET_BITRATE = 4002;
const GET_LOOKAHEAD = 4027;

/**
 * Opus in Ogg (RFC 7845) in packets of 20 ms. Pre-skip and final granule position are exact: a decoder gives
 * exactly n * 48 000 / sampleRate frames for n frames, without delay.
 */
export const opusFormat: AudioFormat = {
  id: 'opus',
  mediaType: 'audio/ogg',
  extension: 'opus',
  lossless: false,
  costly: true,
  sampleRates: [8_000, 12_000, 16_000, 24_000, 48_000],
  bitRates: [16, 24, 32, 48, 56, 64, 96, 128, 160, 192, 256].map((kilobits) => kilobits * 1_000),
  encode: encodeOpus,
};

async function* encodeOpus(pcm: PcmStream, request: AudioFormatRequest): AsyncGenerator<Uint8Array> {
  // The package's main entry prefers a native addon, which must not enter this process.
  const { Encoder } = await import('@evan/opus/wasm/index.mjs');
  const encoder = new Encoder({ channels: pcm.channels, sample_rate: pcm.sampleRate, application: 'audio' });
  try {
    encoder.ctl(SET_BITRATE, request.bitRate ?? (pcm.channels === 1 ? 56_000 : 96_000));
    yield* writeStream(encoder, pcm);
  } finally {
    encoder.drop();
  }
}

async function* writeStream(encoder: Encoder, pcm: PcmStream): AsyncGenerator<Uint8Array> {
  const granulesPerFrame = GRANULE_RATE / pcm.sampleRate;
  const preSkip = encoder.ctl(GET_LOOKAHEAD) * granulesPerFrame;
  const packetSamples = (pcm.sampleRate / PACKETS_PER_SECOND) * pcm.channels;
  const headers = { serial: SERIAL, granule: 0 };
  yield concatBytes([
    oggPage({ ...headers, sequence: 0, position: 'first', packets: [opusHead(pcm, preSkip)] }),
    oggPage({ ...headers, sequence: 1, position: 'middle', packets: [opusTags()] }),
  ]);
  let sequence = 2;
  let packetCount = 0;
  let frames = 0;
  let packets: Uint8Array[] = [];
  for await (const block of fixedBlocks(pcm.chunks, packetSamples)) {
    // A full page waits for the next packet, because the last page must be marked as the last. The first
    // page of sound holds a single packet, so that players can start.
    if (packets.length === (sequence === 2 ? 1 : PACKETS_PER_PAGE)) {
      const granule = packetCount * GRANULES_PER_PACKET;
      yield oggPage({ serial: SERIAL, sequence, granule, position: 'middle', packets });
      sequence += 1;
      packets = [];
    }
    packets.push(encodePacket(encoder, block, packetSamples));
    packetCount += 1;
    frames += block.length / pcm.channels;
  }
  const granule = preSkip + frames * granulesPerFrame;
  // The encoder's look-ahead still holds the end of the sound; an empty stream has one packet all the same.
  for (; packetCount * GRANULES_PER_PACKET < granule || packetCount === 0; packetCount += 1) {
    packets.push(encodePacket(encoder, new Float32Array(0), packetSamples));
  }
  yield oggPage({ serial: SERIAL, sequence, granule, position: 'last', packets });
}

function encodePacket(encoder: Encoder, block: Float32Array, packetSamples: number): Uint8Array {
  const integers = new Int16Array(packetSamples);
  integers.set(toInt16(block));
  return encoder.encode(integers);
}

function opusHead(pcm: PcmStream, preSkip: number): Uint8Array {
  const head = new Uint8Array(19);
  const view = new DataView(head.buffer);
  head.set(new TextEncoder().encode('OpusHead'));
  head[8] = 1;
  head[9] = pcm.channels;
  view.setUint16(10, preSkip, true);
  view.setUint32(12, pcm.sampleRate, true);
  return head;
}

function opusTags(): Uint8Array {
  const vendor = new TextEncoder().encode('antiphon');
  const tags = new Uint8Array(16 + vendor.length);
  tags.set(new TextEncoder().encode('OpusTags'));
  new DataView(tags.buffer).setUint32(8, vendor.length, true);
  tags.set(vendor, 12);
  return tags;
}
