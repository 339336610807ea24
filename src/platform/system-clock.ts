import { performance } from 'node:perf_hooks';
import type { Clock } from '../core/ports/clock.ts';

/** The machine's own clock, for as long as the process lives. */
export const systemClock: Clock = createSteadyClock({
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
});

/** While the machine's clock is behind, ours goes at this share of its pace. */
const PACE_WHILE_AHEAD = 0.5;

/**
 * A clock that follows another but never goes back: where that one is set back, this one goes on at half its pace until
 * the two agree again. What was written down to be done now would otherwise wait until now comes again.
 */
export function createSteadyClock(machine: Clock): Clock {
  let told = machine.now();
  let toldAt = machine.monotonicMs();
  return {
    monotonicMs: () => machine.monotonicMs(),
    now: () => {
      const at = machine.monotonicMs();
      told = Math.max(machine.now(), told + (at - toldAt) * PACE_WHILE_AHEAD);
      toldAt = at;
      return Math.floor(told);
    },
  };
}
