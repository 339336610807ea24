import {
  englishAmount,
  englishCardinal,
  englishDecade,
  englishDigits,
  englishOrdinal,
  englishShare,
  englishYear,
} from './english-numbers.ts';
import { readsAsUnit, UNITS, type UnitNames } from './english-units.ts';
import {
  AMOUNT,
  anyOf,
  BLANK,
  lowerWordAfter,
  patternRule,
  TOKEN_END,
  wordBefore,
  type RuleMatch,
  type SpeechRule,
} from './speech-rule.ts';

const UNIT = anyOf(UNITS.keys());
/** Between the ends of a range: a dash without spaces, or an en or em dash with them. */
const TO = `(?:[-–—]|${BLANK}[–—]${BLANK})`;
/** Behind a number that stands alone: `5x`, `1.2.3` and `3-4-5` are something else. */
const NUMBER_END = String.raw`(?![\p{L}\p{N}]|\.\d)`;
const IDIOMS = new Map([
  ['24/7', 'twenty-four seven'],
  ['9/11', 'nine eleven'],
  ['50/50', 'fifty fifty'],
]);
const VULGAR_FRACTIONS = new Map([
  ['½', '1/2'],
  ['⅓', '1/3'],
  ['⅔', '2/3'],
  ['¼', '1/4'],
  ['¾', '3/4'],
  ['⅕', '1/5'],
  ['⅖', '2/5'],
  ['⅗', '3/5'],
  ['⅘', '4/5'],
  ['⅙', '1/6'],
  ['⅚', '5/6'],
  ['⅛', '1/8'],
  ['⅜', '3/8'],
  ['⅝', '5/8'],
  ['⅞', '7/8'],
]);
const VULGAR = `[${[...VULGAR_FRACTIONS.keys()].join('')}]`;
/** Denominators that people name; others are read with `over`. */
const NAMED_DENOMINATORS = new Set([
  '2',
  '3',
  '4',
  '5',
  '6',
  '7',
  '8',
  '9',
  '10',
  '12',
  '16',
  '20',
  '32',
  '64',
  '100',
  '1000',
]);
const DECADE_OPENER = /^(?:the|early|mid|late|my|his|her|their|our)$/iu;
const DURATION_OPENER =
  /^(?:for|in|after|within|every|takes?|took|lasts?|lasted|about|than|is|was|of|to|wait|waits)$/iu;
const IRREGULAR_PLURALS = new Set(['people', 'children', 'men', 'women', 'feet', 'mice', 'sheep', 'fish']);
/** Words behind a four-digit figure that end in s and yet do not count anything. */
const NOT_COUNTED = new Set([
  'was',
  'is',
  'has',
  'as',
  'its',
  'this',
  'does',
  'us',
  'his',
  'plus',
  'versus',
  'across',
  'perhaps',
  'always',
  'sees',
  'saw',
  'brings',
  'marks',
]);

/** Figures that count: versions, ordinals, decades, fractions, ranges, measures and plain numbers, in order of trial. */
export const COUNTS: readonly SpeechRule[] = [
  patternRule(String.raw`(?<parts>\d+(?:\.\d+){2,40})(?![\p{L}\p{N}])`, (match) =>
    sayDotted(match.group('parts')),
  ),
  patternRule(String.raw`(?<parts>\d+(?:-\d+){2,12})(?![\p{L}\p{N}]|-\d)`, (match) =>
    sayDashed(match.group('parts')),
  ),
  patternRule(String.raw`(?<digits>\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th|ST|ND|RD|TH)${TOKEN_END}`, (match) =>
    englishOrdinal(match.group('digits').replaceAll(',', '')),
  ),
  patternRule(String.raw`(?<year>[12]\d\d0|[2-9]0)['’]?s${TOKEN_END}`, sayDecade),
  patternRule(`(?<whole>\\d{1,9})${BLANK}?(?<vulgar>${VULGAR})`, (match) =>
    sayMixed(match.group('whole'), VULGAR_FRACTIONS.get(match.group('vulgar')) ?? ''),
  ),
  patternRule(
    String.raw`(?<whole>\d{1,9})${BLANK}(?<share>\d{1,4}\/\d{1,4})(?![\p{L}\p{N}\/]|\.\d)`,
    (match) => sayMixed(match.group('whole'), match.group('share')),
  ),
  patternRule(String.raw`(?<share>\d{1,4}\/\d{1,4})(?![\p{L}\p{N}\/]|\.\d)`, (match) =>
    sayFraction(match.group('share')),
  ),
  patternRule(
    `(?<feet>\\d{1,2})['′](?<inches>\\d{1,2})["″]`,
    (match) => `${englishCardinal(match.group('feet'))} foot ${englishCardinal(match.group('inches'))}`,
  ),
  patternRule(
    `(?<amount>${AMOUNT})(?:${TO}(?<upto>${AMOUNT}))?(?<space>${BLANK}?)(?<unit>${UNIT})${TOKEN_END}`,
    sayMeasure,
  ),
  patternRule(
    `(?<amount>${AMOUNT})(?<factor>k|M|bn)${TOKEN_END}`,
    (match) => `${englishAmount(match.group('amount'))} ${FACTORS.get(match.group('factor')) ?? ''}`,
  ),
  patternRule(
    `(?<one>${AMOUNT})${BLANK}?[x×]${BLANK}?(?<other>${AMOUNT})${NUMBER_END}`,
    (match) => `${englishAmount(match.group('one'))} by ${englishAmount(match.group('other'))}`,
  ),
  patternRule(
    `(?<amount>${AMOUNT})[x×]${TOKEN_END}`,
    (match) => `${englishAmount(match.group('amount'))} times`,
  ),
  patternRule(`(?<amount>${AMOUNT})${TO}(?<upto>${AMOUNT})${NUMBER_END}(?!-\\d)`, sayRange),
  patternRule(`(?<amount>${AMOUNT})${NUMBER_END}`, (match) => sayNumber(match.group('amount'), match)),
];

