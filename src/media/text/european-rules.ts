import { frenchCardinal } from './french-numbers.ts';
import { germanCardinal, germanYear } from './german-numbers.ts';
import { spanishCardinal } from './spanish-numbers.ts';
import { patternRule, type RuleMatch, type SpeechRule } from './speech-rule.ts';

/** How a language writes and says numbers. */
interface NumberStyle {
  readonly cardinal: (digits: string) => string;
  /** The marks that part groups of three digits, as a character class. */
  readonly grouping: string;
  readonly comma: string;
  readonly minus: string;
  readonly percent: string;
  /** Whether decimals are read digit by digit and not as one number. */
  readonly decimalsOneByOne: boolean;
  /** Whether the bare number must agree with the noun behind it, which only the engine can try. */
  readonly agrees: (digits: string) => boolean;
  readonly year?: (year: number) => string;
}

const STYLES = new Map<string, NumberStyle>([
  [
    'de',
    {
      cardinal: germanCardinal,
      grouping: '.',
      comma: 'Komma',
      minus: 'minus',
      percent: 'Prozent',
      decimalsOneByOne: true,
      agrees: (digits) => Number(digits) === 1,
      year: germanYear,
    },
  ],
  [
    'fr',
    {
      cardinal: frenchCardinal,
      grouping: ' \\u00a0\\u202f',
      comma: 'virgule',
      minus: 'moins',
      percent: 'pour cent',
      decimalsOneByOne: false,
      agrees: (digits) => digits.endsWith('1') && !digits.endsWith('11'),
    },
  ],
  [
    'es',
    {
      cardinal: spanishCardinal,
      grouping: '.\\u00a0\\u202f',
      comma: 'coma',
      minus: 'menos',
      percent: 'por ciento',
      decimalsOneByOne: false,
      agrees: (digits) => (digits.endsWith('1') && !digits.endsWith('11')) || /[2-9]\d\d$/u.test(digits),
    },
  ],
]);

/** Longer numbers are codes, which the engine reads its own way. */
const LONGEST_NUMBER = 15;

/**
 * Number rules of a language that has them: whole numbers, decimals, negative numbers and percentages. Dates,
 * times, ordinals and everything else with figures stay as written, for the engine's own rules.
 */
export function numberRules(language: string): readonly SpeechRule[] | undefined {
  const style = STYLES.get(language);
  if (!style) return undefined;
  const whole = String.raw`(?<whole>\d{1,3}(?:[${style.grouping}]\d{3})+(?!\d)|\d+)`;
  // What stands next to a figure without a space may make it part of a date, a time, a version or a label.
  const before = String.raw`(?<![\p{L}\p{N}][-–/:.,']?|\d[${style.grouping}])`;
  const after = String.raw`(?![\p{L}\p{N}'’/:]|[.,:–-]\d|\.[ \u00a0]\p{L}|[ \u00a0]?[\/°]|-\p{L})`;
  const pattern = String.raw`${before}(?:(?<minus>(?<=^|[\s(])[-−]))?${whole}(?:,(?<decimals>\d{1,12}))?(?<percent>[ \u00a0\u202f]?%)?${after}`;
  return [patternRule(pattern, (match) => sayNumber(match, style))];
}

function sayNumber(match: RuleMatch, style: NumberStyle): string | undefined {
  const digits = match.group('whole').replace(/\D/gu, '');
  if (digits.length > LONGEST_NUMBER || /^0\d/u.test(digits)) return undefined;
  const decimals = match.group('decimals');
  const words = [match.group('minus') === '' ? '' : style.minus];
  if (match.group('percent') === '' && decimals === '') {
    if (style.agrees(digits) && /^[ \u00a0]?\p{L}/u.test(match.text.slice(match.end, match.end + 3)))
      return undefined;
    words.push(sayBare(match.group('whole'), digits, style));
  } else {
    words.push(style.cardinal(digits));
  }
  if (decimals !== '') words.push(style.comma, sayDecimals(decimals, style));
  if (match.group('percent') !== '') words.push(style.percent);
  return words.filter(Boolean).join(' ');
}

/** Four digits without a separator are a year more often than not. */
function sayBare(written: string, digits: string, style: NumberStyle): string {
  return style.year && /^1[1-9]\d\d$/u.test(written) ? style.year(Number(digits)) : style.cardinal(digits);
}

function sayDecimals(decimals: string, style: NumberStyle): string {
  if (style.decimalsOneByOne || decimals.startsWith('0'))
    return Array.from(decimals, (digit) => style.cardinal(digit)).join(' ');
  return style.cardinal(decimals);
}
