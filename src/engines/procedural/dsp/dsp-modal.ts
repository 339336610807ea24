import { DecayingSine } from './dsp-oscillators.ts';
import type { Random } from './dsp-random.ts';
import { FRAME_SECONDS, SAMPLE_RATE } from '../sound-source.ts';

/** One way in which a body swings when it is struck. */
export interface Mode {
  readonly hertz: number;
  readonly level: number;
  /** Time for 60 dB. */
  readonly decaySeconds: number;
}

/** Rings all modes at once from the first frame, added to samples from a place on. */
export function addModes(samples: Float32Array, modes: readonly Mode[], from = 0): void {
  for (const mode of modes) {
    if (mode.hertz > 0.45 * SAMPLE_RATE || mode.level === 0) continue;
    const tone = new DecayingSine(mode);
    const last = Math.min(samples.length, from + Math.ceil(mode.decaySeconds / FRAME_SECONDS));
    for (let index = from; index < last; index += 1) samples[index] = (samples[index] ?? 0) + tone.tick();
  }
}

/** A body as the modes that it has, by ratio to the lowest. */
export interface ModalBody {
  readonly ratios: readonly number[];
  /** Decay of the lowest mode, 60 dB. */
  readonly decaySeconds: number;
  /** How much sooner high modes are still: their decay is that of the lowest times ratio to the power of minus this. */
  readonly damping: number;
  /** How much weaker high modes are: decibels per octave. */
  readonly slope: number;
}

/** The modes of a body of a size, each a little off so that no two bodies are alike. */
export function modesOf(
  body: ModalBody,
  {
    hertz,
    random,
    spread = 0.01,
  }: { readonly hertz: number; readonly random: Random; readonly spread?: number },
): Mode[] {
  return body.ratios.map((ratio) => ({
    hertz: hertz * ratio * (1 + spread * random.signed()),
    decaySeconds: body.decaySeconds * ratio ** -body.damping * (1 + 0.2 * random.signed()),
    level: 10 ** ((-body.slope * Math.log2(ratio)) / 20) * random.between(0.6, 1.2),
  }));
}

/** A resonator that something goes on exciting: a filter that rings at one frequency. */
export class Resonator {
  readonly #a1: number;
  readonly #a2: number;
  readonly #gain: number;
  #y1 = 0;
  #y2 = 0;

  constructor({ hertz, decaySeconds, level }: Mode) {
    const radius = 0.001 ** (FRAME_SECONDS / Math.max(0.001, decaySeconds));
    const turn = 2 * Math.PI * Math.min(0.45, hertz * FRAME_SECONDS);
    this.#a1 = -2 * radius * Math.cos(turn);
    this.#a2 = radius * radius;
    this.#gain = level * (1 - radius * radius) * Math.sin(turn);
  }

  tick(excitation: number): number {
    const out = this.#gain * excitation - this.#a1 * this.#y1 - this.#a2 * this.#y2;
    this.#y2 = this.#y1;
    this.#y1 = out;
    return out;
  }
}