/** Fractions written as one character: `½`. */
export const VULGAR_FRACTION: SpeechRule = patternRule(`(?<vulgar>${VULGAR})`, (match) =>
  sayFraction(VULGAR_FRACTIONS.get(match.group('vulgar')) ?? ''),
);

const FACTORS = new Map([
  ['k', 'thousand'],
  ['M', 'million'],
  ['bn', 'billion'],
]);

function sayDotted(parts: string): string {
  const numbers = parts.split('.');
  const joint = numbers.length === 4 ? ' dot ' : ' point ';
  return numbers.map((number) => englishAmount(number)).join(joint);
}

function sayDashed(parts: string): string {
  const groups = parts.split('-');
  const small = groups.every((group) => group.length <= 2 && !group.startsWith('0'));
  return groups.map((group) => (small ? englishCardinal(group) : englishDigits(group))).join(', ');
}

function sayDecade(match: RuleMatch): string {
  const year = Number(match.group('year'));
  const before = wordBefore(match.text, match.start);
  const named =
    year >= 100 || /[’']/u.test(match.text.slice(match.start, match.end)) || DECADE_OPENER.test(before);
  // `30s` and `for 90s` are times; `90s music` is not.
  if (named || (year >= 60 && !DURATION_OPENER.test(before))) return englishDecade(year);
  return `${englishCardinal(match.group('year'))} seconds`;
}

function sayMixed(whole: string, share: string): string {
  const [above = '', below = ''] = share.split('/');
  if (!isProperShare(above, below)) return `${englishCardinal(whole)} ${sayFraction(share)}`;
  const fraction =
    above === '1' ? `${below === '8' ? 'an' : 'a'} ${englishShare(below, false)}` : sayFraction(share);
  return `${englishCardinal(whole)} and ${fraction}`;
}

function sayFraction(share: string): string {
  const idiom = IDIOMS.get(share);
  if (idiom !== undefined) return idiom;
  const [above = '', below = ''] = share.split('/');
  if (above === below && above !== '1') return `${englishCardinal(above)} out of ${englishCardinal(below)}`;
  if (!NAMED_DENOMINATORS.has(below)) return `${englishCardinal(above)} over ${englishCardinal(below)}`;
  return `${englishCardinal(above)} ${englishShare(below, above !== '1')}`;
}

function isProperShare(above: string, below: string): boolean {
  return Number(above) < Number(below) && NAMED_DENOMINATORS.has(below);
}

function sayMeasure(match: RuleMatch): string | undefined {
  const unit = UNITS.get(match.group('unit'));
  const spaced = match.group('space') !== '';
  if (!unit || !readsAsUnit(match.group('unit'), spaced, match.text.slice(match.end, match.end + 3)))
    return undefined;
  const amount = match.group('amount');
  const upTo = match.group('upto');
  if (upTo === '') return `${englishAmount(amount)} ${unitName(amount, unit)}`;
  return `${englishAmount(amount)} to ${englishAmount(upTo)} ${unit.many}`;
}

function unitName(amount: string, unit: UnitNames): string {
  return amount === '1' ? unit.one : unit.many;
}

function sayRange(match: RuleMatch): string {
  const from = match.group('amount');
  const upTo = match.group('upto');
  const bothYears = isYear(from) && (isYear(upTo) || /^\d\d$/u.test(upTo));
  if (bothYears)
    return `${englishYear(Number(from))} to ${isYear(upTo) ? englishYear(Number(upTo)) : englishCardinal(upTo)}`;
  return `${englishAmount(from)} to ${englishAmount(upTo)}`;
}

function sayNumber(amount: string, match: RuleMatch): string {
  if (isYear(amount) && !countsThings(match)) return englishYear(Number(amount));
  return englishAmount(amount);
}

function isYear(amount: string): boolean {
  return /^(?:1[1-9]|20)\d\d$/u.test(amount);
}

/** Whether a plural noun follows, as in `2024 apples`. */
function countsThings(match: RuleMatch): boolean {
  const next = lowerWordAfter(match.text, match.end);
  return IRREGULAR_PLURALS.has(next) || (next.length > 2 && next.endsWith('s') && !NOT_COUNTED.has(next));
}
