import { AppError } from '../../base/errors.ts';
import type { Allowances, MeteredAct } from '../access/access-guard.ts';
import type { KeyLimits } from '../access/grant.ts';
import type { Principal } from '../context.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Pause } from '../ports/pause.ts';
import type { UsageAmounts, UsageStore } from '../ports/usage-store.ts';
import { addAmounts, NOTHING_USED } from './usage-amounts.ts';
import { dayEnd, dayOf, monthEnd, monthStart } from './usage-days.ts';
import { amountsOf, type UsageMeter } from './usage-meter.ts';

/** What somebody has used of the periods that allowances are for. */
export interface PeriodUse {
  readonly day: UsageAmounts;
  readonly month: UsageAmounts;
}

/** How somebody stands to one allowance. */
export interface AllowanceStanding {
  readonly limit: number;
  readonly used: number;
  /** Never below 0. */
  readonly remaining: number;
  /** When all of it is there again, in milliseconds since 1970. */
  readonly resetAt: number;
}

/** Holds keys to their allowances, and tells how they stand to them. */
export interface UsageAllowances extends Allowances {
  /** What somebody used today and this month, on all machines together, as known a moment ago. */
  usedBy(principalId: string): Promise<PeriodUse>;
  /** The narrowest limit of characters; undefined where there is none. */
  charactersLeft(principal: Principal): Promise<AllowanceStanding | undefined>;
}

/** What it takes to hold keys to their allowances. */
export interface UsageAllowanceParts {
  readonly store: Pick<UsageStore, 'sum'>;
  readonly meter: UsageMeter;
  readonly clock: Clock;
  readonly pause: Pause;
  readonly log: Logger;
}

/** How long the sums of the store are good for: what other machines count is heard of within this time. */
const REMEMBER_MS = 2000;

/** Somebody who asks while the store does not answer waits no longer. */
const PATIENCE_MS = 2000;

/** Keys whose sums are remembered at a time. */
const MOST_REMEMBERED = 10_000;

/** Sums are made again so often when something is written meanwhile; then they are good enough. */
const MOST_TRIES = 3;

interface Remembered extends PeriodUse {
  readonly date: string;
  readonly readAt: number;
}

/** Builds it. */
export function createUsageAllowances(parts: UsageAllowanceParts): UsageAllowances {
  const book = createUseBook(parts);
  return {
    usedBy: (principalId) => book.read(principalId),
    charactersLeft: async ({ id, grant: { limits } }) => {
      const bounds = boundsOf(limits, parts.clock.now()).filter(({ unit }) => unit === 'characters');
      if (bounds.length === 0) return undefined;
      const use = await book.read(id);
      return bounds.map((bound) => standingOf(bound, use)).toSorted((a, b) => a.remaining - b.remaining)[0];
    },
    check: async (act, { principal }) => {
      const bounds = boundsOf(principal.grant.limits, parts.clock.now());
      // Most keys have no allowance, and then nothing is asked of anybody.
      if (bounds.length === 0) return;
      const use = await book.read(principal.id);
      const spent = bounds.filter((bound) => isTooMuch(act, standingOf(bound, use), bound));
      const [last] = spent.toSorted((a, b) => b.resetAt - a.resetAt);
      if (last) throw exceeded(act, last, { use, now: parts.clock.now() });
    },
  };
}

interface Bound {
  readonly limit: number;
  readonly unit: 'characters' | 'seconds of sound';
  readonly period: 'day' | 'month';
  readonly resetAt: number;
}

function boundsOf(limits: KeyLimits, now: number): readonly Bound[] {
  const { charactersPerDay, charactersPerMonth, audioSecondsPerDay, audioSecondsPerMonth } = limits;
  const bound = (limit: number | undefined, unit: Bound['unit'], period: Bound['period']): readonly Bound[] =>
    limit === undefined
      ? []
      : [{ limit, unit, period, resetAt: period === 'day' ? dayEnd(now) : monthEnd(now) }];
  return [
    ...bound(charactersPerDay, 'characters', 'day'),
    ...bound(charactersPerMonth, 'characters', 'month'),
    ...bound(audioSecondsPerDay, 'seconds of sound', 'day'),
    ...bound(audioSecondsPerMonth, 'seconds of sound', 'month'),
  ];
}

function standingOf({ limit, unit, period, resetAt }: Bound, use: PeriodUse): AllowanceStanding {
  const { characters, audioMs } = use[period];
  const used = unit === 'characters' ? characters : audioMs / 1000;
  return { limit, used, remaining: Math.max(0, limit - used), resetAt };
}

