import { setTimeout } from 'node:timers/promises';

/**
 * Waits for a promise, but not for ever: undefined means that it took longer than so many milliseconds. The promise
 * goes on all the same, and when it fails later nobody needs to hear it.
 */
export async function withinTime<T>(
  promise: Promise<T>,
  milliseconds: number,
): Promise<{ readonly value: T } | undefined> {
  const timer = new AbortController();
  const timeUp = setTimeout(milliseconds, undefined, { signal: timer.signal, ref: false });
  try {
    return await Promise.race([promise.then((value) => ({ value })), timeUp]);
  } finally {
    timer.abort();
  }
}

/** What is sent while there is nothing to send, and after how long. */
export interface Heartbeat {
  readonly everyMs: number;
  readonly beat: string;
}

/** Passes lines on, and sends a heartbeat whenever none came for a while, so that no proxy takes the line for dead. */
export async function* withHeartbeats(
  lines: AsyncIterable<string>,
  { everyMs, beat }: Heartbeat,
): AsyncGenerator<string> {
  const iterator = lines[Symbol.asyncIterator]();
  try {
    let next = iterator.next();
    for (;;) {
      const arrived = await withinTime(next, everyMs);
      if (arrived?.value.done) return;
      yield arrived ? arrived.value.value : beat;
      if (arrived) next = iterator.next();
    }
  } finally {
    await iterator.return?.();
  }
}
