const ONES = (
  'cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve ' +
  'veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve'
).split(' ');
const TENS = 'cero diez veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa'.split(' ');
const HUNDREDS =
  'cero ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos'.split(
    ' ',
  );

/** Spells a whole number of at most 15 decimal digits in Spanish, masculine: `1500` gives `mil quinientos`. */
export function spanishCardinal(digits: string): string {
  const value = Number(digits);
  const words = [
    ...millions(Math.floor(value / 1e12), ['billón', 'billones']),
    ...millions(Math.floor(value / 1e6) % 1e6, ['millón', 'millones']),
  ];
  const rest = value % 1e6;
  if (rest > 0 || words.length === 0) words.push(belowMillion(rest));
  return words.join(' ');
}

function millions(count: number, [one, many]: readonly [string, string]): string[] {
  if (count === 0) return [];
  return count === 1 ? ['un', one] : [shortened(belowMillion(count)), many];
}

function belowMillion(value: number): string {
  const thousands = Math.floor(value / 1000);
  const rest = value % 1000;
  if (thousands === 0) return belowThousand(rest);
  const spelled = thousands === 1 ? 'mil' : `${shortened(belowThousand(thousands))} mil`;
  return rest === 0 ? spelled : `${spelled} ${belowThousand(rest)}`;
}

function belowThousand(value: number): string {
  if (value === 100) return 'cien';
  const hundreds = Math.floor(value / 100);
  const rest = value % 100;
  if (hundreds === 0) return belowHundred(rest);
  const spelled = HUNDREDS[hundreds] ?? '';
  return rest === 0 ? spelled : `${spelled} ${belowHundred(rest)}`;
}

function belowHundred(value: number): string {
  if (value < 30) return ONES[value] ?? '';
  const ten = TENS[Math.floor(value / 10)] ?? '';
  return value % 10 === 0 ? ten : `${ten} y ${ONES[value % 10] ?? ''}`;
}

/** `uno` loses its ending before the word it counts. */
function shortened(words: string): string {
  return words.replace(/veintiuno$/u, 'veintiún').replace(/uno$/u, 'un');
}
