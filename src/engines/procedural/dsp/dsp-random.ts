/**
 * Random numbers that come again with the same seed: xoshiro128** (Blackman and Vigna, 2018), its state filled from the
 * seed and the names of a stream. Streams with different names know nothing of one another.
 */
export class Random {
  readonly #seed: number;
  readonly #stream: string;
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  #spareNormal: number | undefined;

  /** `seed` is 0 to 2^53 - 1. */
  constructor(seed: number, ...stream: readonly (string | number)[]) {
    this.#seed = seed;
    this.#stream = stream.join('/');
    let state = (Math.floor(seed / 2 ** 32) ^ hash(this.#stream)) >>> 0;
    const low = seed >>> 0;
    const fill = () => {
      state = (state + 0x9e3779b9) | 0;
      return mix(mix(state) ^ low);
    };
    this.#a = fill();
    this.#b = fill();
    this.#c = fill();
    this.#d = fill() | 1;
  }

  /** Another stream of the same seed. It does not depend on how far this one was read. */
  fork(...stream: readonly (string | number)[]): Random {
    return new Random(this.#seed, this.#stream, ...stream);
  }

  /** A whole number, 0 to 2^32 - 1. */
  bits(): number {
    const scrambled = Math.imul(this.#b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** 0 to 1, 1 excluded. */
  unit(): number {
    return this.bits() / 4294967296;
  }

  /** -1 to 1, 1 excluded. */
  signed(): number {
    return this.bits() / 2147483648 - 1;
  }

  between(least: number, most: number): number {
    return least + (most - least) * this.unit();
  }

  /** Between two positive numbers, each octave as likely as the next. */
  betweenOctaves(least: number, most: number): number {
    return least * (most / least) ** this.unit();
  }

  /** A whole number, 0 to `count - 1`. */
  below(count: number): number {
    return Math.floor(this.unit() * count);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** Normally distributed: mean 0, standard deviation 1 (Box and Muller). */
  normal(): number {
    const spare = this.#spareNormal;
    this.#spareNormal = undefined;
    if (spare !== undefined) return spare;
    const radius = Math.sqrt(-2 * Math.log(1 - this.unit()));
    const angle = 2 * Math.PI * this.unit();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Seconds to the next of events that come at random, `perSecond` of them on average. */
  waiting(perSecond: number): number {
    return -Math.log(1 - this.unit()) / perSecond;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}

/** The finalizer of MurmurHash3: every bit of the input changes half of the output. */
function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) | 0;
}
