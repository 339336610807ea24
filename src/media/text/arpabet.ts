/** The consonants of the Carnegie Mellon dictionary in IPA. */
const CONSONANTS: Readonly<Record<string, string>> = {
  B: 'b',
  CH: 'tʃ',
  D: 'd',
  DH: 'ð',
  F: 'f',
  G: 'ɡ',
  HH: 'h',
  JH: 'dʒ',
  K: 'k',
  L: 'l',
  M: 'm',
  N: 'n',
  NG: 'ŋ',
  P: 'p',
  R: 'ɹ',
  S: 's',
  SH: 'ʃ',
  T: 't',
  TH: 'θ',
  V: 'v',
  W: 'w',
  Y: 'j',
  Z: 'z',
  ZH: 'ʒ',
};

/** Its vowels in IPA. Without stress, `AH` and `ER` are the weak ones of `UNSTRESSED`. */
const VOWELS: Readonly<Record<string, string>> = {
  AA: 'ɑ',
  AE: 'æ',
  AH: 'ʌ',
  AO: 'ɔ',
  AW: 'aʊ',
  AY: 'aɪ',
  EH: 'ɛ',
  ER: 'ɝ',
  EY: 'eɪ',
  IH: 'ɪ',
  IY: 'i',
  OW: 'oʊ',
  OY: 'ɔɪ',
  UH: 'ʊ',
  UW: 'u',
};

const UNSTRESSED: Readonly<Record<string, string>> = { AH: 'ə', ER: 'ɚ' };

/** What else IPA writes for the sounds of English, and the nearest that ARPABET has. */
const OTHER_IPA: Readonly<Record<string, readonly string[]>> = {
  ə: ['AH'],
  ɚ: ['ER'],
  ɜɹ: ['ER'],
  ɜ: ['ER'],
  əʊ: ['OW'],
  ɒ: ['AA'],
  a: ['AA'],
  ɐ: ['AH'],
  ɘ: ['AH'],
  ɨ: ['IH'],
  e: ['EH'],
  o: ['OW'],
  r: ['R'],
  ɻ: ['R'],
  g: ['G'],
  ɫ: ['L'],
  ɾ: ['D'],
  ʍ: ['W'],
  ʧ: ['CH'],
  ʤ: ['JH'],
  n̩: ['AH', 'N'],
  m̩: ['AH', 'M'],
  l̩: ['AH', 'L'],
};

/** Consonants that may begin an English syllable together. */
const ONSETS = new Set(
  [
    ...['P', 'B', 'T', 'D', 'K', 'G', 'F', 'TH', 'SH'].flatMap((first) => [`${first} R`, `${first} W`]),
    ...['P', 'B', 'K', 'G', 'F', 'S'].map((first) => `${first} L`),
    ...['P', 'B', 'K', 'G', 'F', 'V', 'M', 'HH'].map((first) => `${first} Y`),
    ...['P', 'T', 'K', 'M', 'N', 'W', 'F'].map((second) => `S ${second}`),
    ...['P L', 'P R', 'P Y', 'T R', 'K R', 'K W', 'K L', 'K Y'].map((cluster) => `S ${cluster}`),
  ].filter((cluster) => !['P W', 'B W', 'F W', 'SH W'].includes(cluster)),
);

interface Phone {
  readonly name: string;
  /** 1 primary, 2 secondary, 0 none; absent for consonants and where it was not told. */
  readonly stress?: number;
}

const PHONE = /^(?<name>[A-Z]{1,2})(?<stress>[012])?$/;

function readPhone(token: string): Phone | undefined {
  const { name = '', stress } = PHONE.exec(token)?.groups ?? {};
  if (CONSONANTS[name] !== undefined) return stress === undefined ? { name } : undefined;
  if (VOWELS[name] === undefined) return undefined;
  return stress === undefined ? { name } : { name, stress: Number(stress) };
}

function tokensOf(phonemes: string): string[] {
  return phonemes.split(/\s+/u).filter((token) => token !== '');
}

/** Why a text is no pronunciation in ARPABET, as a sentence without its subject; undefined when it is one. */
export function findArpabetProblem(phonemes: string): string | undefined {
  const tokens = tokensOf(phonemes);
  if (tokens.length === 0) return 'is empty';
  const wrong = tokens.find((token) => !readPhone(token));
  if (wrong === undefined) return undefined;
  return `has '${wrong}', which is no phoneme of the CMU dictionary (such as 'HH AH0 L OW1', with a stress of 0, 1 or 2 on vowels only)`;
}

/**
 * IPA for a pronunciation in ARPABET (`HH AH0 L OW1` gives `həˈloʊ`); stress marks stand before the syllable.
 * Undefined when it is not valid.
 */
