import { median, quantile, shortFigure, trendOf, type Trend } from '../report/figures.ts';
import type { Table } from '../report/markdown-table.ts';
import type { Plot } from '../report/svg-plot.ts';
import { WATCHED, type SoakAnswer, type SoakReading } from './soak-run.ts';

/** What grows by no more than this share of itself while it is watched counts as flat. */
const FLAT_SHARE = 0.05;
/** Things that are counted may end with one more than they began with. */
const FLAT_COUNT = 1;
/** Latencies stray; so much slower at the end than at the beginning is no chance any more. */
const DRIFT = 1.25;
/** Fewer answers in a tenth than this say nothing. */
const ENOUGH = 8;

export interface Growth {
  readonly what: string;
  readonly trend: Trend;
  /** The middle of the first tenth of all readings, and of the last. */
  readonly first: number;
  readonly last: number;
  readonly verdict: 'flat' | 'grows' | 'unsure';
}

/** How each figure went, with its slope in its own unit for an hour. */
export function growthOf(readings: readonly SoakReading[]): readonly Growth[] {
  const tenth = Math.max(1, Math.floor(readings.length / 10));
  return Object.entries(WATCHED).map(([key, what]) => {
    // Only those keys are in WATCHED.
    const values = readings.map((reading) => reading[key as keyof typeof WATCHED]);
    const trend = trendOf(readings.map(({ at }, index) => [at / 3600, values[index] ?? 0] as const));
    const hours = ((readings.at(-1)?.at ?? 0) - (readings[0]?.at ?? 0)) / 3600;
    const isCount = !what.endsWith('MB');
    const room = isCount ? FLAT_COUNT : Math.max(1, FLAT_SHARE * median(values));
    const verdict = verdictOf(trend, { hours, room });
    return {
      what,
      trend,
      first: median(values.slice(0, tenth)),
      last: median(values.slice(-tenth)),
      verdict,
    };
  });
}

/** Flat when even the steepest slope that is likely keeps within the room; growing when even the gentlest leaves it. */
function verdictOf(
  { slope, uncertainty }: Trend,
  { hours, room }: { readonly hours: number; readonly room: number },
): Growth['verdict'] {
  if ((slope + uncertainty) * hours <= room) return 'flat';
  return (slope - uncertainty) * hours > 0 && slope * hours > room ? 'grows' : 'unsure';
}

export interface Drift {
  readonly kind: string;
  readonly count: number;
  readonly failed: number;
  readonly median: number;
  readonly p95: number;
  readonly first: number;
  readonly last: number;
  readonly verdict: 'steady' | 'slower' | 'too few';
}

/** How each kind of caller was served, at the beginning and at the end. */
export function driftOf(answers: readonly SoakAnswer[]): readonly Drift[] {
  const from = Math.min(...answers.map(({ at }) => at));
  const tenth = (Math.max(...answers.map(({ at }) => at)) - from) / 10;
  const kinds = [...new Set(answers.map(({ kind }) => kind))].sort();
  return kinds.map((kind) => {
    const all = answers.filter((one) => one.kind === kind);
    const times = all.map(({ ms }) => ms);
    const early = all.filter(({ at }) => at <= from + tenth).map(({ ms }) => ms);
    const late = all.filter(({ at }) => at >= from + 9 * tenth).map(({ ms }) => ms);
    const isKnown = Math.min(early.length, late.length) >= ENOUGH;
    const [first, last] = [median(early), median(late)];
    return {
      kind,
      count: all.length,
      failed: all.filter(({ failure }) => failure !== undefined).length,
      median: median(times),
      p95: quantile(times, 0.95),
      first,
      last,
      verdict: !isKnown ? 'too few' : last > first * DRIFT ? 'slower' : 'steady',
    };
  });
}

export function growthTable(all: readonly Growth[]): Pick<Table, 'head' | 'rows'> {
  return {
    head: ['', 'first tenth', 'last tenth', 'slope, in an hour', 'uncertainty (95 %)', 'verdict'],
    rows: all.map(({ what, first, last, trend, verdict }) => [
      what,
      shortFigure(first),
      shortFigure(last),
      shortFigure(trend.slope),
      `± ${shortFigure(trend.uncertainty)}`,
      verdict,
    ]),
  };
}

export function driftTable(all: readonly Drift[]): Pick<Table, 'head' | 'rows'> {
  return {
    head: ['', 'served', 'failed', 'median ms', 'p95 ms', 'first tenth, ms', 'last tenth, ms', 'verdict'],
    rows: all.map((one) => [
      one.kind,
      one.count.toLocaleString('en'),
      String(one.failed),
      ...[one.median, one.p95, one.first, one.last].map(shortFigure),
      one.verdict,
    ]),
  };
}

/** Pictures of the whole time, by the name of their file. */
export function soakPlots(
  readings: readonly SoakReading[],
  answers: readonly SoakAnswer[],
): Readonly<Record<string, Plot>> {
  const x = { name: 'minutes' };
  const line = (name: string, pick: (one: SoakReading) => number) => ({
    name,
    points: readings.map((one) => [one.at / 60, pick(one)] as const),
  });
  const length = (Math.max(...answers.map(({ at }) => at), 0) || 1) / 40;
  const steps = Array.from({ length: 40 }, (_, index) => {
    const some = answers.filter(({ at }) => Math.floor(at / length) === index).map(({ ms }) => ms);
    return { minutes: ((index + 0.5) * length) / 60, some };
  }).filter(({ some }) => some.length > 0);
  const latency = (name: string, share: number) => ({
    name,
    points: steps.map(({ minutes, some }) => [minutes, quantile(some, share)] as const),
  });
  return {
    'soak-memory': {
      kind: 'lines',
      title: 'Resident memory under mixed traffic',
      x,
      y: { name: 'megabytes' },
      series: [
        line('server', ({ server }) => server),
        line('child processes', ({ children }) => children),
        line('database', ({ database }) => database),
      ],
    },
    'soak-counts': {
      kind: 'lines',
      title: 'What is open under mixed traffic',
      x,
      y: { name: 'how many' },
      series: [
        line('file handles', ({ handles }) => handles),
        line('threads', ({ threads }) => threads),
        line('child processes', ({ processes }) => processes),
        line('temporary files', ({ files }) => files),
      ],
    },
    'soak-latency': {
      kind: 'lines',
      title: 'Time to a whole answer, all kinds of callers',
      x,
      y: { name: 'milliseconds', log: true },
      series: [latency('median', 0.5), latency('p95', 0.95)],
    },
  };
}
