/** Longest code that fits beside the bits that wait for a whole byte. */
const SHORT_CODE_BITS = 24;

/** A signed number as one that is not: 0, -1, 1, -2, 2 … become 0, 1, 2, 3, 4 … */
export function fold(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Collects bits, the most significant first, into a growing array of bytes. */
export class BitWriter {
  #bytes = new Uint8Array(4_096);
  #length = 0;
  #pending = 0;
  #pendingBits = 0;

  /** Appends the lowest `count` (0 to 32) bits of a whole number; higher ones are dropped. */
  write(value: number, count: number): void {
    if (count > 16) {
      this.write(value >>> 16, count - 16);
      this.write(value, 16);
      return;
    }
    // At most 7 bits are pending here, so that 23 are the most that this number ever holds.
    this.#pending = (this.#pending << count) | (value & ((1 << count) - 1));
    this.#pendingBits += count;
    while (this.#pendingBits >= 8) {
      this.#pendingBits -= 8;
      this.#push(this.#pending >>> this.#pendingBits);
    }
    this.#pending &= (1 << this.#pendingBits) - 1;
  }

  /** Appends so many zeros and a one. */
  writeUnary(zeros: number): void {
    let left = zeros;
    for (; left >= 16; left -= 16) this.write(0, 16);
    this.write(1, left + 1);
  }

  /** Appends Rice codes of some values: of each folded what is above `parameter` bits in unary, and those bits. */
  writeRice(values: Int32Array, parameter: number, { start, end }: Range): void {
    this.#reserve((end - start) * (SHORT_CODE_BITS / 8) + 1);
    const mask = (1 << parameter) - 1;
    const stop = 1 << parameter;
    let bytes = this.#bytes;
    let length = this.#length;
    let pending = this.#pending;
    let bits = this.#pendingBits;
    for (let index = start; index < end; index += 1) {
      const folded = fold(values[index] ?? 0);
      const codeBits = (folded >>> parameter) + 1 + parameter;
      if (codeBits > SHORT_CODE_BITS) {
        this.#resume(length, pending, bits);
        this.writeUnary(folded >>> parameter);
        this.write(folded, parameter);
        this.#reserve((end - index) * (SHORT_CODE_BITS / 8) + 1);
        bytes = this.#bytes;
        length = this.#length;
        pending = this.#pending;
        bits = this.#pendingBits;
        continue;
      }
      pending = (pending << codeBits) | stop | (folded & mask);
      for (bits += codeBits; bits >= 8; length += 1) {
        bits -= 8;
        bytes[length] = pending >>> bits;
      }
      pending &= (1 << bits) - 1;
    }
    this.#resume(length, pending, bits);
  }

  /** Appends zeros up to the next whole byte. */
  align(): void {
    if (this.#pendingBits > 0) this.write(0, 8 - this.#pendingBits);
  }

  /** Forgets everything that was written. */
  clear(): void {
    this.#resume(0, 0, 0);
  }

  /** The whole bytes so far, until the next one is written. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A copy of the whole bytes so far. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #resume(length: number, pending: number, pendingBits: number): void {
    this.#length = length;
    this.#pending = pending;
    this.#pendingBits = pendingBits;
  }

  #push(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