/** How long a sound becomes is known when it is there, so its allowance is only asked to have something left. */
function isTooMuch(
  { characters, capability }: MeteredAct,
  standing: AllowanceStanding,
  bound: Bound,
): boolean {
  if (bound.unit === 'characters') return characters > standing.remaining;
  return standing.remaining <= 0 && capability !== 'image' && capability !== 'chat';
}

function exceeded(
  { characters }: MeteredAct,
  bound: Bound,
  { use, now }: { readonly use: PeriodUse; readonly now: number },
): AppError {
  const { limit, unit, period, resetAt } = bound;
  const used = Math.round(standingOf(bound, use).used * 10) / 10;
  const wanted = unit === 'characters' ? ` This request has ${characters}.` : '';
  const message = `This API key may use ${limit} ${unit} a ${period} and has used ${used}.${wanted} The next ${period} begins ${new Date(resetAt).toISOString().slice(0, 16)} UTC.`;
  return new AppError('quota_exceeded', message, {
    retryAfterMs: Math.max(1000, resetAt - now),
    reason: `${unit === 'characters' ? 'characters' : 'audio_seconds'}_per_${period}`,
  });
}

interface UseBook {
  read(principalId: string): Promise<PeriodUse>;
}

function createUseBook(parts: UsageAllowanceParts): UseBook {
  const { meter, clock, log } = parts;
  const book = new Map<string, Remembered>();
  const reading = new Map<string, Promise<Remembered>>();
  const remember = (principalId: string, entry: Remembered) => {
    book.delete(principalId);
    book.set(principalId, entry);
    const [oldest] = book.keys();
    if (book.size > MOST_REMEMBERED && oldest !== undefined) book.delete(oldest);
  };
  // What this process counts is known at once.
  meter.listen((record) => {
    const entry = book.get(record.principalId);
    if (!entry) return;
    const more = amountsOf(record);
    book.set(record.principalId, {
      ...entry,
      day: addAmounts(entry.day, more),
      month: addAmounts(entry.month, more),
    });
  });
  const readAnew = (principalId: string): Promise<Remembered> => {
    const known = reading.get(principalId);
    if (known) return known;
    const begun = readUse(principalId, parts).finally(() => reading.delete(principalId));
    reading.set(principalId, begun);
    return begun;
  };
  return {
    read: async (principalId) => {
      const date = dayOf(clock.now());
      const known = book.get(principalId);
      const isFresh = known?.date === date && clock.monotonicMs() - known.readAt < REMEMBER_MS;
      if (known && isFresh) return known;
      try {
        const entry = await readAnew(principalId);
        remember(principalId, entry);
        return entry;
      } catch (error) {
        // An allowance is no reason to turn everybody away: what is used meanwhile is counted all the same.
        log.error({ error, keyId: principalId }, 'allowance-not-read');
        const entry = known?.date === date ? known : await unknownUse(principalId, parts);
        remember(principalId, { ...entry, readAt: clock.monotonicMs() });
        return entry;
      }
    },
  };
}

/** What the store says, and what it has not been told yet. */
async function readUse(
  principalId: string,
  { store, meter, clock, pause }: UsageAllowanceParts,
): Promise<Remembered> {
  const date = dayOf(clock.now());
  const from = monthStart(date);
  const over = new AbortController();
  const lateness = async (): Promise<never> => {
    await pause(PATIENCE_MS, over.signal);
    throw new AppError('timed_out', 'The store did not tell what was used in time.');
  };
  const sums = async () => {
    for (let tries = 0; ; tries += 1) {
      await meter.settled();
      const before = meter.writes;
      const days = await store.sum({ from, to: date, principalId, by: ['day'], limit: 31 });
      // What was being written meanwhile may be counted twice, or not at all.
      if (meter.writes === before || tries === MOST_TRIES) return days;
    }
  };
  try {
    const days = await Promise.race([sums(), lateness()]);
    const month = days.reduce<UsageAmounts>(addAmounts, NOTHING_USED);
    const today = days.find(({ day }) => day === date) ?? NOTHING_USED;
    return {
      date,
      readAt: clock.monotonicMs(),
      day: addAmounts(today, meter.pendingOf(principalId, date)),
      month: addAmounts(month, meter.pendingOf(principalId, from)),
    };
  } finally {
    over.abort();
  }
}

async function unknownUse(
  principalId: string,
  { meter, clock }: Pick<UsageAllowanceParts, 'meter' | 'clock'>,
): Promise<Remembered> {
  const date = dayOf(clock.now());
  return {
    date,
    readAt: clock.monotonicMs(),
    day: meter.pendingOf(principalId, date),
    month: meter.pendingOf(principalId, monthStart(date)),
  };
}
