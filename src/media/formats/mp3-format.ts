import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { WasmMediaEncoder } from 'wasm-media-encoders';
import { AppError } from '../../base/errors.ts';
import type { PcmStream } from '../pcm.ts';
import { fixedBlocks } from '../sample-blocks.ts';
import type { AudioFormat, AudioFormatRequest } from './format.ts';

const SAMPLE_RATES = [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] as const;
const KILOBITS = [8, 16, 24, 32, 40, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320] as const;
const DEFAULT_KILOBITS = 128;
/** Frames handed to the encoder at once: its smallest unit, so that the first bytes come early. */
const BLOCK_FRAMES = 576;

/** Encoders that have finished a file, kept because a new one takes some milliseconds. */
const idle: WasmMediaEncoder<'audio/mpeg'>[] = [];
const MOST_IDLE = 8;
/** The binary, and once an encoder exists the module compiled from it. */
let compiled: Parameters<typeof WasmMediaEncoder.create>[1] | undefined;

/**
 * MPEG audio layer III by LAME at a constant bit rate, without any tag or information frame: it starts with a
 * frame and can be cut and joined at frames. A decoder gives the input delayed by 1 105 samples (576 of the
 * encoder, 529 of the decoder), complete to its last sample and padded to whole frames.
 */
export const mp3Format: AudioFormat = {
  id: 'mp3',
  mediaType: 'audio/mpeg',
  extension: 'mp3',
  lossless: false,
  costly: true,
  sampleRates: SAMPLE_RATES,
  bitRates: KILOBITS.map((kilobits) => kilobits * 1_000),
  bitRatesAt: (sampleRate) => kilobitsAt(sampleRate).map((kilobits) => kilobits * 1_000),
  encode: encodeMp3,
};

async function* encodeMp3(pcm: PcmStream, request: AudioFormatRequest): AsyncGenerator<Uint8Array> {
  const settings = toLameSettings(pcm, request);
  const encoder = idle.pop() ?? (await createLame());
  encoder.configure(settings);
  for await (const block of fixedBlocks(pcm.chunks, BLOCK_FRAMES * pcm.channels)) {
    const bytes = encoder.encode(toPlanes(block, pcm.channels));
    // The encoder shows its own memory, which the next call overwrites.
    if (bytes.length > 0) yield bytes.slice();
  }
  const rest = encoder.finalize().slice();
  // An encoder that was abandoned or that failed is not used again: it is garbage like everything else.
  if (idle.length < MOST_IDLE) idle.push(encoder);
  yield rest;
}

function toLameSettings(pcm: PcmStream, request: AudioFormatRequest) {
  const sampleRate = SAMPLE_RATES.find((rate) => rate === pcm.sampleRate);
  if (sampleRate === undefined)
    throw new AppError('internal', `MP3 has no sample rate of ${pcm.sampleRate} Hz.`);
  const possible = kilobitsAt(sampleRate);
  const kilobits = request.bitRate === undefined ? undefined : request.bitRate / 1_000;
  const bitrate = possible.findLast((each) =>
    kilobits === undefined ? each <= DEFAULT_KILOBITS : each === kilobits,
  );
  if (bitrate === undefined)
    throw new AppError('internal', `MP3 at ${sampleRate} Hz cannot have ${kilobits} kbit/s.`);
  return { channels: pcm.channels, sampleRate, bitrate, outputSampleRate: sampleRate };
}

async function createLame(): Promise<WasmMediaEncoder<'audio/mpeg'>> {
  const { createEncoder } = await import('wasm-media-encoders');
  compiled ??= await readFile(fileURLToPath(import.meta.resolve('wasm-media-encoders/wasm/mp3')));
  return createEncoder('audio/mpeg', compiled, (module) => {
    compiled = module;
  });
}

/** MPEG 1 covers the sample rates from 32 kHz up, MPEG 2 those from 16 kHz, MPEG 2.5 the rest. */
function kilobitsAt(sampleRate: number): readonly (typeof KILOBITS)[number][] {
  if (sampleRate >= 32_000) return KILOBITS.filter((kilobits) => kilobits >= 32);
  return KILOBITS.filter((kilobits) => kilobits <= (sampleRate >= 16_000 ? 160 : 64));
}

function toPlanes(block: Float32Array, channels: 1 | 2): Float32Array[] {
  if (channels === 1) return [block];
  return [0, 1].map((channel) => block.filter((_, index) => index % 2 === channel));
}
