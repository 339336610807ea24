import { CHUNK, Voice, type Note, type ToneEnvelope } from './music-voice.ts';
import { TABLE_FRAMES, toneTable, type ToneShape } from './music-tables.ts';
import { SAMPLE_RATE } from '../sound-source.ts';

/** An instrument that goes on for as long as it is held: oscillators, a filter, and envelopes. */
export interface ToneSpec {
  readonly kind: 'tone';
  readonly shape: ToneShape;
  /** Oscillators side by side. */
  readonly unison?: number;
  /** How far apart the outer ones are, in cents. */
  readonly detune?: number;
  /** Level of a sine an octave below. */
  readonly below?: number;
  /** Level of a second set of oscillators an octave above. */
  readonly above?: number;
  readonly envelope: ToneEnvelope;
  /** Where the filter closes, in hertz at middle C and a velocity of 1; absent without one. */
  readonly cutoff?: number;
  readonly resonance?: number;
  /** Octaves by which the envelope opens the filter. */
  readonly opening?: number;
  /** Seconds in which that falls by 60 dB; absent means with the level. */
  readonly closing?: number;
  /** How far the filter follows the note, 0 to 1. */
  readonly tracking?: number;
  /** Octaves by which a soft note is darker. */
  readonly touch?: number;
  /** Cents, hertz, seconds until it is there. */
  readonly vibrato?: readonly [number, number, number];
  /** Breath or bow, and how much more of it there is in the beginning. */
  readonly noise?: number;
  readonly chiff?: number;
  /** The filter moves so many times per beat; the velocity decides. */
  readonly wobble?: boolean;
  /** Semitones above, and seconds, from which the pitch falls. */
  readonly drop?: readonly [number, number];
}

/** A note on such an instrument. */
export class ToneVoice extends Voice {
  readonly #spec: ToneSpec;
  readonly #note: Note;
  readonly #table: Float32Array;
  readonly #aboveTable: Float32Array;
  readonly #phases: Float64Array;
  readonly #steps: Float64Array;
  readonly #levels: Float64Array;
  readonly #tones: number;
  readonly #loud: number;
  #age = 0;
  #level = 0;
  #rising = true;
  #opened = 1;
  #one = 0;
  #two = 0;
  #noise = 0;
  readonly #wobbles: number;

