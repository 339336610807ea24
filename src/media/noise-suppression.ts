import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import createRnnoise from '@echogarden/rnnoise-wasm';
import type { RnnoiseModule } from '@echogarden/rnnoise-wasm';
import type { PcmStream } from './pcm.ts';
import { fixedBlocks } from './sample-blocks.ts';

/** Hertz that the library works at. */
export const NOISE_SAMPLE_RATE = 48_000;

/** Samples that it takes at a time: 10 ms. */
const FRAME = 480;
/** What comes out belongs to the frame before. */
const DELAY = FRAME;
/** The library's samples have the range of 16-bit integers. */
const SCALE = 32_768;

let library: Promise<RnnoiseModule> | undefined;

/**
 * The speech of mono sound at 48 kHz with the noise taken away, by RNNoise (Valin, "A hybrid DSP/deep learning
 * approach to real-time full-band speech enhancement", 2018). As many samples come out as go in, without delay.
 */
export function suppressNoise(pcm: PcmStream): PcmStream {
  return { ...pcm, chunks: suppressed(pcm) };
}

async function* suppressed(pcm: PcmStream): AsyncGenerator<Float32Array> {
  library ??= loadRnnoise();
  const filter = openFilter(await library);
  let frames = 0;
  let given = 0;
  try {
    for await (const block of fixedBlocks(pcm.chunks, FRAME)) {
      frames += block.length;
      const clean = filter.process(block);
      // The first frame that comes out is the library's own silence.
      if (frames <= DELAY) continue;
      given += clean.length;
      yield clean;
    }
    for (let tail = frames - given; tail > 0; tail -= FRAME) {
      yield filter.process(new Float32Array(FRAME)).subarray(0, tail);
    }
  } finally {
    filter.close();
  }
}

function openFilter(rnnoise: RnnoiseModule) {
  const state = rnnoise._rnnoise_create(0);
  const address = rnnoise._malloc(FRAME * Float32Array.BYTES_PER_ELEMENT);
  const at = address / Float32Array.BYTES_PER_ELEMENT;
  return {
    /** A shorter last block counts as followed by silence. */
    process: (block: Float32Array): Float32Array => {
      const heap = rnnoise.HEAPF32.subarray(at, at + FRAME);
      heap.fill(0);
      block.forEach((sample, index) => {
        heap[index] = sample * SCALE;
      });
      rnnoise._rnnoise_process_frame(state, address, address);
      // Memory that grew is another array.
      return rnnoise.HEAPF32.slice(at, at + FRAME).map((sample) => sample / SCALE);
    },
    close: () => {
      rnnoise._free(address);
      rnnoise._rnnoise_destroy(state);
    },
  };
}

async function loadRnnoise(): Promise<RnnoiseModule> {
  const binary = new URL('rnnoise.wasm', import.meta.resolve('@echogarden/rnnoise-wasm'));
  return createRnnoise({ wasmBinary: await readFile(fileURLToPath(binary)) });
}
