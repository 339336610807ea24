import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import createFvad from '@echogarden/fvad-wasm';
import type { FvadModule } from '@echogarden/fvad-wasm';
import { sample16 } from './pcm.ts';

/** Hertz that the detector listens at. */
export const VOICE_SAMPLE_RATE = 16_000;

/** Samples that it judges at a time: 30 ms. */
export const VOICE_FRAME = 480;

/** Below this level (about -60 dB of full scale) nothing counts as voice, whatever it sounds like. */
const SILENCE_LEVEL = 0.001;

/** Tells frames with a voice from frames without. It remembers what came before, so frames must come in order. */
export interface VoiceDetector {
  /** `frame` has `VOICE_FRAME` mono samples at 16 kHz. */
  isVoice(frame: Float32Array): boolean;
  /** Gives the detector's memory back. */
  close(): void;
}

let library: Promise<FvadModule> | undefined;

/**
 * The voice activity detector of WebRTC, in WASM. `threshold`, 0..1, says how clear a voice must be; it is rounded
 * to the four modes that the detector has.
 */
export async function createVoiceDetector(threshold: number): Promise<VoiceDetector> {
  library ??= loadFvad();
  const fvad = await library;
  const detector = fvad._fvad_new();
  const address = fvad._malloc(VOICE_FRAME * Int16Array.BYTES_PER_ELEMENT);
  fvad._fvad_set_sample_rate(detector, VOICE_SAMPLE_RATE);
  fvad._fvad_set_mode(detector, Math.round(3 * Math.min(1, Math.max(0, threshold))));
  return {
    isVoice: (frame) => {
      const level = writeFrame(frame, fvad.HEAP16, address / Int16Array.BYTES_PER_ELEMENT);
      const heard = fvad._fvad_process(detector, address, VOICE_FRAME) === 1;
      return heard && level > SILENCE_LEVEL;
    },
    close: () => {
      fvad._free(address);
      fvad._fvad_free(detector);
    },
  };
}

/** Writes a frame as signed 16-bit samples and returns its root mean square level: one pass, as hours go through here. */
function writeFrame(frame: Float32Array, target: Int16Array, at: number): number {
  let sum = 0;
  for (let index = 0; index < frame.length; index += 1) {
    const sample = frame[index] ?? 0;
    sum += sample * sample;
    target[at + index] = sample16(sample);
  }
  return Math.sqrt(sum / frame.length);
}

async function loadFvad(): Promise<FvadModule> {
  const binary = new URL('fvad.wasm', import.meta.resolve('@echogarden/fvad-wasm'));
  return createFvad({ wasmBinary: await readFile(fileURLToPath(binary)) });
}
