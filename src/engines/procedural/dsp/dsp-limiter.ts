import { SAMPLE_RATE, type StereoBlock, type StereoEffect } from '../sound-source.ts';

/** Frames by which the limiter looks ahead, and by which its output is late. */
export const LIMITER_DELAY = 96;

/** Time in which a turned-down level comes back. */
const RELEASE_SECONDS = 0.12;

/**
 * Values between two samples, as ITU-R BS.1770-5 Annex 2 finds true peaks: eight taps of a windowed sinc for each
 * of the three places between them.
 */
const BETWEEN: readonly Float64Array[] = [0.25, 0.5, 0.75].map((place) =>
  Float64Array.from({ length: 8 }, (_, tap) => {
    const x = tap - 3 - place;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / 4.5);
    return (Math.sin(Math.PI * x) / (Math.PI * x)) * window;
  }),
);

const TAPS = 8;

/** What lies between samples is less than this many times the highest of the samples around it. */
const MOST_OVERSHOOT = 2;

/** Finds the highest point of one channel, between its samples, too. Late by four frames. */
export class TruePeak {
  /** The last samples, twice, so that they can be read in one go from anywhere. */
  readonly #last = new Float64Array(2 * TAPS);
  #least: number;
  #place = 0;
  #loudFrames = 0;

  /** Peaks below `least` do not matter; they may be given too low. */
  constructor(least = 0) {
    this.#least = least / MOST_OVERSHOOT;
  }

  /** Changes what does not matter. */
  ignoreBelow(least: number): void {
    this.#least = least / MOST_OVERSHOOT;
  }

  tick(sample: number): number {
    const last = this.#last;
    last[this.#place] = sample;
    last[this.#place + TAPS] = sample;
    this.#place = this.#place + 1 === TAPS ? 0 : this.#place + 1;
    this.#loudFrames = Math.abs(sample) >= this.#least ? TAPS : this.#loudFrames - 1;
    return this.#loudFrames > 0 ? this.#highest() : 0;
  }

  #highest(): number {
    const last = this.#last;
    let peak = Math.abs(last[this.#place + 3] ?? 0);
    for (let index = 0; index < BETWEEN.length; index += 1) {
      const taps = BETWEEN[index];
      let value = 0;
      for (let tap = 0; tap < TAPS; tap += 1) value += (last[this.#place + tap] ?? 0) * (taps?.[tap] ?? 0);
      peak = Math.max(peak, Math.abs(value));
    }
    return peak;
  }
}

/**
 * Keeps the true peak of two channels below a ceiling by turning both down shortly before it would be passed. What it
 * gives is `LIMITER_DELAY` frames late.
 */
export class Limiter implements StereoEffect {
  readonly #ceiling: number;
  readonly #peaks: readonly [TruePeak, TruePeak];
  readonly #left = new Float32Array(LIMITER_DELAY);
  readonly #right = new Float32Array(LIMITER_DELAY);
  /** What each of the coming frames may be multiplied by at most. */
  readonly #wanted = new Float64Array(LIMITER_DELAY).fill(1);
  readonly #release = 1 - Math.exp(-1 / (RELEASE_SECONDS * SAMPLE_RATE));
  #place = 0;
  #held = 1;
  /** A running mean over half of the look-ahead makes the gain bend instead of break. */
  readonly #means = new Float64Array(LIMITER_DELAY >> 1).fill(1);
  #meanPlace = 0;
  #meanSum = LIMITER_DELAY >> 1;

  constructor(ceiling: number) {
    this.#ceiling = ceiling;
    this.#peaks = [new TruePeak(ceiling), new TruePeak(ceiling)];
  }

  process({ left, right }: StereoBlock): void {
    for (let frame = 0; frame < left.length; frame += 1) {
      const gain = this.#gainFor(left[frame] ?? 0, right[frame] ?? 0);
      const place = this.#place;
      const [lateLeft, lateRight] = [this.#left[place] ?? 0, this.#right[place] ?? 0];
      this.#left[place] = left[frame] ?? 0;
      this.#right[place] = right[frame] ?? 0;
      this.#place = place + 1 === LIMITER_DELAY ? 0 : place + 1;
      left[frame] = lateLeft * gain;
      right[frame] = lateRight * gain;
    }
  }

  #gainFor(left: number, right: number): number {
    const peak = Math.max(this.#peaks[0].tick(left), this.#peaks[1].tick(right));
    const wanted = peak > this.#ceiling ? this.#ceiling / peak : 1;
    this.#wanted[this.#place] = wanted;
    const least = wanted < this.#held ? wanted : this.#leastWanted();
    this.#held = least < this.#held ? least : this.#held + (least - this.#held) * this.#release;
    const means = this.#means;
    this.#meanSum += this.#held - (means[this.#meanPlace] ?? 0);
    means[this.#meanPlace] = this.#held;
    this.#meanPlace = this.#meanPlace + 1 === means.length ? 0 : this.#meanPlace + 1;
    return this.#meanSum / means.length;
  }

  /** Only asked while something is turned down. */
  #leastWanted(): number {
    if (this.#held > 0.999999) return 1;
    let least = 1;
    for (const wanted of this.#wanted) if (wanted < least) least = wanted;
    return least;
  }
}