  constructor(spec: ToneSpec, note: Note) {
    super();
    this.#spec = spec;
    this.#note = note;
    const unison = Math.max(1, Math.round((spec.unison ?? 1) * Math.min(1.4, note.detail)));
    const pitches = Array.from({ length: unison }, (_, index) => {
      const side = unison === 1 ? 0 : (2 * index) / (unison - 1) - 1;
      return 2 ** (((spec.detune ?? 0) * 0.5 * side) / 1200 + note.random.signed() * 0.0004);
    });
    const each = 1 / Math.sqrt(unison);
    const lows = spec.below === undefined ? [] : [spec.below];
    const highs = spec.above === undefined ? [] : pitches;
    this.#tones = unison;
    const rate = (note.hertz * TABLE_FRAMES) / SAMPLE_RATE;
    this.#steps = Float64Array.from([
      ...pitches.map((one) => rate * one),
      ...lows.map(() => rate / 2),
      ...highs.map((one) => 2 * rate * one),
    ]);
    this.#levels = Float64Array.from([
      ...pitches.map(() => each),
      ...lows,
      ...highs.map(() => each * (spec.above ?? 0)),
    ]);
    this.#phases = this.#steps.map(() => (unison === 1 ? 0 : note.random.unit() * TABLE_FRAMES));
    this.#table = toneTable(spec.shape, note.hertz);
    this.#aboveTable = toneTable(spec.shape, note.hertz * 2);
    this.#loud = 0.25 + 0.75 * note.velocity ** 1.3;
    this.#wobbles = [1, 2, 3, 4, 1.5][note.random.below(5)] ?? 2;
  }

  protected fill(chunk: Float32Array): boolean {
    const seconds = this.#age / SAMPLE_RATE;
    this.#oscillate(chunk, this.#bend(seconds));
    this.#breathe(chunk, seconds);
    if (this.#spec.cutoff !== undefined) this.#filter(chunk, this.#spec.cutoff);
    const from = this.#level;
    const to = this.#advance();
    const loud = this.#loud;
    const slope = (to - from) / CHUNK;
    for (let frame = 0; frame < CHUNK; frame += 1)
      chunk[frame] = (chunk[frame] ?? 0) * loud * (from + slope * frame);
    this.#age += CHUNK;
    return this.#age < this.#note.gateFrames || to > 1e-4;
  }

  /** What the pitch is multiplied by. */
  #bend(seconds: number): number {
    const { vibrato, drop } = this.#spec;
    let semitones = 0;
    if (vibrato) {
      const [cents, hertz, delay] = vibrato;
      const there = Math.min(1, Math.max(0, (seconds - delay * 0.4) / Math.max(0.05, delay)));
      semitones += ((cents * there) / 100) * Math.sin(2 * Math.PI * hertz * seconds);
    }
    if (drop) semitones += drop[0] * Math.exp((-5 * seconds) / drop[1]);
    return semitones === 0 ? 1 : 2 ** (semitones / 12);
  }

  #oscillate(chunk: Float32Array, bend: number): void {
    const sine = toneTable('sine', 100);
    const below = this.#spec.below === undefined ? this.#tones : this.#tones + 1;
    for (const [index, rate] of this.#steps.entries()) {
      const table = index < this.#tones ? this.#table : index < below ? sine : this.#aboveTable;
      const step = rate * bend;
      const level = this.#levels[index] ?? 0;
      let phase = this.#phases[index] ?? 0;
      for (let frame = 0; frame < CHUNK; frame += 1) {
        const whole = phase | 0;
        const here = table[whole] ?? 0;
        chunk[frame] =
          (chunk[frame] ?? 0) + level * (here + (phase - whole) * ((table[whole + 1] ?? 0) - here));
        phase += step;
        if (phase >= TABLE_FRAMES) phase -= TABLE_FRAMES;
      }
      this.#phases[index] = phase;
    }
  }

  #breathe(chunk: Float32Array, seconds: number): void {
    const { noise, chiff = 0 } = this.#spec;
    if (noise === undefined) return;
    const level = noise * (1 + chiff * Math.exp(-seconds * 35));
    const { random } = this.#note;
    let held = this.#noise;
    for (let frame = 0; frame < CHUNK; frame += 1) {
      held += 0.35 * (random.signed() - held);
      chunk[frame] = (chunk[frame] ?? 0) + level * held;
    }
    this.#noise = held;
  }

  /** A state variable lowpass (A. Simper), tuned once a chunk. */
  #filter(chunk: Float32Array, cutoff: number): void {
    const { resonance = 0.7, closing, opening = 0, tracking = 0.5, touch = 1, wobble } = this.#spec;
    if (closing === undefined) this.#opened = this.#level;
    else this.#opened *= 0.001 ** (CHUNK / SAMPLE_RATE / closing);
    const swing = wobble
      ? 2.6 * Math.cos((2 * Math.PI * this.#wobbles * this.#age) / this.#note.beatFrames) - 1.4
      : 0;
    const octaves =
      opening * this.#opened +
      tracking * Math.log2(this.#note.hertz / 261.63) -
      touch * (1 - this.#note.velocity) +
      swing;
    const hertz = Math.min(0.44 * SAMPLE_RATE, Math.max(40, cutoff * 2 ** octaves));
    const g = Math.tan((Math.PI * hertz) / SAMPLE_RATE);
    const k = 1 / resonance;
    const scale = 1 / (1 + g * (g + k));
    let one = this.#one;
    let two = this.#two;
    for (let frame = 0; frame < CHUNK; frame += 1) {
      const high = ((chunk[frame] ?? 0) - (k + g) * one - two) * scale;
      const band = g * high + one;
      const low = g * band + two;
      one = g * high + band;
      two = g * band + low;
      chunk[frame] = low;
    }
    this.#one = one;
    this.#two = two;
  }

  #advance(): number {
    const { attack, decay, sustain, release } = this.#spec.envelope;
    const step = CHUNK / SAMPLE_RATE;
    if (this.#age >= this.#note.gateFrames) this.#level *= 0.001 ** (step / release);
    else if (this.#rising) {
      this.#level = Math.min(1, this.#level + step / Math.max(step, attack));
      if (this.#level >= 1) this.#rising = false;
    } else this.#level = sustain + (this.#level - sustain) * 0.001 ** (step / decay);
    return this.#level;
  }
}
