const ONES =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'zero ten twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const SCALES = [
  '',
  ...'thousand million billion trillion quadrillion quintillion sextillion septillion octillion nonillion decillion'.split(
    ' ',
  ),
];
const IRREGULAR_ORDINALS = new Map([
  ['one', 'first'],
  ['two', 'second'],
  ['three', 'third'],
  ['five', 'fifth'],
  ['eight', 'eighth'],
  ['nine', 'ninth'],
  ['twelve', 'twelfth'],
]);
/** Longer runs of digits than this, without separators, are codes and not quantities. */
const LONGEST_QUANTITY = 12;

/** Spells a whole number of decimal digits, without separators or sign. Above the decillions it reads digits. */
export function englishCardinal(digits: string): string {
  const plain = digits.replace(/^0+(?=\d)/u, '');
  if (plain.length > SCALES.length * 3) return englishDigits(digits);
  const groups: string[] = [];
  for (let end = plain.length; end > 0; end -= 3) {
    const value = Number(plain.slice(Math.max(0, end - 3), end));
    const scale = SCALES[groups.length] ?? '';
    groups.push(value === 0 ? '' : [belowThousand(value), scale].filter(Boolean).join(' '));
  }
  return groups.toReversed().filter(Boolean).join(' ') || 'zero';
}

/** Spells the ordinal of a whole number: `21` gives `twenty-first`. */
export function englishOrdinal(digits: string): string {
  return toOrdinal(englishCardinal(digits));
}

/** Reads digits one by one. */
export function englishDigits(digits: string): string {
  return Array.from(digits, (digit) => ONES[Number(digit)] ?? digit).join(' ');
}

/** Spells an amount with optional thousands separators and decimals: `1,200.50` gives `one thousand two hundred point five zero`. */
export function englishAmount(amount: string): string {
  const [whole = '', decimals = ''] = amount.replaceAll(',', '').split('.');
  const spelled = readsAsCode(amount) ? englishDigits(whole) : englishCardinal(whole);
  return decimals === '' ? spelled : `${spelled} point ${englishDigits(decimals)}`;
}

/** Spells a year from 1100 to 2099 as people say it: `1905` gives `nineteen oh five`. */
export function englishYear(year: number): string {
  const century = Math.floor(year / 100);
  const rest = year % 100;
  if (year >= 2000 && year < 2010) return englishCardinal(String(year));
  if (rest === 0) return `${belowThousand(century)} hundred`;
  return `${belowThousand(century)} ${rest < 10 ? `oh ${belowThousand(rest)}` : belowThousand(rest)}`;
}

/** Spells a decade: `1990` gives `nineteen nineties`, `80` gives `eighties`. */
export function englishDecade(year: number): string {
  return toPlural(year < 100 ? belowThousand(year) : englishYear(year));
}

/** Spells the name of a share: 2 gives `half`, 4 `quarter`, 5 `fifth`; in the plural where asked for. */
export function englishShare(denominator: string, plural: boolean): string {
  const one = denominator === '2' ? 'half' : denominator === '4' ? 'quarter' : englishOrdinal(denominator);
  if (!plural) return one;
  return one === 'half' ? 'halves' : `${one}s`;
}

function readsAsCode(amount: string): boolean {
  const whole = amount.split('.')[0] ?? '';
  return /^0\d/u.test(whole) || (whole.length > LONGEST_QUANTITY && !whole.includes(','));
}

function belowThousand(value: number): string {
  const hundreds = Math.floor(value / 100);
  const rest = value % 100;
  const spelled = hundreds > 0 ? [`${ONES[hundreds] ?? ''} hundred`] : [];
  if (rest > 0 || hundreds === 0) spelled.push(belowHundred(rest));
  return spelled.join(' ');
}

function belowHundred(value: number): string {
  if (value < 20) return ONES[value] ?? '';
  const one = value % 10;
  const ten = TENS[Math.floor(value / 10)] ?? '';
  return one === 0 ? ten : `${ten}-${ONES[one] ?? ''}`;
}

function toOrdinal(cardinal: string): string {
  return cardinal.replace(/[a-z]+$/u, (last) => {
    const irregular = IRREGULAR_ORDINALS.get(last);
    if (irregular !== undefined) return irregular;
    return last.endsWith('y') ? `${last.slice(0, -1)}ieth` : `${last}th`;
  });
}

function toPlural(words: string): string {
  return words.endsWith('y') ? `${words.slice(0, -1)}ies` : `${words}s`;
}
