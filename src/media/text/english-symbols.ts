import { englishAmount, englishDecade } from './english-numbers.ts';
import { BLANK, patternRule, TOKEN_END, type RuleMatch, type SpeechRule } from './speech-rule.ts';

const OPERATORS = new Map([
  ['+', 'plus'],
  ['−', 'minus'],
  ['×', 'times'],
  ['*', 'times'],
  ['÷', 'divided by'],
  ['=', 'equals'],
  ['<', 'is less than'],
  ['>', 'is greater than'],
  ['≤', 'is at most'],
  ['≥', 'is at least'],
  ['≠', 'is not equal to'],
  ['≈', 'is about'],
]);

/** Signs that stand for a word wherever they stand. */
const WORDS = new Map([
  ['±', 'plus or minus'],
  ['§', 'section'],
  ['©', 'copyright'],
  ['®', 'registered'],
  ['√', 'square root of'],
  ['∞', 'infinity'],
  ['°', 'degrees'],
  ['@', 'at'],
  ['&', 'and'],
]);

/** Signs that are spoken as words. */
export const SYMBOLS: readonly SpeechRule[] = [
  patternRule(String.raw`['’](?<decade>\d0)s${TOKEN_END}`, (match) =>
    englishDecade(Number(match.group('decade'))),
  ),
  patternRule(String.raw`[-−](?=\.?\d)`, (match) => (isOpening(match) ? 'minus ' : undefined)),
  patternRule(String.raw`[-–—](?=\d{1,2}(?::\d{2}|[ap]\.?m|[ \u00a0][ap]\.?m))`, (match) =>
    /[\dmM.]/u.test(match.text.charAt(match.start - 1)) ? ' to ' : undefined,
  ),
  patternRule(String.raw`[-–—](?=\d)`, (match) => (match.text[match.start - 1] === '%' ? ' to ' : undefined)),
  patternRule(String.raw`,(?=\d)`, (match) =>
    /\d/u.test(match.text.charAt(match.start - 1)) ? ', ' : undefined,
  ),
  patternRule(String.raw`\.(?<decimals>\d{1,12})(?![\p{L}\p{N}])`, (match) =>
    isOpening(match) ? englishAmount(`0.${match.group('decimals')}`) : undefined,
  ),
  patternRule(`(?<sign>[+−×*÷=<>≤≥≠≈])${BLANK}?(?=[-−+$£€]?[\\d(])`, sayOperator),
  patternRule(String.raw`(?:[~≈])(?=[$£€]?\d)`, () => 'about '),
  patternRule(String.raw`#(?=\d)`, () => 'number '),
  patternRule(String.raw`#(?=\p{L})`, (match) => (isOpening(match) ? 'hashtag ' : undefined)),
  patternRule(String.raw`&(?:amp;)?`, (match) => apart('and', match)),
  patternRule(`(?<sign>[±§©®√∞°@])`, (match) => apart(WORDS.get(match.group('sign')) ?? '', match)),
];

/** Names written with signs: `C++`, `C#`. */
export const NAMES_WITH_SIGNS: SpeechRule = patternRule(
  String.raw`(?<letter>[CFJ])(?:(?<sharp>#)|\+\+)(?![\p{L}\p{N}#+])`,
  (match) =>
    match.group('sharp') === '' ? `${match.group('letter')} plus plus` : `${match.group('letter')} sharp`,
);

/** A sign between two operands; one that opens an operand is a plus at most. */
function sayOperator(match: RuleMatch): string | undefined {
  const sign = match.group('sign');
  const before =
    /(?:\S)[ \u00a0]?$/u.exec(match.text.slice(Math.max(0, match.start - 2), match.start))?.[0].trim() ?? '';
  const word = OPERATORS.get(sign) ?? '';
  if (/[\p{L}\p{N})%²³]/u.test(before)) return apart(word, match);
  return sign === '+' || sign === '−' ? `${word} ` : undefined;
}

/** Whether what was matched opens a token: after white space, a bracket, a quotation mark or another sign. */
function isOpening(match: RuleMatch): boolean {
  const before = match.text[match.start - 1];
  return before === undefined || /[\s([{"“'‘=:,*/×÷<>≤≥≈~]/u.test(before);
}

/** The word with a space to each side where the text has none. */
function apart(word: string, match: RuleMatch): string {
  const taken = match.text.slice(match.start, match.end);
  const before = match.start === 0 || /^\s/u.test(match.text.charAt(match.start - 1)) ? '' : ' ';
  const after =
    match.end >= match.text.length || (/^\s/u.test(match.text.charAt(match.end)) && !/\s$/u.test(taken))
      ? ''
      : ' ';
  return before + word + after;
}
