import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError, blamedOn } from '../../base/errors.ts';
import { requireAdmin } from '../../core/access/grant.ts';
import type { Core } from '../../core/core.ts';
import type { UsageDimension } from '../../core/ports/usage-store.ts';
import { DAY_MS, dayOf } from '../../core/usage/usage-days.ts';
import type { UsageReport, UsageReportOrder, UsageReportRow } from '../../core/usage/usage-report.ts';
import { IN_QUERY, looseBoolean, looseNumber, parseFields, queryValue } from './elevenlabs-fields.ts';

/** The last millisecond of the year 9999. */
const LAST_MOMENT = 253_402_300_799_999;

const moment = queryValue(looseNumber(z.number().int().min(0).max(LAST_MOMENT)));

export const statsQuery = z.object({
  start_unix: moment,
  end_unix: moment,
  include_workspace_metrics: queryValue(looseBoolean(z.boolean().default(false))),
  breakdown_type: queryValue(z.string().default('none')),
  aggregation_interval: queryValue(z.string().default('day')),
  aggregation_bucket_size: queryValue(looseNumber(z.number().int().min(1).optional())),
  metric: queryValue(z.string().default('credits')),
});

type StatsQuery = z.output<typeof statsQuery>;

/** Registers what the vendor's clients draw as curves: what was used in each stretch of time, by something. */
export function usageStatsRoute(scope: FastifyInstance, core: Core): void {
  scope.get('/v1/usage/character-stats', async (request) => {
    const query = parseFields('query', statsQuery, request.query);
    const dimension = dimensionOf(query);
    const metric = metricOf(query);
    if (query.include_workspace_metrics) requireAdmin(request.antiphon);
    if (query.end_unix < query.start_unix) throw backwards();
    const order: UsageReportOrder = {
      from: dayOf(query.start_unix),
      to: dayOf(query.end_unix),
      by: [...new Set(['day', dimension ?? 'day', 'capability'] as const)],
      ...(query.include_workspace_metrics ? {} : { principalId: request.antiphon.principal.id }),
    };
    const report = await core.usage.reports.report(order).catch((error: unknown) => {
      throw error instanceof AppError && error.param === 'from' ? blamedOn('start_unix', error) : error;
    });
    return curvesOf(report, { buckets: bucketsOf(query), metric, labels: labelsOf(report, dimension) });
  });
}

function backwards(): AppError {
  return new AppError('invalid_request', 'end_unix is before start_unix.', {
    param: 'end_unix',
    reason: IN_QUERY,
  });
}

/** What can be told of the vendor's breakdowns; none at all is undefined. */
const BREAKDOWNS: ReadonlyMap<string, UsageDimension | undefined> = new Map([
  ['none', undefined],
  ['model', 'model'],
  ['product_type', 'capability'],
  ['user', 'principalId'],
  ['api_keys', 'principalId'],
  ['all_api_keys', 'principalId'],
]);

function dimensionOf(query: StatsQuery): UsageDimension | undefined {
  const { breakdown_type: asked } = query;
  if (!BREAKDOWNS.has(asked)) throw untold('breakdown_type', asked, [...BREAKDOWNS.keys()]);
  const dimension = BREAKDOWNS.get(asked);
  if (dimension !== 'principalId' || query.include_workspace_metrics) return dimension;
  const message = `breakdown_type ${asked} needs include_workspace_metrics.`;
  throw new AppError('invalid_request', message, { param: 'breakdown_type', reason: IN_QUERY });
}

const METRICS: ReadonlyMap<string, (row: UsageReportRow) => number> = new Map([
  ['credits', (row: UsageReportRow) => row.characters],
  ['tts_characters', (row: UsageReportRow) => (row.capability === 'speech' ? row.characters : 0)],
  ['minutes_used', (row: UsageReportRow) => row.audioMs / 60_000],
  ['request_count', (row: UsageReportRow) => row.requests],
  ['fiat_units_spent', (row: UsageReportRow) => row.cost ?? 0],
]);

function metricOf({ metric }: StatsQuery): (row: UsageReportRow) => number {
  const found = METRICS.get(metric);
  if (found) return found;
  throw untold('metric', metric, [...METRICS.keys()]);
}

function untold(param: string, value: string, known: readonly string[]): AppError {
  const message = `${param} '${value}' is not counted here; these are: ${known.join(', ')}.`;
  return new AppError('unsupported_feature', message, { param });
}

/** The first day of the stretch in which a day lies. */
type Buckets = (day: string) => string;

/** Figures are kept by the day, so that nothing finer can be told. */
function bucketsOf(query: StatsQuery): Buckets {
  const { aggregation_interval: interval, aggregation_bucket_size: seconds, start_unix: start } = query;
  const first = Date.parse(dayOf(start));
  const every = (days: number): Buckets => {
    const length = days * DAY_MS;
    return (day) => dayOf(first + Math.floor((Date.parse(day) - first) / length) * length);
  };
  if (seconds !== undefined) {
    if ((seconds * 1000) % DAY_MS === 0) return every((seconds * 1000) / DAY_MS);
    throw untold('aggregation_bucket_size', String(seconds), ['whole days, 86400 and its multiples']);
  }
  const month: Buckets = (day) =>
    day.slice(0, 7) === dayOf(first).slice(0, 7) ? dayOf(first) : `${day.slice(0, 7)}-01`;
  const known = { day: every(1), week: every(7), month, cumulative: () => dayOf(first) };
  if (isOneOf(known, interval)) return known[interval];
  throw untold('aggregation_interval', interval, Object.keys(known));
}

function isOneOf<Known extends object>(known: Known, word: string): word is Extract<keyof Known, string> {
  return Object.hasOwn(known, word);
}

/** What the curve of a line is called. */
type Labels = (row: UsageReportRow) => string;

function labelsOf({ rows }: UsageReport, dimension: UsageDimension | undefined): Labels {
  if (dimension === undefined) return () => 'All';
  if (dimension !== 'principalId') return (row) => row[dimension] ?? '';
  const names = new Map(rows.map((row) => [row.principalId ?? '', row.keyName ?? '']));
  const isShared = (name: string) => [...names.values()].filter((one) => one === name).length > 1;
  return ({ principalId = '', keyName = '' }) =>
    keyName === '' || isShared(keyName) ? `${keyName} (${principalId})`.trim() : keyName;
}

interface Curves {
  readonly buckets: Buckets;
  readonly metric: (row: UsageReportRow) => number;
  readonly labels: Labels;
}

/** A value of every curve for every stretch of time, also where nothing was used. */
function curvesOf({ from, to, rows }: UsageReport, { buckets, metric, labels }: Curves) {
  const days = daysBetween(from, to).map(buckets);
  const starts = [...new Set(days)];
  const places = new Map(starts.map((start, index) => [start, index]));
  // Names of keys are anything, so that they must not meet what every object has.
  const usage = new Map<string, number[]>();
  for (const row of rows) {
    const label = labels(row);
    const curve = usage.get(label) ?? starts.map(() => 0);
    const place = places.get(buckets(row.day ?? from)) ?? 0;
    curve[place] = (curve[place] ?? 0) + metric(row);
    usage.set(label, curve);
  }
  if (usage.size === 0)
    usage.set(
      'All',
      starts.map(() => 0),
    );
  return { time: starts.map((start) => Date.parse(start)), usage: Object.fromEntries(usage) };
}

function daysBetween(from: string, to: string): readonly string[] {
  const count = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  return Array.from({ length: count }, (_, index) => dayOf(Date.parse(from) + index * DAY_MS));
}