export function arpabetToIpa(phonemes: string): string | undefined {
  const read = tokensOf(phonemes).map(readPhone);
  const phones = read.filter((phone) => phone !== undefined);
  if (phones.length === 0 || phones.length < read.length) return undefined;
  const marks = stressMarks(phones);
  return phones
    .map((phone, index) => {
      const mark = marks.get(index) ?? syllableBreak(phones[index - 1], phone);
      return mark + symbolOf(phone);
    })
    .join('');
}

function symbolOf({ name, stress }: Phone): string {
  const weak = stress === 0 ? UNSTRESSED[name] : undefined;
  return weak ?? VOWELS[name] ?? CONSONANTS[name] ?? '';
}

/** By the index of a syllable's first phone, the mark that stands there. */
function stressMarks(phones: readonly Phone[]): ReadonlyMap<number, string> {
  const marks = new Map<number, string>();
  phones.forEach(({ stress }, index) => {
    if (stress === 1 || stress === 2) marks.set(onsetStart(phones, index), stress === 1 ? 'ˈ' : 'ˌ');
  });
  return marks;
}

/** Where the syllable of a vowel begins: with as many consonants as may begin one, at a word's start with all. */
function onsetStart(phones: readonly Phone[], vowel: number): number {
  let first = vowel;
  while (first > 0 && CONSONANTS[phones[first - 1]?.name ?? ''] !== undefined) first -= 1;
  if (first === 0) return 0;
  for (; first < vowel; first += 1) {
    const onset = phones.slice(first, vowel).map(({ name }) => name);
    if (onset.length === 1 ? onset[0] !== 'NG' : ONSETS.has(onset.join(' '))) break;
  }
  return first;
}

/** Two phones that would read as one, such as `T SH`, which is not `CH`, have a dot between them. */
function syllableBreak(before: Phone | undefined, after: Phone): string {
  if (!before) return '';
  const first = Array.from(symbolOf(before));
  const together = symbolAt([...first, ...Array.from(symbolOf(after))], 0);
  return together && together.length > first.length ? '.' : '';
}

/** The ARPABET of every IPA symbol that is known; the longest symbols have two characters. */
const SYMBOLS: ReadonlyMap<string, readonly string[]> = new Map([
  ...Object.entries(OTHER_IPA),
  ...Object.entries({ ...CONSONANTS, ...VOWELS }).map(([name, symbol]): [string, string[]] => [
    symbol,
    [name],
  ]),
]);

/** The longest symbol at an index: its length and its phones. */
function symbolAt(
  characters: readonly string[],
  index: number,
): { readonly length: number; readonly phones: readonly string[] } | undefined {
  for (const length of [2, 1]) {
    const phones = SYMBOLS.get(characters.slice(index, index + length).join(''));
    if (phones) return { length, phones };
  }
  return undefined;
}

/** Ties, lengths and diacritics that change nothing which ARPABET could tell. */
const UNTOLD = /[\u0303\u0325\u032a\u032f\u031a\u035c\u0361\u02b0\u02d0\u02d1]/gu;
/** What parts words and syllables. */
const BREAK = /[\s.|‖‿-]/u;
const STRESS: Readonly<Record<string, number>> = { ˈ: 1, "'": 1, ˌ: 2 };

/** The sounds, the stress mark or the break at an index; undefined for what English does not have. */
function readSign(
  characters: readonly string[],
  index: number,
): { readonly length: number; readonly phones: readonly string[]; readonly mark?: number } | undefined {
  const symbol = symbolAt(characters, index);
  if (symbol) return symbol;
  const character = characters[index] ?? '';
  const mark = STRESS[character];
  if (mark !== undefined) return { length: 1, phones: [], mark };
  return BREAK.test(character) ? { length: 1, phones: [] } : undefined;
}

/**
 * ARPABET for a pronunciation in IPA (`həˈloʊ` gives `HH AH0 L OW1`), with the nearest English sound for symbols
 * that are spelled in several ways. Undefined when a sound is not English.
 */
export function ipaToArpabet(phonemes: string): string | undefined {
  const characters = Array.from(phonemes.normalize('NFD').replace(UNTOLD, ''));
  const written: string[] = [];
  let index = 0;
  let stress = 0;
  while (index < characters.length) {
    const sign = readSign(characters, index);
    if (!sign) return undefined;
    stress = sign.mark ?? stress;
    for (const name of sign.phones) {
      if (isVowel(name)) {
        written.push(`${name}${stress}`);
        // A mark is for the first vowel behind it.
        stress = 0;
      } else {
        written.push(name);
      }
    }
    index += sign.length;
  }
  return written.length === 0 ? undefined : written.join(' ');
}

function isVowel(name: string): boolean {
  return VOWELS[name] !== undefined;
}
