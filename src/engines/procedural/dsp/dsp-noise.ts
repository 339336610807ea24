import type { Random } from './dsp-random.ts';
import { SAMPLE_RATE } from '../sound-source.ts';

/** How the power of a noise falls towards high notes: not at all, 3 dB or 6 dB per octave. */
export type NoiseColour = 'white' | 'pink' | 'brown';

/** A noise, about -1 to 1, with a root mean square near 0.3 whatever its colour. */
export class Noise {
  readonly #random: Random;
  readonly #shape: (white: number) => number;

  constructor(random: Random, colour: NoiseColour = 'white') {
    this.#random = random;
    this.#shape =
      colour === 'white' ? (white) => white * 0.52 : colour === 'pink' ? pinkShape() : brownShape();
  }

  tick(): number {
    return this.#shape(this.#random.signed());
  }
}

/** Paul Kellet's filter: within 0.05 dB of a true 3 dB per octave above 10 Hz. */
function pinkShape(): (white: number) => number {
  let [b0, b1, b2, b3, b4, b5, b6] = [0, 0, 0, 0, 0, 0, 0];
  return (white) => {
    b0 = 0.99886 * b0 + white * 0.0555179;
    b1 = 0.99332 * b1 + white * 0.0750759;
    b2 = 0.969 * b2 + white * 0.153852;
    b3 = 0.8665 * b3 + white * 0.3104856;
    b4 = 0.55 * b4 + white * 0.5329522;
    b5 = -0.7616 * b5 - white * 0.016898;
    const pink = b0 + b1 + b2 + b3 + b4 + b5 + b6 + white * 0.5362;
    b6 = white * 0.115926;
    return pink * 0.168;
  };
}

/** A leaky sum, so that it never drifts away. */
function brownShape(): (white: number) => number {
  const pole = Math.exp((-2 * Math.PI * 12) / SAMPLE_RATE);
  let sum = 0;
  return (white) => {
    sum = pole * sum + white;
    return sum * 0.03;
  };
}

/**
 * A slow wandering between 0 and 1 that has no period: cubic curves through random points, `hertz` of them a second.
 * It is a function of time, so it may be asked anywhere.
 */
export class Drift {
  readonly #random: Random;
  readonly #hertz: number;
  #cell = Number.NaN;
  #points: readonly [number, number, number, number] = [0, 0, 0, 0];

  constructor(random: Random, hertz: number) {
    this.#random = random;
    this.#hertz = hertz;
  }

  at(seconds: number): number {
    const place = seconds * this.#hertz;
    const cell = Math.floor(place);
    if (cell !== this.#cell) this.#enter(cell);
    const [p0, p1, p2, p3] = this.#points;
    const x = place - cell;
    const curve =
      p1 + 0.5 * x * (p2 - p0 + x * (2 * p0 - 5 * p1 + 4 * p2 - p3 + x * (3 * (p1 - p2) + p3 - p0)));
    return Math.min(1, Math.max(0, curve));
  }

  #enter(cell: number): void {
    const point = (index: number) => this.#random.fork(index).unit();
    const [, p1, p2, p3] = this.#points;
    this.#points =
      cell === this.#cell + 1
        ? [p1, p2, p3, point(cell + 2)]
        : [point(cell - 1), point(cell), point(cell + 1), point(cell + 2)];
    this.#cell = cell;
  }
}
