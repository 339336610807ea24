import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { UsageStore } from '../ports/usage-store.ts';
import { DAY_MS, dayOf } from './usage-days.ts';

/** What it takes to forget old figures. */
export interface UsageSweepParts {
  readonly store: Pick<UsageStore, 'removeBefore'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
  /** For how many days figures are kept, today not counted. */
  readonly days: number;
}

/** Forgets figures of use that are too old. It never fails: what cannot be forgotten now is forgotten later. */
export async function sweepUsage({ store, clock, log, days }: UsageSweepParts): Promise<void> {
  try {
    const rows = await store.removeBefore(dayOf(clock.now() - days * DAY_MS));
    if (rows > 0) log.info({ rows, days }, 'usage-swept');
  } catch (error) {
    log.error({ error }, 'usage-sweep-failed');
  }
}
