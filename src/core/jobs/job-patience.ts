import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Pause } from '../ports/pause.ts';

/** What it takes to try something again. */
export interface PatienceParts {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly pause: Pause;
  readonly log: Logger;
  /** Fires when there is little time left: the process ends. */
  readonly hurry: AbortSignal;
}

/** The first wait, and the longest, each being twice the one before; in milliseconds. */
const WAITS = { first: 250, longest: 5000 };

/** How long it is tried, and how long once the process ends: the store may be away for a while, but not for ever. */
const PATIENCE_MS = 15 * 60 * 1000;
const HURRIED_MS = 3000;

/** Does something until it works once; throws what it threw last when patience is at its end. */
export async function patiently<T>(act: () => Promise<T>, parts: PatienceParts): Promise<T> {
  const { clock, pause, log, hurry } = parts;
  const begunAt = clock.monotonicMs();
  let hurriedAt: number | undefined;
  for (let waitMs = WAITS.first; ; waitMs = Math.min(WAITS.longest, waitMs * 2)) {
    try {
      return await act();
    } catch (error) {
      const now = clock.monotonicMs();
      if (hurry.aborted) hurriedAt ??= now;
      const isOver =
        now - begunAt >= PATIENCE_MS || (hurriedAt !== undefined && now - hurriedAt >= HURRIED_MS);
      if (isOver) throw error;
      log.warn({ error, waitMs }, 'job-store-away');
    }
    // A hurry ends the pause once; after that the pauses are short ones of their own.
    if (hurry.aborted) await pause(WAITS.first, new AbortController().signal);
    else await pause(waitMs, hurry);
  }
}
