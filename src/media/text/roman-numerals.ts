import { englishCardinal, englishOrdinal } from './english-numbers.ts';
import { patternRule, TOKEN_END, wordBefore, type SpeechRule } from './speech-rule.ts';

const VALUES: readonly (readonly [symbol: string, value: number])[] = [
  ['C', 100],
  ['XC', 90],
  ['L', 50],
  ['XL', 40],
  ['X', 10],
  ['IX', 9],
  ['V', 5],
  ['IV', 4],
  ['I', 1],
];

/** Words that a number follows: `Chapter IV` is `Chapter four`. */
const COUNTED = new Set(
  'Chapter Part Book Volume Vol Act Scene Section Article Appendix Phase Type Class Stage Grade Level Title Unit Lesson Canto War Bowl Episode Season Round Division Category Tier Symphony Sonata Concerto Movement Rocky Rambo'.split(
    ' ',
  ),
);

/** Names that rulers and popes share: `Henry VIII` is `Henry the eighth`. */
const RULERS = new Set(
  (
    'Henry Louis George Elizabeth Charles Edward William James Richard John Paul Benedict Pius Leo Nicholas Alexander Catherine Frederick Philip Ferdinand ' +
    'Napoleon Ramses Ramesses Ptolemy Otto Leopold Gustav Christian Haakon Olav Harald Peter Ivan Felipe Alfonso Carlos Umberto Emmanuel Wilhelm Mary Margaret ' +
    'Gregory Clement Innocent Urban Boniface Julius Xerxes Darius Cyrus Constantine Theodosius Maximilian Sigismund Rudolf Albert Baldwin Malcolm Abdullah Hussein Mohammed Mehmed'
  ).split(' '),
);

/** Roman numerals behind a word that calls for them; a lone `I` only where it cannot be the pronoun. */
export const ROMAN_NUMERAL: SpeechRule = patternRule(`(?<numeral>[IVXLC]{1,8})${TOKEN_END}`, (match) => {
  const numeral = match.group('numeral');
  const before = wordBefore(match.text, match.start);
  const ruler = RULERS.has(before);
  if (!ruler && !COUNTED.has(before)) return undefined;
  if (numeral === 'I' && !/^(?:$|[.,;:!?)"”\n]|['’]s| of )/u.test(match.text.slice(match.end, match.end + 4)))
    return undefined;
  // Malcolm X and C are letters.
  if (ruler && (numeral === 'C' || numeral === 'L' || (before === 'Malcolm' && numeral === 'X')))
    return undefined;
  const value = romanValue(numeral);
  if (value === undefined) return undefined;
  return ruler ? `the ${englishOrdinal(String(value))}` : englishCardinal(String(value));
});

/** The value of a well-formed Roman numeral below 400, else undefined. */
function romanValue(numeral: string): number | undefined {
  let rest = numeral;
  let total = 0;
  for (const [symbol, value] of VALUES) {
    for (let times = 0; times < 3 && rest.startsWith(symbol); times += 1) {
      rest = rest.slice(symbol.length);
      total += value;
      // Only C, X and I repeat.
      if (symbol.length > 1 || symbol === 'L' || symbol === 'V') break;
    }
  }
  return rest === '' && total > 0 && toRoman(total) === numeral ? total : undefined;
}

function toRoman(value: number): string {
  let rest = value;
  let numeral = '';
  for (const [symbol, worth] of VALUES) {
    numeral += symbol.repeat(Math.floor(rest / worth));
    rest %= worth;
  }
  return numeral;
}
