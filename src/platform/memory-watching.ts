import { performance } from 'node:perf_hooks';
import type { Logger } from '../core/ports/logger.ts';
import type { MemoryWatch } from '../core/ports/memory-watch.ts';
import type { MemoryReading } from './memory-reading.ts';

/** What a watch goes by. */
export interface MemoryWatchParts {
  readonly read: () => readonly MemoryReading[];
  /** From which share on memory counts as short, in percent; asked each time, and 100 is never. */
  readonly percent: () => number;
  readonly log: Logger;
  readonly monotonicMs?: () => number;
}

/** How long a reading counts, in milliseconds. */
const FRESH_MS = 100;

/** How often a shortage is logged at most, in milliseconds. */
const LOG_MS = 60_000;

/** Looks whenever somebody asks, but not at every request of a flood. */
export function createMemoryWatch(parts: MemoryWatchParts): MemoryWatch {
  const { read, percent, log, monotonicMs = () => performance.now() } = parts;
  let short = false;
  let readAt = -Infinity;
  let loggedAt = -Infinity;
  return {
    isShort: () => {
      const now = monotonicMs();
      if (percent() >= 100) return false;
      if (now - readAt < FRESH_MS) return short;
      readAt = now;
      const tight = read().find(({ usedBytes, limitBytes }) => usedBytes * 100 >= limitBytes * percent());
      short = tight !== undefined;
      if (tight && now - loggedAt >= LOG_MS) {
        loggedAt = now;
        log.warn({ ...tight }, 'memory-short');
      }
      return short;
    },
  };
}
