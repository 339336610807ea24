import { Biquad, OnePole, type Filter } from '../dsp/dsp-filters.ts';
import { QUANTUM, SAMPLE_RATE, type StereoBlock, type StereoEffect } from '../sound-source.ts';

/** A rate near another one that a loop holds a whole number of times, so that its end leads into its beginning. */
export function fittingRate(hertz: number, loopFrames: number | undefined): number {
  if (loopFrames === undefined) return hertz;
  const seconds = loopFrames / SAMPLE_RATE;
  return Math.max(1, Math.round(hertz * seconds)) / seconds;
}

/** One channel made wide: three delays that move against one another, two of them on each side (as string machines do). */
export class Ensemble {
  readonly #line = new Float32Array(2048);
  readonly #rates: readonly [number, number];
  readonly #depth: number;
  readonly #wet: number;
  #place = 0;

  constructor(depth: number, loopFrames: number | undefined) {
    this.#depth = depth;
    this.#wet = 0.75 * Math.min(1, 0.35 + depth);
    this.#rates = [fittingRate(0.61, loopFrames), fittingRate(4.3, loopFrames)];
  }

  /** Reads one channel and writes two; `frame` is that of the piece. */
  process(input: Float32Array, { left, right }: StereoBlock, frame: number): void {
    const delays = [0, 1, 2].map((voice) => {
      const at = (time: number) => {
        const slow = Math.sin(2 * Math.PI * ((time / SAMPLE_RATE) * this.#rates[0] + voice / 3));
        const fast = Math.sin(2 * Math.PI * ((time / SAMPLE_RATE) * this.#rates[1] + voice / 3));
        return (0.011 + 0.0032 * this.#depth * slow + 0.00035 * this.#depth * fast) * SAMPLE_RATE;
      };
      return { now: at(frame), step: (at(frame + QUANTUM) - at(frame)) / QUANTUM };
    });
    const [a, b, c] = delays;
    if (!a || !b || !c) return;
    const wet = this.#wet;
    const dry = 1 - 0.45 * wet;
    for (let index = 0; index < input.length; index += 1) {
      this.#line[this.#place & 2047] = input[index] ?? 0;
      const one = this.#read(a.now + a.step * index);
      const two = this.#read(b.now + b.step * index);
      const three = this.#read(c.now + c.step * index);
      const sample = (input[index] ?? 0) * dry;
      left[index] = sample + wet * 0.62 * (one + two - 0.35 * three);
      right[index] = sample + wet * 0.62 * (three + two - 0.35 * one);
      this.#place += 1;
    }
  }

  #read(delay: number): number {
    const place = this.#place - delay;
    const whole = Math.floor(place);
    const part = place - whole;
    const here = this.#line[whole & 2047] ?? 0;
    return here + part * ((this.#line[(whole + 1) & 2047] ?? 0) - here);
  }
}

/** Echoes that go from one side to the other and grow duller. */
export class Echo implements StereoEffect {
  readonly #left: Float32Array;
  readonly #right: Float32Array;
  readonly #feedback: number;
  readonly #dull: readonly [Filter, Filter] = [new OnePole(3200), new OnePole(3200)];
  #place = 0;

  constructor(seconds: number, feedback: number) {
    const frames = Math.max(64, Math.round(seconds * SAMPLE_RATE));
    this.#left = new Float32Array(frames);
    this.#right = new Float32Array(frames);
    this.#feedback = feedback;
  }

  process({ left, right }: StereoBlock): void {
    const [dullLeft, dullRight] = this.#dull;
    for (let frame = 0; frame < left.length; frame += 1) {
      const outLeft = this.#left[this.#place] ?? 0;
      const outRight = this.#right[this.#place] ?? 0;
      const input = ((left[frame] ?? 0) + (right[frame] ?? 0)) * 0.5;
      this.#left[this.#place] = dullLeft.tick(input + outRight * this.#feedback);
      this.#right[this.#place] = dullRight.tick(outLeft * this.#feedback * 1.4);
      this.#place = this.#place + 1 === this.#left.length ? 0 : this.#place + 1;
      left[frame] = outLeft;
      right[frame] = outRight;
    }
  }
}

/** Everybody steps back for a moment at each stroke of the kick. */
export class Ducker {
  readonly #depth: number;
  readonly #recover: number;
  #level = 0;
  #smooth = 0;

  constructor(depth: number, beatFrames: number) {
    this.#depth = depth;
    this.#recover = 0.02 ** (1 / Math.min(beatFrames, 0.45 * SAMPLE_RATE));
  }

  strike(velocity: number): void {
    this.#level = Math.max(this.#level, velocity);
  }

  /** Fills in what each frame is multiplied by. */
  fill(gains: Float32Array): void {
    for (let frame = 0; frame < gains.length; frame += 1) {
      this.#smooth += 0.006 * (this.#level - this.#smooth);
      this.#level *= this.#recover;
      gains[frame] = 1 - this.#depth * this.#smooth;
    }
  }
}

/** Presses loud stretches together: gently, both channels alike. */
export class BusCompressor implements StereoEffect {
  readonly #ratio: number;
  readonly #threshold: number;
  #energy = 0;
  #gain = 1;

  constructor(pressure: number) {
    this.#ratio = 1 - 1 / (1 + 2.5 * pressure);
    this.#threshold = 0.085;
  }

  process({ left, right }: StereoBlock): void {
    let sum = 0;
    for (let frame = 0; frame < left.length; frame += 1) {
      sum += (left[frame] ?? 0) ** 2 + (right[frame] ?? 0) ** 2;
    }
    const energy = sum / (2 * left.length);
    this.#energy += (energy > this.#energy ? 0.2 : 0.03) * (energy - this.#energy);
    const level = Math.sqrt(this.#energy);
    const wanted = level > this.#threshold ? (this.#threshold / level) ** this.#ratio : 1;
    const from = this.#gain;
    this.#gain += 0.25 * (wanted - from);
    const step = (this.#gain - from) / left.length;
    for (let frame = 0; frame < left.length; frame += 1) {
      const gain = from + step * frame;
      left[frame] = (left[frame] ?? 0) * gain;
      right[frame] = (right[frame] ?? 0) * gain;
    }
  }
}

/** The same filter on both channels. */
export class StereoFilter implements StereoEffect {
  readonly #left: Biquad;
  readonly #right: Biquad;

  constructor(shape: ConstructorParameters<typeof Biquad>[0]) {
    this.#left = new Biquad(shape);
    this.#right = new Biquad(shape);
  }

  process({ left, right }: StereoBlock): void {
    for (let frame = 0; frame < left.length; frame += 1) {
      left[frame] = this.#left.tick(left[frame] ?? 0);
      right[frame] = this.#right.tick(right[frame] ?? 0);
    }
  }
}
