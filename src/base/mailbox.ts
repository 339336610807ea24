/** A line of items that one side fills and another empties in order; who comes to an empty one waits. */
export class Mailbox<T> {
  #items: T[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  /** How many items nobody has fetched yet. */
  get size(): number {
    return this.#items.length;
  }

  /** Whether nothing will be added any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether somebody waits for the next item. */
  get isAwaited(): boolean {
    return this.#wake !== undefined;
  }

  /** Adds an item. After the end it is dropped. */
  put(item: T): void {
    if (this.#ended) return;
    this.#items.push(item);
    this.#wakeReader();
  }

  /** Nothing comes any more; what is there can still be fetched. */
  end(): void {
    this.#ended = true;
    this.#wakeReader();
  }

  /** Nothing comes any more, and of what is there only the first so many can still be fetched. */
  endAfter(count: number): void {
    this.#items = this.#items.slice(0, count);
    this.end();
  }

  /** The next item, as soon as there is one; undefined at the end. Only one reader may wait at a time. */
  async next(): Promise<T | undefined> {
    while (this.#items.length === 0 && !this.#ended) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    return this.#items.shift();
  }

  #wakeReader(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
