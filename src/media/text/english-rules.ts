import { ABBREVIATIONS } from './english-abbreviations.ts';
import { COUNTS, VULGAR_FRACTION } from './english-counts.ts';
import { DATES_FROM_FIGURES, DATES_FROM_MONTHS } from './english-dates.ts';
import { MONEY_FROM_FIGURES, MONEY_FROM_SIGNS } from './english-money.ts';
import { NAMES_WITH_SIGNS, SYMBOLS } from './english-symbols.ts';
import { TIMES } from './english-times.ts';
import { PHONES_FROM_FIGURES, PHONES_FROM_MARKS } from './phone-numbers.ts';
import { ROMAN_NUMERAL } from './roman-numerals.ts';
import type { SpeechRule } from './speech-rule.ts';
import { WEB_ADDRESSES } from './web-addresses.ts';

/** Rules by what a token begins with; within a list the first that knows wins. */
export interface RuleBook {
  readonly figures: readonly SpeechRule[];
  readonly letters: readonly SpeechRule[];
  readonly marks: readonly SpeechRule[];
}

/** How English text is read aloud, American where the two differ. */
export const ENGLISH_RULES: RuleBook = {
  figures: [
    ...WEB_ADDRESSES,
    ...DATES_FROM_FIGURES,
    ...PHONES_FROM_FIGURES,
    ...TIMES,
    ...MONEY_FROM_FIGURES,
    ...COUNTS,
  ],
  letters: [
    VULGAR_FRACTION,
    ...WEB_ADDRESSES,
    ...DATES_FROM_MONTHS,
    ...MONEY_FROM_SIGNS,
    NAMES_WITH_SIGNS,
    ROMAN_NUMERAL,
    ...ABBREVIATIONS,
  ],
  marks: [...MONEY_FROM_SIGNS, ...PHONES_FROM_MARKS, ...SYMBOLS],
};
