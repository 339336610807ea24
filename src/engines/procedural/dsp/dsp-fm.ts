import { shrinkPerFrame } from './dsp-envelopes.ts';
import { FRAME_SECONDS } from '../sound-source.ts';

/** A tone made by swinging the phase of one sine with another (Chowning, 1973). */
export interface FmTone {
  readonly hertz: number;
  /** Frequency of the swinging sine, as a multiple. */
  readonly ratio: number;
  /** How far it swings at the beginning, in radians: brightness. */
  readonly index: number;
  /** Time in which the brightness falls by 60 dB; absent means that it stays. */
  readonly indexDecaySeconds?: number;
  /** Feedback of the swinging sine on itself, 0 to 1: towards a saw, then noise. */
  readonly feedback?: number;
}

/** Two sines, one inside the other, at full level for as long as they are asked. */
export class FmVoice {
  readonly #ratio: number;
  readonly #feedback: number;
  readonly #fade: number;
  #index: number;
  #carrier = 0;
  #swing = 0;
  #last = 0;
  hertz: number;

  constructor({ hertz, ratio, index, indexDecaySeconds, feedback = 0 }: FmTone) {
    this.hertz = hertz;
    this.#ratio = ratio;
    this.#index = index;
    this.#feedback = feedback;
    this.#fade = indexDecaySeconds === undefined ? 1 : shrinkPerFrame(indexDecaySeconds);
  }

  tick(): number {
    const step = 2 * Math.PI * this.hertz * FRAME_SECONDS;
    this.#swing += step * this.#ratio;
    this.#carrier += step;
    if (this.#carrier > 2 * Math.PI) this.#carrier -= 2 * Math.PI;
    if (this.#swing > 2 * Math.PI) this.#swing -= 2 * Math.PI;
    this.#last = Math.sin(this.#swing + this.#feedback * this.#last);
    const out = Math.sin(this.#carrier + this.#index * this.#last);
    this.#index *= this.#fade;
    return out;
  }
}
