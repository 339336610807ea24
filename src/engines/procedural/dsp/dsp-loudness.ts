import { Biquad, FilterChain } from './dsp-filters.ts';
import { SAMPLE_RATE, type StereoBlock } from '../sound-source.ts';

const STEP_FRAMES = Math.round(0.1 * SAMPLE_RATE);
/** Loudness of a block whose mean square is 1 (ITU-R BS.1770-5). */
const OFFSET = -0.691;
const ABSOLUTE_GATE = -70;
const RELATIVE_GATE = -10;

/** Measures the integrated loudness of two channels as ITU-R BS.1770-5 says: weighted, in gated blocks of 0.4 s. */
export class LoudnessMeter {
  readonly #weights = [weighting(), weighting()] as const;
  /** Energy of each full tenth of a second. */
  readonly #steps: number[] = [];
  #energy = 0;
  #frames = 0;
  /** The highest sample so far. */
  peak = 0;

  /** Measures interleaved frames. */
  push(samples: Float32Array): void {
    for (let index = 0; index < samples.length; index += 2) {
      this.#frame(samples[index] ?? 0, samples[index + 1] ?? 0);
    }
  }

  /** Measures two channels side by side. */
  pushBlock({ left, right }: StereoBlock): void {
    for (let index = 0; index < left.length; index += 1) this.#frame(left[index] ?? 0, right[index] ?? 0);
  }

  #frame(left: number, right: number): void {
    this.peak = Math.max(this.peak, Math.abs(left), Math.abs(right));
    const [x, y] = [this.#weights[0].tick(left), this.#weights[1].tick(right)];
    this.#energy += x * x + y * y;
    this.#frames += 1;
    if (this.#frames < STEP_FRAMES) return;
    this.#steps.push(this.#energy / STEP_FRAMES);
    this.#energy = 0;
    this.#frames = 0;
  }

  /** Loudness units below full scale; -Infinity for silence. What is shorter than a block is one block. */
  loudness(): number {
    const blocks = this.#blocks();
    const audible = blocks.filter((energy) => loudnessOf(energy) > ABSOLUTE_GATE);
    const gate = loudnessOf(mean(audible)) + RELATIVE_GATE;
    return loudnessOf(mean(audible.filter((energy) => loudnessOf(energy) > gate)));
  }

  #blocks(): number[] {
    const steps = this.#steps;
    if (steps.length >= 4) {
      return steps.slice(3).map((_, index) => mean(steps.slice(index, index + 4)));
    }
    const frames = steps.length * STEP_FRAMES + this.#frames;
    const energy = steps.reduce((sum, step) => sum + step * STEP_FRAMES, this.#energy);
    return frames === 0 ? [] : [energy / frames];
  }
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function loudnessOf(energy: number): number {
  return OFFSET + 10 * Math.log10(energy);
}

/** The weighting of the head and of low notes (K), as filters that work at this sample rate. */
function weighting(): FilterChain {
  return new FilterChain(
    new Biquad({ kind: 'highshelf', hertz: 1499.06, q: 0.7072, decibels: 4 }),
    new Biquad({ kind: 'highpass', hertz: 38.135, q: 0.5003 }),
  );
}
