/**
 * The same items, each made while the reader is still busy with the one before. Nothing is made before the first is
 * asked for. An error reaches the reader in its place. Leaving waits until what is being made has been let go of.
 */
export async function* readAhead<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const begin = (): Promise<IteratorResult<T>> => {
    const next = iterator.next();
    // It may fail long before the reader comes for it, or when no reader comes any more.
    next.catch(() => undefined);
    return next;
  };
  try {
    let next = begin();
    for (;;) {
      const { done, value } = await next;
      if (done === true) return;
      next = begin();
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}
