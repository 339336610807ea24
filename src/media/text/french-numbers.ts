const ONES =
  'zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf'.split(
    ' ',
  );
const TENS = 'zéro dix vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt'.split(
  ' ',
);
const SCALES = ['million', 'milliard', 'billion'];

/** Spells a whole number of at most 15 decimal digits in French: `80` gives `quatre-vingts`, `71` `soixante et onze`. */
export function frenchCardinal(digits: string): string {
  const value = Number(digits);
  const words: string[] = [];
  for (let scale = SCALES.length; scale > 0; scale -= 1) {
    const group = Math.floor(value / 1000 ** (scale + 1)) % 1000;
    if (group > 0)
      words.push(belowThousand(group, true), `${SCALES[scale - 1] ?? ''}${group > 1 ? 's' : ''}`);
  }
  const thousands = Math.floor(value / 1000) % 1000;
  if (thousands > 0) words.push(...(thousands === 1 ? [] : [belowThousand(thousands, false)]), 'mille');
  const rest = value % 1000;
  if (rest > 0 || words.length === 0) words.push(belowThousand(rest, true));
  return words.join(' ');
}

/** `last`: nothing but a noun follows, so `cent` and `quatre-vingt` take their plural. */
function belowThousand(value: number, last: boolean): string {
  const hundreds = Math.floor(value / 100);
  const rest = value % 100;
  if (hundreds === 0) return belowHundred(rest, last);
  const plural = hundreds > 1 && rest === 0 && last ? 's' : '';
  const spelled = hundreds === 1 ? 'cent' : `${ONES[hundreds] ?? ''} cent${plural}`;
  return rest === 0 ? spelled : `${spelled} ${belowHundred(rest, last)}`;
}

function belowHundred(value: number, last: boolean): string {
  if (value < 20) return ONES[value] ?? '';
  const decade = Math.floor(value / 10);
  const ten = TENS[decade] ?? '';
  // The seventies and nineties count on from sixty and eighty.
  const rest = (value % 10) + (decade === 7 || decade === 9 ? 10 : 0);
  if (rest === 0) return decade === 8 && last ? `${ten}s` : ten;
  const joint = rest % 10 === 1 && decade < 8 ? ' et ' : '-';
  return ten + joint + (ONES[rest] ?? '');
}
