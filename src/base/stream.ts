/** Joins byte chunks into one array. */
export function concatBytes(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const total = chunks.reduce((length, chunk) => length + chunk.length, 0);
  const joined = new Uint8Array(total);
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined;
}

/** Reads a byte stream to its end. */
export async function collectBytes(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const collected: Uint8Array[] = [];
  for await (const chunk of chunks) collected.push(chunk);
  return concatBytes(collected);
}

/**
 * Waits for the first item, so that a failure to start surfaces before anything was promised to the caller.
 * The returned stream yields that item again. `close` ends the source, also when nobody ever reads the stream.
 */
export async function primed<T>(
  source: AsyncIterable<T>,
): Promise<{ readonly empty: boolean; readonly stream: AsyncIterable<T>; close(): Promise<void> }> {
  const iterator = source[Symbol.asyncIterator]();
  const close = async () => {
    await iterator.return?.();
  };
  const first = await iterator.next();
  return {
    empty: first.done === true,
    stream: { [Symbol.asyncIterator]: () => replay(first, iterator) },
    close,
  };
}

function replay<T>(first: IteratorResult<T>, iterator: AsyncIterator<T>): AsyncIterator<T> {
  let waiting: IteratorResult<T> | undefined = first;
  return {
    next: () => {
      const replayed = waiting;
      waiting = undefined;
      return replayed ? Promise.resolve(replayed) : iterator.next();
    },
    return: async () => {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
}

/**
 * Runs `onEnd` exactly once when the stream ends, fails or is abandoned, even if nobody ever read from it.
 * `failure` is what the stream threw, if it threw.
 */
export function whenDone<T>(source: AsyncIterable<T>, onEnd: (failure?: unknown) => void): AsyncIterable<T> {
  const iterator = source[Symbol.asyncIterator]();
  let open = true;
  const end = (failure?: unknown) => {
    if (!open) return;
    open = false;
    onEnd(failure);
  };
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        try {
          const result = await iterator.next();
          if (result.done === true) end();
          return result;
        } catch (error) {
          end(error);
          throw error;
        }
      },
      return: async () => {
        try {
          await iterator.return?.();
        } finally {
          end();
        }
        return { done: true, value: undefined };
      },
    }),
  };
}
