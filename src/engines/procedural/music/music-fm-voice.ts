import { CHUNK, Voice, type Note } from './music-voice.ts';
import { SAMPLE_RATE } from '../sound-source.ts';

/** Steps of a turn. */
const TABLE = 4096;
const SINES = Float32Array.from({ length: TABLE + 1 }, (_, step) => Math.sin((2 * Math.PI * step) / TABLE));

/** The sine of a number of steps, by table: the difference lies 130 dB below. */
function sine(steps: number): number {
  const whole = Math.floor(steps);
  const place = whole & (TABLE - 1);
  const here = SINES[place] ?? 0;
  return here + (steps - whole) * ((SINES[place + 1] ?? 0) - here);
}

/** One sine that another one swings (Chowning, 1973). */
export interface FmPair {
  /** Of the note. */
  readonly ratio: number;
  readonly swing: number;
  /** How far it swings at full velocity, in radians, and the seconds in which that falls by 60 dB. */
  readonly index: number;
  readonly settling: number;
  readonly level: number;
  /** Seconds for 60 dB at middle C. */
  readonly decay: number;
}

/** Bells and electric pianos. */
export interface FmSpec {
  readonly kind: 'fm';
  readonly pairs: readonly FmPair[];
  /** Seconds for 60 dB once it is let go. */
  readonly release: number;
}

interface Pair {
  readonly step: number;
  readonly swingStep: number;
  readonly fade: number;
  readonly settle: number;
  carrier: number;
  swing: number;
  level: number;
  index: number;
}

/** A note of pairs of sines. */
export class FmVoice extends Voice {
  readonly #pairs: readonly Pair[];
  readonly #note: Note;
  readonly #release: number;
  #age = 0;
  #gate = 1;

  constructor({ pairs, release }: FmSpec, note: Note) {
    super();
    this.#note = note;
    this.#release = 0.001 ** (1 / SAMPLE_RATE / release);
    const loud = 0.2 + 0.8 * note.velocity ** 1.3;
    this.#pairs = pairs.map((pair) => ({
      step: (TABLE * note.hertz * pair.ratio) / SAMPLE_RATE,
      swingStep: (TABLE * Math.min(note.hertz * pair.swing, 0.4 * SAMPLE_RATE)) / SAMPLE_RATE,
      fade: perFrame(pair.decay * (261.63 / note.hertz) ** 0.5),
      settle: perFrame(pair.settling),
      carrier: 0,
      swing: 0,
      level: pair.level * loud * 0.4,
      index:
        (pair.index * (0.35 + 0.65 * note.velocity) * Math.min(1, 1200 / note.hertz) * TABLE) / (2 * Math.PI),
    }));
  }

  protected fill(chunk: Float32Array): boolean {
    let loudest = 0;
    for (const pair of this.#pairs) {
      ring(chunk, pair);
      loudest = Math.max(loudest, pair.level);
    }
    this.#age += CHUNK;
    if (this.#age >= this.#note.gateFrames) {
      for (let frame = 0; frame < CHUNK; frame += 1) {
        this.#gate *= this.#release;
        chunk[frame] = (chunk[frame] ?? 0) * this.#gate;
      }
    }
    return loudest * this.#gate > 5e-5;
  }
}

function ring(chunk: Float32Array, pair: Pair): void {
  let { carrier, swing, level, index } = pair;
  for (let frame = 0; frame < CHUNK; frame += 1) {
    const turned = carrier + index * sine(swing);
    chunk[frame] = (chunk[frame] ?? 0) + level * sine(turned);
    carrier += pair.step;
    swing += pair.swingStep;
    level *= pair.fade;
    index *= pair.settle;
  }
  pair.carrier = carrier % TABLE;
  pair.swing = swing % TABLE;
  pair.level = level;
  pair.index = index;
}

function perFrame(seconds: number): number {
  return 0.001 ** (1 / SAMPLE_RATE / Math.max(0.005, seconds));
}
