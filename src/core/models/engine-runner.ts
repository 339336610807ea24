import { Semaphore } from '../../base/semaphore.ts';
import type { Engine } from '../engine.ts';

/** Requests that may wait for one engine before newcomers are turned away with `overloaded`. */
const MAX_WAITING = 256;

/** Hands out the slots of each engine. */
export interface EngineRunner {
  /** Waits for a slot and returns the function that gives it back. Throws `cancelled` or `overloaded`. */
  acquire(engine: Engine, signal: AbortSignal): Promise<() => void>;
  /** How many requests an engine serves and how many wait for it. */
  load(engine: Engine): { readonly running: number; readonly waiting: number };
}

/** Makes one queue of slots per engine, as many slots as the engine declares. */
export function createEngineRunner(): EngineRunner {
  const slots = new Map<string, Semaphore>();
  const slotsOf = (engine: Engine) => {
    const known = slots.get(engine.id);
    if (known) return known;
    const fresh = new Semaphore(engine.concurrency, MAX_WAITING);
    slots.set(engine.id, fresh);
    return fresh;
  };
  return {
    acquire: (engine, signal) => slotsOf(engine).acquire(signal),
    load: (engine) => ({ running: slotsOf(engine).taken, waiting: slotsOf(engine).waiting }),
  };
}
