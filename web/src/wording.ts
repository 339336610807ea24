const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
const MOMENT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const LANGUAGES = new Intl.DisplayNames('en', { type: 'language', fallback: 'code' });

/** A number without fractions. */
export function wholeNumber(value: number): string {
  return WHOLE.format(value);
}

/** A number with at most one digit of a fraction. */
export function shortNumber(value: number): string {
  return SHORT.format(value);
}

/** A size as people read it: 1.5 GB. */
export function sizeWords(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${SHORT.format(bytes / 1000 ** step)} ${units[step] ?? ''}`;
}

/** How long something takes or took: 8 s, 3 min, 2 h. */
export function spanWords(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 90) return `${whole} s`;
  if (whole < 90 * 60) return `${Math.round(whole / 60)} min`;
  if (whole < 36 * 3600) return `${SHORT.format(whole / 3600)} h`;
  return `${Math.round(whole / 86_400)} days`;
}

/** How long ago something was. */
export function agoWords(moment: string): string {
  const seconds = (Date.now() - Date.parse(moment)) / 1000;
  return seconds < 5 ? 'just now' : `${spanWords(seconds)} ago`;
}

/** A moment in the visitor's own time. */
export function momentWords(moment: string): string {
  return MOMENT.format(new Date(moment));
}

/** A day of UTC, from a day or a moment. */
export function dayWords(day: string): string {
  return DAY.format(new Date(day));
}

/** One thing or several: "1 job", "3 jobs". */
export function countWords(count: number, one: string, several = `${one}s`): string {
  return `${wholeNumber(count)} ${count === 1 ? one : several}`;
}

/** The name of a language, or its code where nobody knows one. */
export function languageWords(code: string): string {
  try {
    return LANGUAGES.of(code) ?? code;
  } catch {
    return code;
  }
}
