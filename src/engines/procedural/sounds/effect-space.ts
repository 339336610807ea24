import { Biquad, type Filter, FilterChain, OnePole } from '../dsp/dsp-filters.ts';
import { Reverb, type Room } from '../dsp/dsp-reverb.ts';
import { panLevels } from '../dsp/dsp-stereo.ts';
import { smoothStep } from '../dsp/dsp-envelopes.ts';
import { QUANTUM, SAMPLE_RATE, type StereoBlock, stereoBlock } from '../sound-source.ts';

/** What is between a sound and the ear. */
export type Veil = 'wall' | 'underwater' | 'telephone';

/** How a sound moves while it is heard. */
export type Motion = 'left-to-right' | 'right-to-left' | 'circling' | 'approaching' | 'leaving';

/** Where a sound is. */
export interface Place {
  /** 0 (at the ear) to 1 (at the horizon). */
  readonly distance: number;
  /** -1 (left) to 1 (right). */
  readonly side: number;
  readonly motion: Motion | undefined;
  readonly room: Room | undefined;
  /** How much of the room is heard, 1 = usual. */
  readonly wetness: number;
  readonly veil: Veil | undefined;
  /** When it is heard, in seconds of the piece. */
  readonly from: number;
  readonly to: number;
  /** Whether something else is heard after it, to which it gives way. */
  readonly givesWay: boolean;
}

/** The reflections of open country, for what is far away and in no room. */
const OPEN: Room = { decaySeconds: 1.1, size: 2.2, dampingHertz: 1800, preDelaySeconds: 0.05 };

/** Seconds in which one sound gives way to the next. */
const GIVING_WAY_SECONDS = 0.35;

/** Puts what was made dry at its place: air, walls, room, side. Works in place, one quantum at a time. */
export class Staging {
  readonly #place: Place;
  readonly #filters: readonly [Filter, Filter] | undefined;
  readonly #reverb: Reverb | undefined;
  readonly #wet: number;
  readonly #dry: number;
  readonly #sent = stereoBlock();
  #last: Mix | undefined;

  constructor(place: Place) {
    const { distance, veil, wetness } = place;
    this.#place = place;
    this.#filters = distance > 0 || veil ? [filterFor(place), filterFor(place)] : undefined;
    const room = place.room ?? (distance > 0.25 ? OPEN : undefined);
    this.#reverb = room && wetness > 0 ? new Reverb(room) : undefined;
    this.#wet = (0.22 + 0.4 * distance) * wetness * (place.room ? 1.3 : 0.7);
    this.#dry = 1 - 0.45 * distance;
  }

  process(block: StereoBlock, frame: number): void {
    const { left, right } = block;
    if (this.#filters) {
      for (let index = 0; index < QUANTUM; index += 1) {
        left[index] = this.#filters[0].tick(left[index] ?? 0);
        right[index] = this.#filters[1].tick(right[index] ?? 0);
      }
    }
    this.#move(block, (frame + QUANTUM) / SAMPLE_RATE);
    if (!this.#reverb) return;
    this.#sent.left.set(left);
    this.#sent.right.set(right);
    this.#reverb.process(this.#sent);
    for (let index = 0; index < QUANTUM; index += 1) {
      left[index] = (left[index] ?? 0) * this.#dry + (this.#sent.left[index] ?? 0) * this.#wet;
      right[index] = (right[index] ?? 0) * this.#dry + (this.#sent.right[index] ?? 0) * this.#wet;
    }
  }

  #move({ left, right }: StereoBlock, seconds: number): void {
    const next = mixAt(this.#place, seconds);
    const from = this.#last ?? next;
    this.#last = next;
    if (next.own === 1 && next.level === 1 && from.own === 1 && from.level === 1) return;
    for (let index = 0; index < QUANTUM; index += 1) {
      const part = index / QUANTUM;
      const own = from.own + (next.own - from.own) * part;
      const [a, b] = [left[index] ?? 0, right[index] ?? 0];
      const middle = ((a + b) / 2) * (1 - own);
      left[index] =
        a * own * glide(from.level, next.level, part) + middle * glide(from.left, next.left, part);
      right[index] =
        b * own * glide(from.level, next.level, part) + middle * glide(from.right, next.right, part);
    }
  }
}

/** How two channels become two: `own` is the part of each that stays where it is, the rest goes to one place. */
interface Mix {
  readonly own: number;
  readonly level: number;
  readonly left: number;
  readonly right: number;
}

function glide(from: number, to: number, part: number): number {
  return from + (to - from) * part;
}

function mixAt(place: Place, seconds: number): Mix {
  const level = levelAt(place, seconds);
  const side = sideAt(place, seconds);
  const moving =
    place.motion === 'left-to-right' || place.motion === 'right-to-left' || place.motion === 'circling';
  const own = moving ? 0.1 : 1 - Math.min(0.95, Math.abs(side) * 1.1);
  const pan = panLevels(side);
  return { own, level, left: pan.left * level, right: pan.right * level };
}

function sideAt({ motion, side, from, to }: Place, seconds: number): number {
  const way = Math.min(1, Math.max(0, (seconds - from) / Math.max(0.1, to - from)));
  if (motion === 'left-to-right') return -0.95 + 1.9 * way;
  if (motion === 'right-to-left') return 0.95 - 1.9 * way;
  if (motion === 'circling')
    return 0.95 * Math.sin((2 * Math.PI * seconds) / Math.min(6, Math.max(2, to - from)));
  return side;
}

function levelAt({ motion, from, to, givesWay }: Place, seconds: number): number {
  const way = Math.min(1, Math.max(0, (seconds - from) / Math.max(0.1, to - from)));
  const moved =
    motion === 'approaching' ? 0.06 * 16 ** way : motion === 'leaving' ? 0.06 * 16 ** (1 - way) : 1;
  const entered = from > 0 ? smoothStep(seconds, from, from + 0.02) : 1;
  const left = givesWay ? 1 - smoothStep(seconds, to - GIVING_WAY_SECONDS, to) : 1;
  return moved * entered * left;
}

function filterFor({ distance, veil }: Place): Filter {
  const filters: Filter[] = [];
  if (distance > 0) {
    const hertz = 16_000 * (700 / 16_000) ** distance;
    filters.push(new OnePole(hertz), new OnePole(hertz * 1.6));
  }
  if (veil === 'wall') {
    filters.push(
      new Biquad({ kind: 'lowpass', hertz: 420 }),
      new Biquad({ kind: 'peak', hertz: 130, q: 1.5, decibels: 5 }),
    );
  } else if (veil === 'underwater') {
    filters.push(
      new Biquad({ kind: 'lowpass', hertz: 480, q: 1.1 }),
      new Biquad({ kind: 'lowpass', hertz: 900 }),
      new Biquad({ kind: 'peak', hertz: 260, q: 2, decibels: 5 }),
    );
  } else if (veil === 'telephone') {
    const band = { q: 0.9 } as const;
    filters.push(
      new Biquad({ kind: 'highpass', hertz: 420, ...band }),
      new Biquad({ kind: 'lowpass', hertz: 3100, ...band }),
      new Biquad({ kind: 'peak', hertz: 1700, q: 1.2, decibels: 6 }),
    );
  }
  return new FilterChain(...filters);
}
