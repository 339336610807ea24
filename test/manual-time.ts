import type { Clock } from '../src/core/ports/clock.ts';
import type { Pause } from '../src/core/ports/pause.ts';

/** Time that stands still until a test moves it. */
export interface ManualTime {
  readonly clock: Clock;
  readonly pause: Pause;
  /** Moves on, and ends the pauses that are over by then. */
  advance(milliseconds: number): Promise<void>;
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>;
}

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** Time that begins at a moment. */
export function manualTime(start = 1_000_000): ManualTime {
  let now = start;
  const sleepers = new Set<Sleeper>();
  const settle = async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  };
  return {
    clock: { now: () => now, monotonicMs: () => now },
    pause: (milliseconds, signal) =>
      new Promise((resolve) => {
        const sleeper: Sleeper = {
          until: now + milliseconds,
          wake: () => {
            sleepers.delete(sleeper);
            signal.removeEventListener('abort', sleeper.wake);
            resolve();
          },
        };
        if (signal.aborted) return resolve();
        sleepers.add(sleeper);
        signal.addEventListener('abort', sleeper.wake);
      }),
    settle,
    advance: async (milliseconds) => {
      now += milliseconds;
      for (const sleeper of sleepers) if (sleeper.until <= now) sleeper.wake();
      await settle();
    },
  };
}
