import { CHUNK, Voice, type Note } from './music-voice.ts';
import { SAMPLE_RATE } from '../sound-source.ts';

/** Something that is struck and rings: strings with hammers, bars, bells. */
export interface StruckSpec {
  readonly kind: 'struck';
  /** Partials as multiples of the note, their level, and how long they ring against the first. */
  readonly partials: readonly (readonly [number, number, number])[];
  /** Seconds for 60 dB of the first partial at middle C. */
  readonly decay: number;
  /** How much longer low notes ring: halved or doubled per octave at 1. */
  readonly slope: number;
  /** How much softer strokes lose their upper partials, 0 to 1. */
  readonly touch: number;
  /** The hammer: level and seconds. */
  readonly knock?: readonly [number, number];
  /** Seconds for 60 dB once it is let go; absent where it rings on. */
  readonly damping?: number;
  /** A second string a little out of tune, in cents. */
  readonly beating?: number;
}

/** The partials of a stiff string that a hammer strikes at an eighth of its length. */
export function hammeredString(count: number, stiffness: number, brightness: number): StruckSpec['partials'] {
  return Array.from({ length: count }, (_, index) => {
    const partial = index + 1;
    const node = Math.abs(Math.sin((Math.PI * partial) / 8.3)) * 0.9 + 0.1;
    const level = (node * brightness ** index) / partial ** 0.55;
    return [partial * Math.sqrt(1 + stiffness * partial * partial), level, 1 / (1 + 0.32 * index)] as const;
  });
}

/** A stroke. Its partials are sines that die away, each by two multiplications a frame. */
export class StruckVoice extends Voice {
  readonly #note: Note;
  readonly #spec: StruckSpec;
  readonly #real: Float64Array;
  readonly #imaginary: Float64Array;
  readonly #turnReal: Float64Array;
  readonly #turnImaginary: Float64Array;
  #count: number;
  #age = 0;
  #damped = 1;
  #knock: number;
  #held = 0;

  constructor(spec: StruckSpec, note: Note) {
    super();
    this.#note = note;
    this.#spec = spec;
    const waves = strike(spec, note);
    this.#count = waves.length;
    // Every partial begins at zero, so that a stroke does not click.
    this.#real = Float64Array.from(waves, ({ level }) => level);
    this.#imaginary = new Float64Array(waves.length);
    this.#turnReal = Float64Array.from(waves, ({ turn, shrink }) => shrink * Math.cos(turn));
    this.#turnImaginary = Float64Array.from(waves, ({ turn, shrink }) => shrink * Math.sin(turn));
    this.#knock = (spec.knock?.[0] ?? 0) * note.velocity;
  }

  protected fill(chunk: Float32Array): boolean {
    let loudest = 0;
    for (let index = 0; index < this.#count; index += 1)
      loudest = Math.max(loudest, this.#ring(chunk, index));
    this.#hammer(chunk);
    this.#age += CHUNK;
    const { damping } = this.#spec;
    if (damping !== undefined && this.#age >= this.#note.gateFrames) this.#damp(chunk, damping);
    if (loudest < 2e-4) this.#count = Math.min(this.#count, this.#audible());
    return loudest * this.#damped > 3e-5;
  }

  #ring(chunk: Float32Array, index: number): number {
    let real = this.#real[index] ?? 0;
    let imaginary = this.#imaginary[index] ?? 0;
    // A partial that has died costs nothing.
    const size = Math.abs(real) + Math.abs(imaginary);
    if (size < 1e-5) return 0;
    const turnReal = this.#turnReal[index] ?? 0;
    const turnImaginary = this.#turnImaginary[index] ?? 0;
    for (let frame = 0; frame < CHUNK; frame += 1) {
      chunk[frame] = (chunk[frame] ?? 0) + imaginary;
      const next = real * turnReal - imaginary * turnImaginary;
      imaginary = real * turnImaginary + imaginary * turnReal;
      real = next;
    }
    this.#real[index] = real;
    this.#imaginary[index] = imaginary;
    return size;
  }

  #hammer(chunk: Float32Array): void {
    if (this.#knock < 1e-5) return;
    const fade = 0.001 ** (1 / SAMPLE_RATE / (this.#spec.knock?.[1] ?? 0.02));
    for (let frame = 0; frame < CHUNK; frame += 1) {
      this.#held += 0.12 * (this.#note.random.signed() - this.#held);
      chunk[frame] = (chunk[frame] ?? 0) + this.#knock * this.#held;
      this.#knock *= fade;
    }
  }

  #damp(chunk: Float32Array, seconds: number): void {
    const fade = 0.001 ** (1 / SAMPLE_RATE / seconds);
    for (let frame = 0; frame < CHUNK; frame += 1) {
      this.#damped *= fade;
      chunk[frame] = (chunk[frame] ?? 0) * this.#damped;
    }
  }

  #audible(): number {
    let count = this.#count;
    while (
      count > 1 &&
      Math.abs(this.#real[count - 1] ?? 0) + Math.abs(this.#imaginary[count - 1] ?? 0) < 1e-5
    )
      count -= 1;
    return count;
  }
}

interface Wave {
  readonly level: number;
  readonly turn: number;
  readonly shrink: number;
}

function strike(spec: StruckSpec, { hertz, velocity, detail, random }: Note): Wave[] {
  const decay = spec.decay * (261.63 / hertz) ** spec.slope;
  const most = Math.max(2, Math.round(spec.partials.length * detail));
  const strings = spec.beating === undefined ? [0] : [-spec.beating / 2, spec.beating / 2];
  const loud = (0.2 + 0.8 * velocity ** 1.4) * 0.5;
  const norm = Math.sqrt(spec.partials.reduce((sum, [, level]) => sum + level * level, 0));
  return strings.flatMap((cents, string) =>
    spec.partials.slice(0, most).flatMap(([ratio, level, ring], index): Wave[] => {
      const pitch = hertz * ratio * 2 ** (cents / 1200);
      // A second string is heard where notes beat: in the lower partials.
      if (pitch > 0.45 * SAMPLE_RATE || (string > 0 && index > 5)) return [];
      const softer = (1 - spec.touch * (1 - velocity)) ** index;
      // The two strings of a piano note do not die alike: a strike, then a song.
      const seconds = decay * ring * (string === 0 ? 1 : 0.45);
      return [
        {
          level: ((loud * level * softer) / norm / Math.sqrt(strings.length)) * random.between(0.92, 1.08),
          turn: (2 * Math.PI * pitch) / SAMPLE_RATE,
          shrink: 0.001 ** (1 / SAMPLE_RATE / Math.max(0.02, seconds)),
        },
      ];
    }),
  );
}
