import type { Random } from './dsp-random.ts';
import { SAMPLE_RATE } from '../sound-source.ts';

/** How a string is plucked. */
export interface Pluck {
  readonly hertz: number;
  /** Time for 60 dB of the fundamental. */
  readonly decaySeconds: number;
  /** 0 (a thumb) to 1 (a hard plectrum). */
  readonly brightness: number;
  /** Where it is plucked, part of its length, 0 to 0.5. */
  readonly place?: number;
}

/**
 * A plucked string (Karplus and Strong, 1983) in tune: a delay line with a lowpass in its loop and an allpass for the
 * part of a frame that is missing.
 */
export class PluckedString {
  readonly #line: Float32Array;
  readonly #feedback: number;
  readonly #blend: number;
  readonly #allpass: number;
  #place = 0;
  #last = 0;
  #in = 0;
  #out = 0;

  constructor({ hertz, decaySeconds, brightness, place = 0.18 }: Pluck, random: Random) {
    const blend = 0.5 - 0.4 * brightness;
    const period = SAMPLE_RATE / hertz - blend;
    const frames = Math.max(2, Math.floor(period - 0.1));
    const rest = period - frames;
    this.#blend = blend;
    this.#allpass = (1 - rest) / (1 + rest);
    this.#feedback = 0.001 ** (1 / (hertz * Math.max(0.05, decaySeconds)));
    this.#line = excite({ frames, brightness, place }, random);
  }

  tick(): number {
    const line = this.#line;
    const sample = line[this.#place] ?? 0;
    const smooth = (1 - this.#blend) * sample + this.#blend * this.#last;
    this.#last = sample;
    const tuned = this.#allpass * (smooth - this.#out) + this.#in;
    this.#in = smooth;
    this.#out = tuned;
    line[this.#place] = tuned * this.#feedback;
    this.#place = this.#place + 1 === line.length ? 0 : this.#place + 1;
    return sample;
  }
}

/** A burst of noise as soft as the finger, without the overtones that rest where it plucks. */
function excite(
  { frames, brightness, place }: { frames: number; brightness: number; place: number },
  random: Random,
): Float32Array {
  const burst = new Float32Array(frames);
  const factor = 0.15 + 0.85 * brightness;
  let held = 0;
  for (let index = 0; index < frames; index += 1) {
    held += factor * (random.signed() - held);
    burst[index] = held;
  }
  const shift = Math.max(1, Math.round(frames * place));
  const combed = burst.map((sample, index) => sample - (burst[(index + frames - shift) % frames] ?? 0));
  const middle = combed.reduce((sum, sample) => sum + sample, 0) / frames;
  const peak = combed.reduce((most, sample) => Math.max(most, Math.abs(sample - middle)), 1e-6);
  return combed.map((sample) => (sample - middle) / peak);
}
