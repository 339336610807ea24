import { Biquad } from '../dsp/dsp-filters.ts';
import { PluckedString } from '../dsp/dsp-string.ts';
import { CHUNK, Voice, type Note } from './music-voice.ts';
import { SAMPLE_RATE } from '../sound-source.ts';

/** Something with strings that are plucked. */
export interface PluckedSpec {
  readonly kind: 'plucked';
  /** Seconds for 60 dB at middle C. */
  readonly decay: number;
  /** 0 (a thumb) to 1 (a plectrum). */
  readonly brightness: number;
  /** Where it is plucked, part of its length. */
  readonly place: number;
  /** Seconds for 60 dB once it is let go. */
  readonly damping: number;
  /** Where its wood sounds loudest: hertz and decibels. */
  readonly body?: readonly [number, number];
}

/** A plucked note. */
export class PluckedVoice extends Voice {
  readonly #string: PluckedString;
  readonly #body: Biquad | undefined;
  readonly #note: Note;
  readonly #damping: number;
  readonly #lastFrame: number;
  #level: number;
  #age = 0;

  constructor(spec: PluckedSpec, note: Note) {
    super();
    this.#note = note;
    const decaySeconds = Math.max(0.25, spec.decay * (261.63 / note.hertz) ** 0.45);
    const brightness = Math.min(1, spec.brightness * (0.55 + 0.45 * note.velocity));
    const place = Math.min(0.5, Math.max(0.05, spec.place + 0.02 * note.random.signed()));
    this.#string = new PluckedString({ hertz: note.hertz, decaySeconds, brightness, place }, note.random);
    this.#body = spec.body
      ? new Biquad({ kind: 'peak', hertz: spec.body[0], q: 1.1, decibels: spec.body[1] })
      : undefined;
    this.#level = (0.2 + 0.8 * note.velocity ** 1.3) * 0.5;
    this.#damping = 0.001 ** (1 / SAMPLE_RATE / spec.damping);
    this.#lastFrame = Math.ceil(decaySeconds * 1.2 * SAMPLE_RATE);
  }

  protected fill(chunk: Float32Array): boolean {
    const string = this.#string;
    const body = this.#body;
    const fade = this.#age >= this.#note.gateFrames ? this.#damping : 1;
    // The burst that the string begins with is smoothed over its first milliseconds.
    const rise = this.#age === 0;
    let level = this.#level;
    for (let frame = 0; frame < CHUNK; frame += 1) {
      const sample = string.tick() * level * (rise ? frame / CHUNK : 1);
      chunk[frame] = body ? body.tick(sample) : sample;
      level *= fade;
    }
    this.#level = level;
    this.#age += CHUNK;
    return level > 5e-5 && this.#age < this.#lastFrame;
  }
}
