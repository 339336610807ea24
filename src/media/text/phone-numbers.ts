import { englishDigits } from './english-numbers.ts';
import { patternRule, type SpeechRule } from './speech-rule.ts';

const PHONE_END = String.raw`(?![\p{L}\p{N}]|-\d)`;

/** Telephone numbers that begin with a figure: `555-123-4567`, `555.123.4567`, `1-800-555-0199`, `555-1234`. */
export const PHONES_FROM_FIGURES: readonly SpeechRule[] = [
  patternRule(String.raw`(?<number>(?:1[-. ])?\d{3}(?<mark>[-. ])\d{3}\k<mark>\d{4})${PHONE_END}`, (match) =>
    sayPhone(match.group('number')),
  ),
  patternRule(String.raw`(?<number>\d{3}-\d{4})${PHONE_END}`, (match) => {
    // Round figures on both sides are a range: 100-2000.
    if (/^\d{2}0-\d{3}0$/u.test(match.group('number'))) return undefined;
    return sayPhone(match.group('number'));
  }),
];

/** Telephone numbers that begin with a mark: `+44 20 7946 0958`, `(555) 123-4567`. */
export const PHONES_FROM_MARKS: readonly SpeechRule[] = [
  patternRule(String.raw`(?<number>\+\d[\d ().-]{6,24}\d)${PHONE_END}`, (match) => {
    const number = match.group('number');
    const digits = number.replace(/\D/gu, '').length;
    if (digits < 8 || digits > 15 || !/^\+\d{1,3}(?:[ .-]?\(?\d)/u.test(number) || /[ .-]{2}/u.test(number))
      return undefined;
    return `plus ${sayPhone(number)}`;
  }),
  patternRule(String.raw`(?<number>\(\d{3}\) ?\d{3}[-. ]\d{4})${PHONE_END}`, (match) =>
    sayPhone(match.group('number')),
  ),
];

function sayPhone(number: string): string {
  return (number.match(/\d+/gu) ?? []).map((group) => englishDigits(group)).join(', ');
}
