import { concatBytes } from '../base/stream.ts';
import { bytesPerSample, linearPlanes } from './decoders/linear-samples.ts';
import { openResampler } from './resample.ts';

/** How mono sound without a header is written. */
export interface LiveSoundFormat {
  readonly encoding: 's16le' | 'mulaw' | 'alaw';
  /** Hertz. */
  readonly sampleRate: number;
}

/** Sound that comes in pieces of any length, as samples of one rate. */
export interface LiveSound {
  /** The samples that are ready with these bytes. A cut sample at their end waits for the next ones. */
  push(bytes: Uint8Array): Float32Array;
  /** Seconds that came in and are not out yet: a few milliseconds. */
  readonly heldSeconds: number;
  /** What is held, and no cut sample: what comes next is another piece of sound. */
  finish(): Float32Array;
}

/** Reads bytes of a format as samples of `sampleRate` hertz. */
export function openLiveSound(format: LiveSoundFormat, sampleRate: number): LiveSound {
  const width = bytesPerSample(format.encoding);
  let resampler = openResampler(format.sampleRate, sampleRate);
  let rest: Uint8Array = new Uint8Array(0);
  let heldSeconds = 0;
  return {
    get heldSeconds() {
      return heldSeconds;
    },
    push: (bytes) => {
      const known = rest.length === 0 ? bytes : concatBytes([rest, bytes]);
      const whole = known.length - (known.length % width);
      rest = known.slice(whole);
      const [samples = new Float32Array(0)] = linearPlanes(known.subarray(0, whole), format.encoding, 1);
      const ready = resampler.push(samples);
      heldSeconds += samples.length / format.sampleRate - ready.length / sampleRate;
      return ready;
    },
    finish: () => {
      const last = resampler.finish();
      resampler = openResampler(format.sampleRate, sampleRate);
      rest = new Uint8Array(0);
      heldSeconds = 0;
      return last;
    },
  };
}
