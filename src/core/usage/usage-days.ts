/** Milliseconds of a day. UTC has no others. */
export const DAY_MS = 24 * 60 * 60 * 1000;

/** The day that was asked for last: nearly always it is today. */
let last = { number: NaN, day: '' };

/** The day of UTC on which a moment falls, `YYYY-MM-DD`. */
export function dayOf(at: number): string {
  const number = Math.floor(at / DAY_MS);
  if (number !== last.number) last = { number, day: new Date(at).toISOString().slice(0, 10) };
  return last.day;
}

/** The first day of its month. */
export function monthStart(day: string): string {
  return `${day.slice(0, 7)}-01`;
}

/** The moment at which the day after this moment begins. */
export function dayEnd(at: number): number {
  return (Math.floor(at / DAY_MS) + 1) * DAY_MS;
}

/** The moment at which the month after this moment begins. */
export function monthEnd(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** The moment at which a day begins; undefined for what is no day of the calendar. */
export function parseDay(day: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) || dayOf(at) !== day ? undefined : at;
}
