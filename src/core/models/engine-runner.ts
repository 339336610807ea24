import { toAppError } from '../../base/errors.ts';
import { Semaphore } from '../../base/semaphore.ts';
import type { RequestContext } from '../context.ts';
import type { Engine } from '../engine.ts';
import type { Clock } from '../ports/clock.ts';
import { silentTelemetry, type Telemetry } from '../ports/telemetry.ts';
import { silentSpan, type WorkSpan } from '../ports/work-span.ts';
import { isOurFault } from '../usage/usage-record.ts';

/**
 * Requests that may wait for one engine before newcomers are turned away with `overloaded`. One owner may have at most
 * as many as there are places left: half of them when nobody else waits.
 */
const MAX_WAITING = 512;

/** What may be said to somebody who is turned away, in milliseconds; common clients ignore a minute or more. */
const RETRY_AFTER = { least: 1000, most: 59_000 };

/** How much the time of the last request counts against all before it. */
const WEIGHT_OF_LATEST = 0.2;

/** A slot that somebody holds. Calling it gives the slot back (harmless when called twice), and says why nothing came of it. */
export type EngineSlot = ((failure?: unknown) => void) & {
  /** The engine's work, as part of what the caller wants. */
  readonly span: WorkSpan;
};

/** Who wants a slot. */
export type SlotCaller = Pick<RequestContext, 'principal' | 'signal' | 'span'>;

/** The same request, seen from the engine that works at it. */
export function atSlot(context: RequestContext, { span }: Pick<EngineSlot, 'span'>): RequestContext {
  return { ...context, span };
}

/** Hands out the slots of each engine, in turns among the owners that wait. */
export interface EngineRunner {
  /**
   * Waits for a slot and returns the function that gives it back. Throws `cancelled`, or `overloaded` with an estimate
   * of when it would have been the caller's turn.
   */
  acquire(engine: Engine, caller: SlotCaller): Promise<EngineSlot>;
  /** How many requests an engine serves and how many wait for it. */
  load(engine: Engine): { readonly running: number; readonly waiting: number };
}

/** Makes one queue of slots per engine, as many slots as the engine declares. */
export function createEngineRunner(
  clock: Pick<Clock, 'monotonicMs'>,
  telemetry: Telemetry = silentTelemetry,
): EngineRunner {
  // By the engine and not by its id: one that takes another's place has slots of its own.
  const counters = new WeakMap<Engine, Counter>();
  const counterOf = (engine: Engine) => {
    const known = counters.get(engine);
    if (known) return known;
    const fresh = openCounter(engine.concurrency, clock);
    counters.set(engine, fresh);
    return fresh;
  };
  return {
    acquire: async (engine, caller) => {
      const { slots, times } = counterOf(engine);
      const askedAt = clock.monotonicMs();
      const release = await waited(slots, engine, caller);
      const finish = times.start();
      const heldAt = clock.monotonicMs();
      return slotOf({ engine, caller }, (failure) => {
        finish();
        release();
        const took = { waitedMs: heldAt - askedAt, heldMs: clock.monotonicMs() - heldAt };
        telemetry.engineUsed({ engine: engine.id, ...took, ...(failure ? { failure } : {}) });
      });
    },
    load: (engine) => {
      const { slots } = counterOf(engine);
      return { running: slots.taken, waiting: slots.waiting };
    },
  };
}

async function waited(slots: Semaphore, engine: Engine, caller: SlotCaller): Promise<() => void> {
  const waiting = caller.span?.begin('wait for engine', { engine: engine.id });
  try {
    const release = await slots.acquire(caller.principal.id, caller.signal);
    waiting?.end();
    return release;
  } catch (error) {
    waiting?.end(error);
    throw error;
  }
}

/** `end` hears, once, with which error the engine itself failed. */
function slotOf(
  { engine, caller }: { readonly engine: Engine; readonly caller: SlotCaller },
  end: (failure: string | undefined) => void,
): EngineSlot {
  const span = caller.span?.begin('engine', { engine: engine.id }) ?? silentSpan;
  let held = true;
  const release = (failure?: unknown) => {
    if (!held) return;
    held = false;
    span.end(failure);
    const failed = failure !== undefined && !caller.signal.aborted && isOurFault(failure);
    end(failed ? toAppError(failure).code : undefined);
  };
  return Object.assign(release, { span });
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
