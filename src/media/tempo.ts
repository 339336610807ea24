import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import createSonic from '@echogarden/sonic-wasm';
import type { SonicModule } from '@echogarden/sonic-wasm';
import { AppError } from '../base/errors.ts';
import { concatSamples } from './pcm.ts';
import type { PcmStream } from './pcm.ts';
import { resample } from './resample.ts';
import { fixedBlocks } from './sample-blocks.ts';

/** How fast (1 = as it is, 2 = twice as fast) and how much higher the sound is to be. */
export interface TempoChange {
  /** 0.1 to 10. */
  readonly tempo: number;
  /** -24 to 24. */
  readonly pitchSemitones: number;
}

/** Frames handed to the library at once. The library's output depends on its blocks, so they are always the same. */
const BLOCK_FRAMES = 1024;

let library: Promise<SonicModule> | undefined;

/**
 * The same sound faster or slower without a change of pitch, or higher or lower without a change of tempo, by
 * pitch-synchronous overlap and add. Of n input frames come n / tempo or up to 20 ms fewer, and they do
 * not depend on how the input was chunked. Throws `invalid_request` outside the limits of `TempoChange`.
 */
export function changeTempo(pcm: PcmStream, change: TempoChange): PcmStream {
  if (!(change.tempo >= 0.1 && change.tempo <= 10)) {
    throw new AppError('invalid_request', `The tempo must be between 0.1 and 10, not ${change.tempo}.`);
  }
  if (!(Math.abs(change.pitchSemitones) <= 24)) {
    const message = `The pitch must be between -24 and 24 semitones, not ${change.pitchSemitones}.`;
    throw new AppError('invalid_request', message);
  }
  if (change.tempo === 1 && change.pitchSemitones === 0) return pcm;
  // Slower by the ratio and then played faster by it is higher and no shorter. The library could do both, but
  // its change of pitch leaves its memory (version 0.2.0, one ratio in eight on speech and noise).
  const playedAt = Math.round(pcm.sampleRate * 2 ** (change.pitchSemitones / 12));
  const tempo = (change.tempo * pcm.sampleRate) / playedAt;
  return resample({ ...pcm, sampleRate: playedAt, chunks: stretch(pcm, tempo) }, pcm.sampleRate);
}

async function* stretch(pcm: PcmStream, tempo: number): AsyncGenerator<Float32Array> {
  library ??= loadSonic();
  const sonic = await library;
  const address = sonic._malloc(BLOCK_FRAMES * pcm.channels * Float32Array.BYTES_PER_ELEMENT);
  const stream = sonic._sonicCreateStream(pcm.sampleRate, pcm.channels);
  try {
    if (address === 0 || stream === 0) throw new Error('The tempo library is out of memory.');
    sonic._sonicSetSpeed(stream, tempo);
    const buffer = { sonic, stream, address, channels: pcm.channels };
    let samplesIn = 0;
    let samplesOut = 0;
    let held = new Float32Array(0);
    // The library may be up to a pitch period ahead of the time that its input takes.
    const due = (): Float32Array => {
      held = concatSamples([held, ...available(buffer)]);
      const total = Math.floor(samplesIn / pcm.channels / tempo) * pcm.channels;
      const ready = held.subarray(0, Math.max(0, total - samplesOut));
      held = held.subarray(ready.length);
      samplesOut += ready.length;
      return ready;
    };
    for await (const block of fixedBlocks(pcm.chunks, BLOCK_FRAMES * pcm.channels)) {
      samplesIn += block.length;
      sonic.HEAPF32.set(block, address / Float32Array.BYTES_PER_ELEMENT);
      const written = sonic._sonicWriteFloatToStream(stream, address, block.length / pcm.channels);
      if (written === 0) throw new Error('The tempo library is out of memory.');
      const output = due();
      if (output.length > 0) yield output;
    }
    sonic._sonicFlushStream(stream);
    const rest = due();
    if (rest.length > 0) yield rest;
  } finally {
    if (stream !== 0) sonic._sonicDestroyStream(stream);
    sonic._free(address);
  }
}

function* available(buffer: {
  readonly sonic: SonicModule;
  readonly stream: number;
  readonly address: number;
  readonly channels: number;
}): Generator<Float32Array> {
  const { sonic, stream, address, channels } = buffer;
  for (;;) {
    const frames = sonic._sonicReadFloatFromStream(stream, address, BLOCK_FRAMES);
    if (frames === 0) return;
    const start = address / Float32Array.BYTES_PER_ELEMENT;
    yield sonic.HEAPF32.slice(start, start + frames * channels);
  }
}

async function loadSonic(): Promise<SonicModule> {
  // The library finds its binary itself, but not under a path that contains a percent sign or a space.
  const binary = new URL('sonic.wasm', import.meta.resolve('@echogarden/sonic-wasm'));
  return createSonic({ wasmBinary: await readFile(fileURLToPath(binary)) });
}
