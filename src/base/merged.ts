/**
 * The items of several streams, each as soon as it is there. Every stream is asked for its next item before that is
 * wanted, so all of them work at once. The failure of one ends the whole; nobody waits for what the others still do.
 */
export async function* merged<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const ask = async (iterator: AsyncIterator<T>) => ({ iterator, result: await iterator.next() });
  const begin = (iterator: AsyncIterator<T>) => {
    const next = ask(iterator);
    // It may fail when no reader comes for it any more.
    next.catch(() => undefined);
    return next;
  };
  const pending = new Map(iterators.map((iterator) => [iterator, begin(iterator)]));
  try {
    while (pending.size > 0) {
      const { iterator, result } = await Promise.race(pending.values());
      if (result.done === true) {
        pending.delete(iterator);
      } else {
        pending.set(iterator, begin(iterator));
        yield result.value;
      }
    }
  } finally {
    for (const iterator of iterators) iterator.return?.().catch(() => undefined);
  }
}
