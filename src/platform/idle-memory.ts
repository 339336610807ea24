import { performance, type EventLoopUtilization } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Logger } from '../core/ports/logger.ts';

/** What giving memory back goes by. */
export interface IdleMemoryParts {
  /** For how long there must have been nothing to do, in milliseconds. */
  readonly restMs: number;
  readonly log: Pick<Logger, 'debug'>;
  /** The share of the time since the last call in which there was something to do. */
  readonly busyShare?: () => number;
  /** How many bytes are in use; collecting takes the longer the more there are. */
  readonly usedBytes?: () => number;
  readonly collect?: () => Promise<void>;
}

/** Watches for times without work. */
export interface IdleMemory {
  /** Looks, and gives memory back when it is time. To be called every `LOOK_MS`. */
  look(): Promise<void>;
}

/** How often it is looked whether there is something to do, in milliseconds. */
export const LOOK_MS = 5000;

/** What a server without callers does for itself stays far below this. */
const MOST_BUSY_SHARE = 0.02;

/** With more than this in use, nobody should wait for it to be searched: a second, perhaps. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Gives the system what a burst of work leaves behind: V8 keeps its nursery and half-empty pages in case there is more
 * of it. Nothing is collected twice for the same burst.
 */
export function createIdleMemory(parts: IdleMemoryParts): IdleMemory {
  const {
    restMs,
    log,
    busyShare = eventLoopShare(),
    usedBytes = heapBytes,
    collect = collectGarbage,
  } = parts;
  let quietMs = 0;
  let isDirty = true;
  return {
    look: async () => {
      if (busyShare() > MOST_BUSY_SHARE) {
        quietMs = 0;
        isDirty = true;
        return;
      }
      quietMs += LOOK_MS;
      if (!isDirty || quietMs < restMs || usedBytes() > MOST_BYTES) return;
      isDirty = false;
      const before = process.memoryUsage.rss();
      await collect();
      // What it took is not taken for work.
      busyShare();
      log.debug({ beforeBytes: before, afterBytes: process.memoryUsage.rss() }, 'memory-given-back');
    },
  };
}

function eventLoopShare(): () => number {
  let last: EventLoopUtilization | undefined;
  return () => {
    const now = performance.eventLoopUtilization();
    const share = last ? performance.eventLoopUtilization(now, last).utilization : 1;
    last = now;
    return share;
  };
}

function heapBytes(): number {
  return getHeapStatistics().used_heap_size;
}

/** The inspector's way is the only one that needs no flag at the start. Nothing listens: the session is this thread's own. */
async function collectGarbage(): Promise<void> {
  const { Session } = await import('node:inspector/promises');
  const session = new Session();
  session.connect();
  try {
    await session.post('HeapProfiler.collectGarbage');
  } finally {
    session.disconnect();
  }
}
