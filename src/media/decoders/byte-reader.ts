const NOTHING = new Uint8Array(0);

/**
 * Reads a stream of bytes in pieces of the reader's choice. It pulls from the stream only what is asked for and
 * keeps nothing that was taken.
 */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #buffer: Uint8Array = NOTHING;
  #ended = false;
  #position = 0;
  /** How many bytes there are in all, when the whole file is at hand. */
  readonly totalBytes: number | undefined;

  constructor(chunks: AsyncIterable<Uint8Array>, totalBytes?: number) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.totalBytes = totalBytes;
  }

  /** How many bytes were taken or skipped so far. */
  get position(): number {
    return this.#position;
  }

  /** The next bytes without taking them: `count`, or fewer where the stream ends. Valid until the next call. */
  async peek(count: number): Promise<Uint8Array> {
    await this.#fill(count);
    return this.#buffer.subarray(0, count);
  }

  /** Takes `count` bytes, or fewer where the stream ends. */
  async take(count: number): Promise<Uint8Array> {
    await this.#fill(count);
    return this.#advance(Math.min(count, this.#buffer.length));
  }

  /** Takes what is at hand, at least one byte and at most `most`; nothing only at the end. */
  async takeSome(most: number): Promise<Uint8Array> {
    await this.#fill(1);
    return this.#advance(Math.min(most, this.#buffer.length));
  }

  /** Passes over `count` bytes without keeping them and says how many there were. */
  async skip(count: number): Promise<number> {
    let left = count;
    while (left > 0) {
      const { length } = await this.takeSome(left);
      if (length === 0) break;
      left -= length;
    }
    return count - left;
  }

  /** Lets go of the stream. */
  async close(): Promise<void> {
    this.#ended = true;
    this.#buffer = NOTHING;
    await this.#chunks.return?.();
  }

  #advance(count: number): Uint8Array {
    const taken = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    this.#position += count;
    return taken;
  }

  async #fill(count: number): Promise<void> {
    if (this.#buffer.length >= count || this.#ended) return;
    const parts = [this.#buffer];
    let length = this.#buffer.length;
    while (length < count) {
      const next = await this.#chunks.next();
      if (next.done) {
        this.#ended = true;
        break;
      }
      parts.push(next.value);
      length += next.value.length;
    }
    this.#buffer = joined(parts, length);
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const filled = parts.filter((part) => part.length > 0);
  const [first] = filled;
  if (filled.length <= 1) return first ?? NOTHING;
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of filled) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
