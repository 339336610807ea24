import { FRAME_SECONDS } from '../sound-source.ts';

/** The shape of a swing. */
export type Waveform = 'sine' | 'triangle' | 'saw' | 'square' | 'pulse';

/** An oscillator without aliases that matter: its steps are rounded (PolyBLEP). */
export class Oscillator {
  readonly #form: Waveform;
  #phase: number;
  #sum = 0;
  /** Part of a period that a `pulse` is up, 0 to 1. */
  width = 0.5;

  /** The phase is a part of a period, 0 to 1. */
  constructor(form: Waveform, phase = 0) {
    this.#form = form;
    this.#phase = phase - Math.floor(phase);
    // A triangle is the sum of a square, so it has to begin where the square's sum would be.
    this.#sum = 1 - 4 * Math.abs(this.#phase - 0.5);
  }

  tick(hertz: number): number {
    const step = Math.min(0.49, Math.abs(hertz) * FRAME_SECONDS);
    this.#phase += step;
    if (this.#phase >= 1) this.#phase -= 1;
    const phase = this.#phase;
    switch (this.#form) {
      case 'sine':
        return Math.sin(2 * Math.PI * phase);
      case 'saw':
        return 2 * phase - 1 - roundedStep(phase, step);
      case 'square':
        return pulse(phase, step, 0.5);
      case 'pulse':
        return pulse(phase, step, this.width);
      case 'triangle':
        this.#sum = this.#sum * (1 - step * 0.01) + 4 * step * pulse(phase, step, 0.5);
        return this.#sum;
    }
  }
}

function pulse(phase: number, step: number, width: number): number {
  const fall = phase + 1 - width;
  const level = phase < width ? 1 : -1;
  return level + roundedStep(phase, step) - roundedStep(fall - Math.floor(fall), step);
}

/** What a step of height two at phase 0 differs from one without overtones above half the sample rate. */
function roundedStep(phase: number, step: number): number {
  if (phase < step) {
    const x = phase / step;
    return x + x - x * x - 1;
  }
  if (phase > 1 - step) {
    const x = (phase - 1) / step;
    return x * x + x + x + 1;
  }
  return 0;
}

/** A sine at a fixed frequency whose every sample costs two multiplications; its level falls by `decaySeconds` per 60 dB. */
export class DecayingSine {
  #real: number;
  #imaginary: number;
  readonly #turnReal: number;
  readonly #turnImaginary: number;

  constructor(tone: {
    readonly hertz: number;
    readonly decaySeconds: number;
    readonly level: number;
    readonly phase?: number;
  }) {
    const shrink = 0.001 ** (FRAME_SECONDS / Math.max(0.001, tone.decaySeconds));
    const turn = 2 * Math.PI * tone.hertz * FRAME_SECONDS;
    const phase = 2 * Math.PI * (tone.phase ?? 0);
    this.#real = tone.level * Math.cos(phase);
    this.#imaginary = tone.level * Math.sin(phase);
    this.#turnReal = shrink * Math.cos(turn);
    this.#turnImaginary = shrink * Math.sin(turn);
  }

  tick(): number {
    const real = this.#real * this.#turnReal - this.#imaginary * this.#turnImaginary;
    const imaginary = this.#real * this.#turnImaginary + this.#imaginary * this.#turnReal;
    this.#real = real;
    this.#imaginary = imaginary;
    return imaginary;
  }
}
