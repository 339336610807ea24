/**
 * Messages that one side pushes and the other pulls; what was pushed too early waits. An error that nobody
 * reads harms nobody.
 */
export class MessageStream<Message> implements AsyncIterableIterator<Message> {
  readonly #buffered: Message[] = [];
  readonly #listeners: (() => void)[] = [];
  #closed = false;
  #failure: Error | undefined;
  #changed: PromiseWithResolvers<void> | undefined;

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Message, undefined>> {
    while (true) {
      const [message] = this.#buffered.splice(0, 1);
      if (message !== undefined) return { done: false, value: message };
      if (this.#closed) return this.#finish();
      this.#changed ??= Promise.withResolvers<void>();
      await this.#changed.promise;
    }
  }

  /** Leaves the stream. Works while a `next` is pending and before the first one, as a generator's would not. */
  return(): Promise<IteratorResult<Message, undefined>> {
    this.#buffered.length = 0;
    this.#failure = undefined;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  push(message: Message): void {
    if (this.#closed) return;
    this.#buffered.push(message);
    this.#notify();
  }

  /** No more messages: the reader gets what waits, then the end. */
  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const listener of this.#listeners.splice(0)) listener();
    this.#notify();
  }

  /** The reader gets the error at its next pull; what waits is dropped. */
  fail(error: Error): void {
    if (this.#closed) return;
    this.#failure = error;
    this.#buffered.length = 0;
    this.end();
  }

  /** Adds something to do once, when the stream ends, fails or is left by its reader. */
  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#listeners.push(listener);
  }

  #finish(): IteratorResult<Message, undefined> {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure;
    return { done: true, value: undefined };
  }

  #notify(): void {
    this.#changed?.resolve();
    this.#changed = undefined;
  }
}
