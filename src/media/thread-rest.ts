let keptMs = 60_000;

/** Says for how many milliseconds threads of this room are kept without work; `Infinity` keeps them. */
export function keepThreads(milliseconds: number): void {
  keptMs = milliseconds;
}

/** Ends a thread that gets no work for as long as threads are kept. Clearing the timer keeps it. */
export function afterRest(end: () => Promise<unknown>): NodeJS.Timeout | undefined {
  if (!Number.isFinite(keptMs)) return undefined;
  return setTimeout(() => void end(), keptMs).unref();
}
