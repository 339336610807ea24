const ONES =
  'null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn'.split(
    ' ',
  );
const TENS = 'null zehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig'.split(' ');
const SCALES: readonly (readonly [one: string, many: string])[] = [
  ['Million', 'Millionen'],
  ['Milliarde', 'Milliarden'],
  ['Billion', 'Billionen'],
];

/** Spells a whole number of at most 15 decimal digits in German: `1984` gives `eintausendneunhundertvierundachtzig`. */
export function germanCardinal(digits: string): string {
  const value = Number(digits);
  const words: string[] = [];
  for (let scale = SCALES.length; scale > 0; scale -= 1) {
    const group = Math.floor(value / 1000 ** (scale + 1)) % 1000;
    const [one, many] = SCALES[scale - 1] ?? ['', ''];
    if (group === 1) words.push('eine', one);
    if (group > 1) words.push(belowThousand(group), many);
  }
  const rest = value % 1_000_000;
  if (rest > 0 || words.length === 0) words.push(closing(belowMillion(rest)));
  return words.join(' ');
}

/** Spells a German year from 1100 to 1999 by hundreds: `1984` gives `neunzehnhundertvierundachtzig`. */
export function germanYear(year: number): string {
  const rest = year % 100;
  return `${belowHundred(Math.floor(year / 100))}hundert${rest === 0 ? '' : closing(belowHundred(rest))}`;
}

function belowMillion(value: number): string {
  const thousands = Math.floor(value / 1000);
  const rest = value % 1000;
  if (thousands === 0) return belowThousand(rest);
  return `${belowThousand(thousands)}tausend${rest === 0 ? '' : belowThousand(rest)}`;
}

function belowThousand(value: number): string {
  const hundreds = Math.floor(value / 100);
  const rest = value % 100;
  if (hundreds === 0) return belowHundred(rest);
  return `${ONES[hundreds] ?? ''}hundert${rest === 0 ? '' : belowHundred(rest)}`;
}

function belowHundred(value: number): string {
  if (value < 20) return ONES[value] ?? '';
  const ten = TENS[Math.floor(value / 10)] ?? '';
  return value % 10 === 0 ? ten : `${ONES[value % 10] ?? ''}und${ten}`;
}

/** A one at the very end of a number is `eins`. */
function closing(words: string): string {
  return words.endsWith('ein') ? `${words}s` : words;
}
