import { englishCardinal, englishOrdinal, englishYear } from './english-numbers.ts';
import { BLANK, patternRule, wordBefore, type RuleMatch, type SpeechRule } from './speech-rule.ts';
import { clockTime } from './english-times.ts';

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const MONTH = String.raw`(?<month>January|February|March|April|May|June|July|August|September|October|November|December|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)(?:\.(?=${BLANK}?[\p{Ll}\p{N},;)]))?)`;
const DAY = String.raw`(?<day>\d{1,2})(?:st|nd|rd|th)?`;
const YEAR = String.raw`(?<year>\d{4})`;
/** Behind a date: no more digits, decimals, letters, or the marks that make it something else. */
const DATE_END = String.raw`(?![\p{L}\p{N}:%/]|[.,]\d|-\d)`;

/** The name of a month, 1 to 12. */
function monthName(month: number): string {
  return MONTHS[month - 1] ?? '';
}

/** Dates that begin with a figure: `2024-12-31`, `12/31/2024`, `31.12.2024`, `31 December 2024`. */
export const DATES_FROM_FIGURES: readonly SpeechRule[] = [
  patternRule(
    String.raw`${YEAR}-(?<month>\d{2})-(?<day>\d{2})(?:[T ](?<hour>\d{2}):(?<minute>\d{2})(?::\d{2}(?:\.\d{1,9})?)?(?<zone>Z|[+-]\d{2}:\d{2})?)?(?![\p{L}\p{N}])`,
    isoDate,
  ),
  patternRule(
    String.raw`(?<first>\d{1,2})(?<mark>[/.-])(?<second>\d{1,2})\k<mark>(?<year>\d{4}|\d{2})(?![\p{L}\p{N}]|[/.-]\d)`,
    numericDate,
  ),
  patternRule(`${DAY}${BLANK}(?:of${BLANK})?${MONTH}(?:,?${BLANK}${YEAR})?${DATE_END}`, dayThenMonth),
];

/** Dates that begin with a month's name: `Dec 31, 2024`, `December 31`, `Dec 2024`. */
export const DATES_FROM_MONTHS: readonly SpeechRule[] = [
  patternRule(`${MONTH}${BLANK}${DAY}(?:,?${BLANK}${YEAR})?${DATE_END}`, monthThenDay),
  patternRule(
    `${MONTH}${BLANK}${YEAR}${DATE_END}`,
    (match) => `${monthOf(match)} ${spokenYear(match.group('year'))}`,
  ),
];

function isoDate(match: RuleMatch): string | undefined {
  const month = Number(match.group('month'));
  if (!isDay(month, Number(match.group('day')))) return undefined;
  const date = monthDayYear(month, match.group('day'), match.group('year'));
  if (match.group('hour') === '') return date;
  const time = clockTime({ hour: match.group('hour'), minute: match.group('minute') });
  if (time === undefined) return undefined;
  return `${date}, ${time}${spokenZone(match.group('zone'))}`;
}

function spokenZone(zone: string): string {
  if (zone === '') return '';
  if (zone === 'Z') return ' UTC';
  const minutes = zone.slice(4);
  const spelled =
    englishCardinal(zone.slice(1, 3)) + (minutes === '00' ? '' : ` ${englishCardinal(minutes)}`);
  return ` UTC ${zone.startsWith('-') ? 'minus' : 'plus'} ${spelled}`;
}

function numericDate(match: RuleMatch): string | undefined {
  const first = Number(match.group('first'));
  const second = Number(match.group('second'));
  const year = fullYear(match.group('year'), match.group('mark'));
  if (year === undefined) return undefined;
  // Slashes are read the American way, month first, unless that is no date; dots are never American.
  const dayFirst = match.group('mark') === '.' || first > 12;
  const [month, day] = dayFirst ? [second, first] : [first, second];
  return isDay(month, day) ? monthDayYear(month, String(day), year) : undefined;
}

/** Two-digit years are read only between slashes: `1.2.34` may as well be a version and `1-2-34` a score. */
function fullYear(year: string, mark: string): string | undefined {
  if (year.length === 4) return year;
  if (mark !== '/') return undefined;
  return Number(year) < 50 ? `20${year}` : `19${year}`;
}

function dayThenMonth(match: RuleMatch): string | undefined {
  const day = Number(match.group('day'));
  if (!isDay(monthNumber(match.group('month')), day)) return undefined;
  const article = wordBefore(match.text, match.start).toLowerCase() === 'the' ? '' : 'the ';
  const year = match.group('year');
  return `${article}${englishOrdinal(String(day))} of ${monthOf(match)}${year === '' ? '' : ` ${spokenYear(year)}`}`;
}

function monthThenDay(match: RuleMatch): string | undefined {
  const month = monthNumber(match.group('month'));
  if (!isDay(month, Number(match.group('day')))) return undefined;
  return monthDayYear(month, match.group('day'), match.group('year'));
}

function monthDayYear(month: number, day: string, year: string): string {
  const date = `${monthName(month)} ${englishOrdinal(day)}`;
  return year === '' ? date : `${date}, ${spokenYear(year)}`;
}

function monthOf(match: RuleMatch): string {
  return monthName(monthNumber(match.group('month')));
}

function monthNumber(name: string): number {
  return MONTHS.findIndex((month) => month.startsWith(name.slice(0, 3))) + 1;
}

function isDay(month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  // A leap year's lengths: the year is not always there to ask.
  return day <= new Date(Date.UTC(2024, month, 0)).getUTCDate();
}

function spokenYear(year: string): string {
  const value = Number(year);
  return value >= 1100 && value < 2100 ? englishYear(value) : englishCardinal(year);
}
