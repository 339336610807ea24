/** What was used in one place, or altogether. */
export interface UsageAmounts {
  readonly requests: number;
  readonly failures: number;
  readonly characters: number;
  readonly audioSeconds: number;
  readonly pictures: number;
  readonly engineSeconds: number;
  readonly cost?: number;
}

/** A line of a report: where, and how much. */
export interface UsageLine extends UsageAmounts {
  readonly day?: string;
  readonly model?: string;
  readonly key?: { readonly id: string; readonly name: string };
  readonly dialect?: string;
}

/** What the server tells of usage. */
export interface UsageReport {
  readonly from: string;
  readonly to: string;
  readonly currency?: string;
  readonly rows: readonly UsageLine[];
  readonly total: UsageAmounts;
}

/** The figures, in words. */
export const FIGURES = [
  ['requests', 'Requests'],
  ['failures', 'Failures'],
  ['characters', 'Characters'],
  ['audioSeconds', 'Seconds of sound'],
  ['pictures', 'Pictures'],
  ['engineSeconds', 'Seconds of engines'],
] as const satisfies readonly (readonly [keyof UsageAmounts, string])[];

/** One of the figures, costs included. */
export type Figure = keyof UsageAmounts;

/** A range of days of UTC, both included. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

const DAY_MS = 86_400_000;

/** The ranges that can be chosen by name. */
export const RANGES = [
  ['month', 'This month'],
  ['week', 'The last 7 days'],
  ['days', 'The last 30 days'],
  ['before', 'Last month'],
] as const;

/** The days of a range that is called by its name. */
export function daysOf(range: string, now = new Date()): Days {
  const to = dayOf(now);
  const back = (days: number) => dayOf(new Date(now.getTime() - days * DAY_MS));
  if (range === 'week') return { from: back(6), to };
  if (range === 'days') return { from: back(29), to };
  const first = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
  if (range !== 'before') return { from: dayOf(new Date(first)), to };
  const last = new Date(first - DAY_MS);
  return { from: `${dayOf(last).slice(0, 7)}-01`, to: dayOf(last) };
}

/** Every day of a range, also those on which nothing was used. */
export function eachDay({ from, to }: Days): readonly string[] {
  const count = Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, at) =>
    dayOf(new Date(Date.parse(from) + at * DAY_MS)),
  );
}

function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}

/** The address of a report. */
export function usagePath(days: Days, by: string, more: Readonly<Record<string, string>> = {}): string {
  return `/antiphon/v1/usage?${new URLSearchParams({ ...days, by, ...more }).toString()}`;
}
