import { AppError } from '../../base/errors.ts';
import { ANONYMOUS_OWNER } from '../context.ts';
import type { Clock } from '../ports/clock.ts';
import type { KeyStore } from '../ports/store.ts';
import type { UsageAmounts, UsageDimension, UsageStore, UsageSum } from '../ports/usage-store.ts';
import { addAmounts, NOTHING_USED } from './usage-amounts.ts';
import { DAY_MS, dayOf, monthStart, parseDay } from './usage-days.ts';
import type { UsageMeter } from './usage-meter.ts';
import { costOf, type PriceList } from './usage-prices.ts';

/** A report that is wanted. */
export interface UsageReportOrder {
  /** First and last day, `YYYY-MM-DD`; from the beginning of this month to today when absent. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Whose; everybody's when absent. */
  readonly principalId?: string | undefined;
  /** What it is told by, in this order. */
  readonly by: readonly UsageDimension[];
}

/** One line of a report. */
export interface UsageReportRow extends UsageSum {
  /** What the key is called, where the report is told by keys. */
  readonly keyName?: string;
  /** Absent where there are no prices. */
  readonly cost?: number;
}

/** What was used in some days. */
export interface UsageReport {
  readonly from: string;
  readonly to: string;
  readonly by: readonly UsageDimension[];
  readonly rows: readonly UsageReportRow[];
  readonly total: UsageReportRow;
  /** That of the costs; absent where there are no prices. */
  readonly currency?: string;
}

/** Tells what was used. */
export interface UsageReports {
  /** Throws `invalid_request` for days that are none, too many of them, or a report that would become too long. */
  report(order: UsageReportOrder): Promise<UsageReport>;
}

/** What reports are made from. */
export interface UsageReportParts {
  readonly store: Pick<UsageStore, 'sum'>;
  readonly keys: Pick<KeyStore, 'list'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Counts in this process; absent in programs that only look. */
  readonly meter?: Pick<UsageMeter, 'flush'>;
  /** The operator's prices as they are now, if there are any. */
  readonly prices?: (() => PriceList | undefined) | undefined;
}

/** Days of one report: a year and a month. */
const MOST_DAYS = 400;

/** Lines of one report. */
const MOST_ROWS = 50_000;

/** Builds it. */
export function createUsageReports(parts: UsageReportParts): UsageReports {
  return {
    report: async (order) => {
      const days = daysOf(order, parts.clock.now());
      const prices = parts.prices?.();
      await parts.meter?.flush();
      const sums = await sumsOf({ ...order, ...days }, parts.store, prices);
      const names = order.by.includes('principalId') ? await keyNames(parts.keys) : undefined;
      const rows = prices ? folded(sums, order.by, prices) : sums;
      const total = rows.reduce(addRows, { ...NOTHING_USED, ...(prices ? { cost: 0 } : {}) });
      return {
        ...days,
        by: order.by,
        rows: names ? rows.map((row) => named(row, names)) : rows,
        total,
        ...(prices ? { currency: prices.currency } : {}),
      };
    },
  };
}

type Days = Pick<UsageReport, 'from' | 'to'>;

function daysOf({ from, to }: UsageReportOrder, now: number): Days {
  const today = dayOf(now);
  const last = to ?? (from !== undefined && from > today ? from : today);
  const end = checkedDay(last, to === undefined ? 'from' : 'to');
  const days = { from: from ?? monthStart(last), to: last };
  const begin = checkedDay(days.from, 'from');
  if (begin > end) {
    throw new AppError('invalid_request', `from (${days.from}) is after to (${days.to}).`, { param: 'from' });
  }
  if ((end - begin) / DAY_MS >= MOST_DAYS) {
    throw new AppError('invalid_request', `One report covers at most ${MOST_DAYS} days.`, { param: 'from' });
  }
  return days;
}

function checkedDay(day: string, param: string): number {
  const at = parseDay(day);
  if (at !== undefined) return at;
  throw new AppError('invalid_request', `${param} must be a day such as 2026-11-01, not '${day}'.`, {
    param,
  });
}

/** Costs go by model and by what was done, so that these are told apart for as long as there are prices to be looked up. */
async function sumsOf(
  { from, to, principalId, by }: UsageReportOrder & Days,
  store: UsageReportParts['store'],
  prices: PriceList | undefined,
): Promise<readonly UsageSum[]> {
  const apart = new Set<UsageDimension>([...by, ...(prices ? (['capability', 'model'] as const) : [])]);
  const whose = principalId === undefined ? {} : { principalId };
  const sums = await store.sum({ from, to, ...whose, by: [...apart], limit: MOST_ROWS + 1 });
  if (sums.length <= MOST_ROWS) return sums;
  const message = `The report would have more than ${MOST_ROWS} lines. Ask for fewer days, for one key, or by less.`;
  throw new AppError('invalid_request', message, { param: 'by' });
}

/** Lines that agree in what is asked for become one; their order stays. */
function folded(
  sums: readonly UsageSum[],
  by: readonly UsageDimension[],
  prices: PriceList,
): readonly UsageReportRow[] {
  const rows = new Map<string, UsageReportRow>();
  for (const { model = '', capability = '', ...sum } of sums) {
    const all = { ...sum, model, capability };
    const places = Object.fromEntries(by.map((dimension) => [dimension, all[dimension]]));
    const row = { ...places, ...amountsOf(sum), cost: costOf(sum, { model, capability }, prices) };
    const place = JSON.stringify(places);
    const before = rows.get(place);
    rows.set(place, before ? { ...before, ...addRows(before, row) } : row);
  }
  return [...rows.values()];
}

function amountsOf(sum: UsageSum): UsageAmounts {
  return addAmounts(NOTHING_USED, sum);
}

function addRows(a: UsageReportRow, b: UsageReportRow): UsageReportRow {
  const cost = a.cost === undefined ? {} : { cost: a.cost + (b.cost ?? 0) };
  return { ...addAmounts(a, b), ...cost };
}

async function keyNames(keys: UsageReportParts['keys']): Promise<ReadonlyMap<string, string>> {
  const known = await keys.list();
  return new Map([[ANONYMOUS_OWNER, 'nobody (no key)'], ...known.map(({ id, name }) => [id, name] as const)]);
}

function named(row: UsageReportRow, names: ReadonlyMap<string, string>): UsageReportRow {
  return { ...row, keyName: names.get(row.principalId ?? '') ?? '' };
}
