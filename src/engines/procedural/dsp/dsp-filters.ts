import { SAMPLE_RATE } from '../sound-source.ts';

/** A filter for one channel. It remembers, so every channel has its own. */
export interface Filter {
  tick(sample: number): number;
}

/** What a biquad does, in the words of R. Bristow-Johnson's audio equalizer cookbook. */
export type BiquadShape =
  | {
      readonly kind: 'lowpass' | 'highpass' | 'bandpass' | 'notch';
      readonly hertz: number;
      readonly q?: number;
    }
  | {
      readonly kind: 'peak' | 'lowshelf' | 'highshelf';
      readonly hertz: number;
      readonly q?: number;
      readonly decibels: number;
    };

/** A filter of second order that stays as it is set. `bandpass` has a gain of 1 at its middle. */
export class Biquad implements Filter {
  #b0 = 1;
  #b1 = 0;
  #b2 = 0;
  #a1 = 0;
  #a2 = 0;
  #z1 = 0;
  #z2 = 0;

  constructor(shape: BiquadShape) {
    this.set(shape);
  }

  /** Changes the filter without a break in what it remembers. */
  set(shape: BiquadShape): void {
    const omega = (2 * Math.PI * safeHertz(shape.hertz)) / SAMPLE_RATE;
    const [cos, alpha] = [Math.cos(omega), Math.sin(omega) / (2 * (shape.q ?? Math.SQRT1_2))];
    const [b0, b1, b2, a0, a1, a2] = coefficients(shape, { cos, alpha });
    this.#b0 = b0 / a0;
    this.#b1 = b1 / a0;
    this.#b2 = b2 / a0;
    this.#a1 = a1 / a0;
    this.#a2 = a2 / a0;
  }

  tick(sample: number): number {
    const out = this.#b0 * sample + this.#z1;
    this.#z1 = this.#b1 * sample - this.#a1 * out + this.#z2;
    this.#z2 = this.#b2 * sample - this.#a2 * out;
    return out;
  }
}

type Six = readonly [number, number, number, number, number, number];

function coefficients(shape: BiquadShape, { cos, alpha }: { cos: number; alpha: number }): Six {
  switch (shape.kind) {
    case 'lowpass':
      return [(1 - cos) / 2, 1 - cos, (1 - cos) / 2, 1 + alpha, -2 * cos, 1 - alpha];
    case 'highpass':
      return [(1 + cos) / 2, -1 - cos, (1 + cos) / 2, 1 + alpha, -2 * cos, 1 - alpha];
    case 'bandpass':
      return [alpha, 0, -alpha, 1 + alpha, -2 * cos, 1 - alpha];
    case 'notch':
      return [1, -2 * cos, 1, 1 + alpha, -2 * cos, 1 - alpha];
    case 'peak': {
      const a = 10 ** (shape.decibels / 40);
      return [1 + alpha * a, -2 * cos, 1 - alpha * a, 1 + alpha / a, -2 * cos, 1 - alpha / a];
    }
    case 'lowshelf':
      return shelf(10 ** (shape.decibels / 40), { cos, alpha });
    case 'highshelf': {
      const [b0, b1, b2, a0, a1, a2] = shelf(10 ** (shape.decibels / 40), { cos: -cos, alpha });
      return [b0, -b1, b2, a0, -a1, a2];
    }
  }
}

function shelf(a: number, { cos, alpha }: { cos: number; alpha: number }): Six {
  const root = 2 * Math.sqrt(a) * alpha;
  return [
    a * (a + 1 - (a - 1) * cos + root),
    2 * a * (a - 1 - (a + 1) * cos),
    a * (a + 1 - (a - 1) * cos - root),
    a + 1 + (a - 1) * cos + root,
    -2 * (a - 1 + (a + 1) * cos),
    a + 1 + (a - 1) * cos - root,
  ];
}

/** A gentle lowpass of first order: 6 dB per octave. */
export class OnePole implements Filter {
  #factor: number;
  #held = 0;

  constructor(hertz: number) {
    this.#factor = onePoleFactor(hertz);
  }

  set hertz(hertz: number) {
    this.#factor = onePoleFactor(hertz);
  }

  tick(sample: number): number {
    this.#held += this.#factor * (sample - this.#held);
    return this.#held;
  }
}

function onePoleFactor(hertz: number): number {
  return 1 - Math.exp((-2 * Math.PI * safeHertz(hertz)) / SAMPLE_RATE);
}

/** What is left when a `OnePole` is taken away. */
export class OnePoleHighpass implements Filter {
  readonly #low: OnePole;

  constructor(hertz: number) {
    this.#low = new OnePole(hertz);
  }

  tick(sample: number): number {
    return sample - this.#low.tick(sample);
  }
}

/**
 * A filter whose frequency may move with every sample (A. Simper's trapezoidal state variable filter). After each
 * `tick` its other outputs can be read, too.
 */
export class StateVariableFilter implements Filter {
  #g = 0;
  #k = 1;
  #one = 0;
  #two = 0;
  low = 0;
  band = 0;
  high = 0;

  constructor(hertz: number, q: number = Math.SQRT1_2) {
    this.tune(hertz, q);
  }

  tune(hertz: number, q: number = Math.SQRT1_2): void {
    this.#g = Math.tan((Math.PI * safeHertz(hertz)) / SAMPLE_RATE);
    this.#k = 1 / q;
  }

  /** The lowpass; `band` has a gain of 1 at its middle. */
  tick(sample: number): number {
    const [g, k] = [this.#g, this.#k];
    const high = (sample - (k + g) * this.#one - this.#two) / (1 + g * (g + k));
    const band = g * high + this.#one;
    const low = g * band + this.#two;
    this.#one = g * high + band;
    this.#two = g * band + low;
    this.low = low;
    this.band = k * band;
    this.high = high;
    return low;
  }
}

/** Takes away what does not swing: a highpass at a few hertz. */
export class DcBlocker implements Filter {
  readonly #pole: number;
  #in = 0;
  #out = 0;

  constructor(hertz = 12) {
    this.#pole = Math.exp((-2 * Math.PI * hertz) / SAMPLE_RATE);
  }

  tick(sample: number): number {
    this.#out = sample - this.#in + this.#pole * this.#out;
    this.#in = sample;
    return this.#out;
  }
}

/** Filters one after another. */
export class FilterChain implements Filter {
  readonly #filters: readonly Filter[];

  constructor(...filters: readonly Filter[]) {
    this.#filters = filters;
  }

  tick(sample: number): number {
    let passed = sample;
    for (const filter of this.#filters) passed = filter.tick(passed);
    return passed;
  }
}

/** Filters samples in place. */
export function filterSamples(samples: Float32Array, filter: Filter): void {
  for (let index = 0; index < samples.length; index += 1) samples[index] = filter.tick(samples[index] ?? 0);
}

/** Within what a filter at this sample rate can be tuned to. */
function safeHertz(hertz: number): number {
  return Math.min(0.47 * SAMPLE_RATE, Math.max(1, hertz));
}
