import { OnePole, OnePoleHighpass } from './dsp-filters.ts';
import { SAMPLE_RATE, type StereoBlock, type StereoEffect } from '../sound-source.ts';

/** A room as it is heard. */
export interface Room {
  /** Time for 60 dB in the middle of the spectrum. */
  readonly decaySeconds: number;
  /** 1 is a hall; it scales the delays. */
  readonly size: number;
  /** Where the air and the walls begin to swallow, in hertz. */
  readonly dampingHertz: number;
  /** Time before the first reflection. */
  readonly preDelaySeconds?: number;
  /** What it takes away below, in hertz. */
  readonly lowHertz?: number;
}

/** Seconds of the eight delays of a room of size 1: no two share a factor in frames, so no note stands out. */
const DELAYS = [0.0297, 0.0371, 0.0411, 0.0437, 0.0527, 0.0593, 0.0671, 0.0731] as const;
const DIFFUSERS = [0.0047, 0.0036, 0.0127, 0.0093] as const;

/**
 * A feedback delay network of eight lines, mixed by a Householder matrix (Jot, 1991) behind four allpasses: a room
 * without convolution. Gives only the reflections, not the sound itself.
 */
export class Reverb implements StereoEffect {
  readonly #lines: readonly ReverbLine[];
  readonly #left: Diffusion;
  readonly #right: Diffusion;
  readonly #outputs = new Float64Array(DELAYS.length);

  constructor(room: Room) {
    this.#lines = DELAYS.map((seconds) => new ReverbLine(seconds * room.size, room));
    this.#left = new Diffusion(room, 1);
    this.#right = new Diffusion(room, 1.07);
  }

  process({ left, right }: StereoBlock): void {
    for (let frame = 0; frame < left.length; frame += 1) {
      const inLeft = this.#left.tick(left[frame] ?? 0);
      const inRight = this.#right.tick(right[frame] ?? 0);
      this.#turn(inLeft, inRight);
      left[frame] = this.#output(0);
      right[frame] = this.#output(1);
    }
  }

  /** Every second line, with alternating signs: the two sums have little in common. */
  #output(first: number): number {
    const outputs = this.#outputs;
    const [near, far] = [
      (outputs[first] ?? 0) - (outputs[first + 2] ?? 0),
      (outputs[first + 4] ?? 0) - (outputs[first + 6] ?? 0),
    ];
    return (near + far) * 0.5;
  }

  /** Reads all lines, and gives each what the others held and what is new. */
  #turn(left: number, right: number): void {
    const lines = this.#lines;
    const outputs = this.#outputs;
    let sum = 0;
    for (let index = 0; index < lines.length; index += 1) {
      const out = lines[index]?.read() ?? 0;
      outputs[index] = out;
      sum += out;
    }
    sum *= -2 / lines.length;
    for (let index = 0; index < lines.length; index += 1) {
      lines[index]?.write((outputs[index] ?? 0) + sum + (index % 2 === 0 ? left : right));
    }
  }
}

class ReverbLine {
  readonly #buffer: Float32Array;
  readonly #feedback: number;
  readonly #damping: OnePole;
  #place = 0;

  constructor(seconds: number, room: Room) {
    const frames = Math.max(8, Math.round(seconds * SAMPLE_RATE) | 1);
    this.#buffer = new Float32Array(frames);
    this.#feedback = 0.001 ** (frames / SAMPLE_RATE / room.decaySeconds);
    this.#damping = new OnePole(room.dampingHertz);
  }

  read(): number {
    return this.#buffer[this.#place] ?? 0;
  }

  write(sample: number): void {
    this.#buffer[this.#place] = this.#damping.tick(sample) * this.#feedback;
    this.#place = this.#place + 1 === this.#buffer.length ? 0 : this.#place + 1;
  }
}

/** What a sound goes through before it meets the walls: a wait, and allpasses that blur it. */
class Diffusion {
  readonly #wait: Delay;
  readonly #low: OnePoleHighpass;
  readonly #allpasses: readonly Allpass[];

  constructor(room: Room, stretch: number) {
    this.#wait = new Delay((room.preDelaySeconds ?? 0.005) * stretch);
    this.#low = new OnePoleHighpass(room.lowHertz ?? 40);
    this.#allpasses = DIFFUSERS.map((seconds) => new Allpass(seconds * stretch * Math.max(0.3, room.size)));
  }

  tick(sample: number): number {
    let passed = this.#low.tick(this.#wait.tick(sample));
    for (let index = 0; index < this.#allpasses.length; index += 1) {
      passed = this.#allpasses[index]?.tick(passed) ?? passed;
    }
    return passed;
  }
}

class Allpass {
  readonly #buffer: Float32Array;
  #place = 0;

  constructor(seconds: number) {
    this.#buffer = new Float32Array(Math.max(4, Math.round(seconds * SAMPLE_RATE)));
  }

  tick(sample: number): number {
    const held = this.#buffer[this.#place] ?? 0;
    const into = sample + 0.6 * held;
    this.#buffer[this.#place] = into;
    this.#place = this.#place + 1 === this.#buffer.length ? 0 : this.#place + 1;
    return held - 0.6 * into;
  }
}

/** One channel, later by a fixed time. */
export class Delay {
  readonly #buffer: Float32Array;
  #place = 0;

  constructor(seconds: number) {
    this.#buffer = new Float32Array(Math.max(1, Math.round(seconds * SAMPLE_RATE)));
  }

  tick(sample: number): number {
    const held = this.#buffer[this.#place] ?? 0;
    this.#buffer[this.#place] = sample;
    this.#place = this.#place + 1 === this.#buffer.length ? 0 : this.#place + 1;
    return held;
  }
}

/** Rooms by name. */
export const ROOMS = {
  room: { decaySeconds: 0.45, size: 0.35, dampingHertz: 6000, preDelaySeconds: 0.004 },
  hall: { decaySeconds: 2.2, size: 1, dampingHertz: 5500, preDelaySeconds: 0.018 },
  church: { decaySeconds: 4.5, size: 1.6, dampingHertz: 4000, preDelaySeconds: 0.03 },
  cave: { decaySeconds: 3.6, size: 1.5, dampingHertz: 2600, preDelaySeconds: 0.045 },
  tunnel: { decaySeconds: 2.8, size: 0.9, dampingHertz: 3200, preDelaySeconds: 0.02 },
  bathroom: { decaySeconds: 0.9, size: 0.28, dampingHertz: 9000, preDelaySeconds: 0.002 },
  outdoors: { decaySeconds: 0.8, size: 2.2, dampingHertz: 2200, preDelaySeconds: 0.06 },
  plate: { decaySeconds: 1.4, size: 0.5, dampingHertz: 9000, preDelaySeconds: 0.002 },
} as const satisfies Readonly<Record<string, Room>>;
