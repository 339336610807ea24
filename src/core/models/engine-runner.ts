import { Semaphore } from '../../base/semaphore.ts';
import type { RequestContext } from '../context.ts';
import type { Engine } from '../engine.ts';
import type { Clock } from '../ports/clock.ts';

/**
 * Requests that may wait for one engine before newcomers are turned away with `overloaded`. One owner may have at most
 * as many as there are places left: half of them when nobody else waits.
 */
const MAX_WAITING = 512;

/** What may be said to somebody who is turned away, in milliseconds; common clients ignore a minute or more. */
const RETRY_AFTER = { least: 1000, most: 59_000 };

/** How much the time of the last request counts against all before it. */
const WEIGHT_OF_LATEST = 0.2;

/** Hands out the slots of each engine, in turns among the owners that wait. */
export interface EngineRunner {
  /**
   * Waits for a slot and returns the function that gives it back. Throws `cancelled`, or `overloaded` with an estimate
   * of when it would have been the caller's turn.
   */
  acquire(engine: Engine, caller: Pick<RequestContext, 'principal' | 'signal'>): Promise<() => void>;
  /** How many requests an engine serves and how many wait for it. */
  load(engine: Engine): { readonly running: number; readonly waiting: number };
}

/** Makes one queue of slots per engine, as many slots as the engine declares. */
export function createEngineRunner(clock: Pick<Clock, 'monotonicMs'>): EngineRunner {
  const counters = new Map<string, Counter>();
  const counterOf = (engine: Engine) => {
    const known = counters.get(engine.id);
    if (known) return known;
    const fresh = openCounter(engine.concurrency, clock);
    counters.set(engine.id, fresh);
    return fresh;
  };
  return {
    acquire: async (engine, { principal, signal }) => {
      const { slots, times } = counterOf(engine);
      const release = await slots.acquire(principal.id, signal);
      const finish = times.start();
      return () => {
        finish();
        release();
      };
    },
    load: (engine) => {
      const { slots } = counterOf(engine);
      return { running: slots.taken, waiting: slots.waiting };
    },
  };
}

/** The slots of one engine, and how long requests keep them. */
interface Counter {
  readonly slots: Semaphore;
  readonly times: ServiceTimes;
}

function openCounter(concurrency: number, clock: Pick<Clock, 'monotonicMs'>): Counter {
  const times = watchServiceTimes(clock);
  const retryAfterMs = (ahead: number) => {
    const estimate = ((ahead + 1) * times.usualMs()) / concurrency;
    return Math.min(RETRY_AFTER.most, Math.max(RETRY_AFTER.least, Math.round(estimate)));
  };
  return { slots: new Semaphore({ slots: concurrency, maxWaiting: MAX_WAITING, retryAfterMs }), times };
}

interface ServiceTimes {
  /** Begins to measure; what it returns ends that (harmless when called twice). */
  start(): () => void;
  /** A moving average; until anything has ended, how long the oldest that runs has taken so far. */
  usualMs(): number;
}

function watchServiceTimes(clock: Pick<Clock, 'monotonicMs'>): ServiceTimes {
  const running = new Set<{ readonly since: number }>();
  let average: number | undefined;
  return {
    start: () => {
      const request = { since: clock.monotonicMs() };
      running.add(request);
      return () => {
        if (!running.delete(request)) return;
        const took = clock.monotonicMs() - request.since;
        average = average === undefined ? took : average + WEIGHT_OF_LATEST * (took - average);
      };
    },
    usualMs: () => {
      if (average !== undefined) return average;
      const [oldest] = running;
      return oldest ? clock.monotonicMs() - oldest.since : 0;
    },
  };
}
