/** A part of a pronunciation: a sound, a stress before a syllable, or a break between words. */
export type IpaPart =
  | { readonly kind: 'sound'; readonly sound: string }
  | { readonly kind: 'stress'; readonly level: 1 | 2 }
  | { readonly kind: 'break' };

/** A pronunciation in the sounds that somebody has. */
export interface FittedIpa {
  readonly parts: readonly IpaPart[];
  /** Sounds that were not to be had, and what took their places. */
  readonly changes: readonly { readonly from: string; readonly to: string }[];
}

const PLACES = 11;

/** The consonants of the chart by manner: per place, from the lips to the glottis, voiceless and voiced. */
const CONSONANT_CHART: readonly (readonly [manner: number, row: string])[] = [
  [0, 'p b|. .|. .|t d|. .|ʈ ɖ|c ɟ|k ɡ|q ɢ|ʡ .|ʔ .'],
  [0.5, '. ɓ|. .|. .|. ɗ|. .|. .|. ʄ|. ɠ|. ʛ|. .|. .'],
  [10, '. m|. ɱ|. .|. n|. .|. ɳ|. ɲ|. ŋ|. ɴ|. .|. .'],
  [4, '. ʙ|. .|. .|. r|. .|. .|. .|. .|. ʀ|. .|. .'],
  [4.5, '. .|. ⱱ|. .|. ɾ|. .|. ɽ|. .|. .|. .|. .|. .'],
  [2.5, 'ɸ β|f v|θ ð|s z|ʃ ʒ|ʂ ʐ|ç ʝ|x ɣ|χ ʁ|ħ ʕ|h ɦ'],
  [5, 'ʍ .|. ʋ|. .|. ɹ|. .|. ɻ|. j|. ɰ|. .|. .|. .'],
  [7, '. .|. .|. .|. l|. .|. ɭ|. ʎ|. ʟ|. .|. .|. .'],
];

/**
 * What speakers who lack a sound say for it, best first; the first is also its place where the chart has none. An empty
 * one means that they leave it out.
 */
const SUBSTITUTES: Readonly<Record<string, readonly string[]>> = {
  w: ['ʋ', 'u'],
  ɥ: ['j', 'w'],
  ɫ: ['l'],
  ɕ: ['ʃ'],
  ʑ: ['ʒ'],
  ɧ: ['x', 'ʃ'],
  ɬ: ['ʃ', 'l'],
  ɮ: ['ʒ', 'l'],
  ɺ: ['l'],
  ʜ: ['ħ', 'h'],
  ʢ: ['ʕ'],
  ʘ: ['p'],
  ǀ: ['t'],
  ǃ: ['k'],
  ǂ: ['c', 'k'],
  ǁ: ['k'],
  ɚ: ['ə', 'ɐ'],
  ɝ: ['ɜ', 'ɚ', 'ə'],
  ᵻ: ['ɪ', 'ɨ', 'i'],
  ᵿ: ['ʊ', 'u'],
  ʔ: [''],
  x: ['χ', 'k'],
  χ: ['x', 'k'],
  ɣ: ['ɡ'],
  ʁ: ['ʀ', 'r', 'ɹ'],
  ʀ: ['ʁ', 'r', 'ɹ'],
  r: ['ɾ', 'ɹ', 'ʁ'],
  ɹ: ['ɻ', 'r', 'ɾ', 'ʁ'],
  ɾ: ['r', 'ɹ', 'd'],
  ç: ['ʃ'],
  β: ['v', 'b'],
  ɲ: ['n'],
  ʎ: ['l', 'j'],
  θ: ['s', 't'],
  ð: ['z', 'd'],
  a: ['ɑ', 'ɑː', 'æ'],
  ɑ: ['ɑː', 'a'],
  ɐ: ['ʌ', 'ɜ', 'ə'],
  e: ['eː', 'eɪ', 'ɛ'],
  o: ['oː', 'oʊ', 'ɔ', 'əʊ'],
  y: ['yː', 'ʏ', 'u', 'uː'],
  ø: ['øː', 'œ', 'ɜ', 'ɜː'],
  œ: ['ø', 'øː', 'ɜ', 'ɛ'],
};

/** The vowels by height, from close to open: front, central and back, unrounded and rounded. */
const VOWEL_CHART: readonly (readonly [height: number, row: string])[] = [
  [0, 'i y|ɨ ʉ|ɯ u'],
  [1, 'ɪ ʏ|. .|. ʊ'],
  [2, 'e ø|ɘ ɵ|ɤ o'],
  [3, '. .|ə .|. .'],
  [4, 'ɛ œ|ɜ ɞ|ʌ ɔ'],
  [5, 'æ .|ɐ .|. .'],
  [6, 'a ɶ|. .|ɑ ɒ'],
];

interface Features {
  readonly vowel: boolean;
  /** Of consonants manner, place and voice; of vowels height, backness and rounding. */
  readonly values: readonly [number, number, number];
}

const FEATURES: ReadonlyMap<string, Features> = new Map([
  ...CONSONANT_CHART.flatMap(([manner, row]) => featuresOf(row, { vowel: false, first: manner })),
  ...VOWEL_CHART.flatMap(([height, row]) => featuresOf(row, { vowel: true, first: height })),
]);

function featuresOf(
  row: string,
  { vowel, first }: { readonly vowel: boolean; readonly first: number },
): [string, Features][] {
  return row
    .split('|')
    .flatMap((pair, place) =>
      pair
        .split(' ')
        .map((symbol, second): [string, Features] => [symbol, { vowel, values: [first, place, second] }]),
    )
    .filter(([symbol]) => symbol !== '.');
}

/** How much a step of each feature counts. */
const WEIGHTS = { consonant: [1.5, 1, 1.2], vowel: [1, 1.5, 0.8] } as const;

function distance(one: Features, other: Features): number {
  const weights = one.vowel ? WEIGHTS.vowel : WEIGHTS.consonant;
  return weights.reduce((sum, weight, at) => {
    const apart = Math.abs((one.values[at] ?? 0) - (other.values[at] ?? 0));
    return sum + weight * (at === 1 && !one.vowel ? (apart * 6) / PLACES : apart);
  }, 0);
}

/** Whether an IPA sound is a vowel, and so carries the stress. */
export function isVowelSound(sound: string): boolean {
  const letter = Array.from(sound.normalize('NFD'))[0] ?? '';
  return (FEATURES.get(letter) ?? FEATURES.get(SUBSTITUTES[letter]?.[0] ?? ''))?.vowel ?? false;
}

const LIGATURES: Readonly<Record<string, string>> = {
  ʦ: 'ts',
  ʣ: 'dz',
  ʧ: 'tʃ',
  ʤ: 'dʒ',
  ʨ: 'tɕ',
  ʥ: 'dʑ',
  g: 'ɡ',
  "'": 'ˈ',
};

/** Ties, and marks of tone and intonation, which are no sounds. */
const SILENT =
  /\u035c|\u0361|\u203f|[\u0300-\u0302]|\u0304|[\u030b\u030c]|\u030f|[\u02e5-\u02e9\ua700-\ua71f\u2191\u2193\u2197\u2198]/u;
/** Marks that change the sound before them. */
const MODIFIER = /[\p{M}\u02b0-\u02c7\u02cd-\u02e4\u1d2c-\u1d6a\u207f]/u;

/** A pronunciation spelled in the one way that sounds are compared in: no ligatures, no ties, no tones. */
export function plainIpa(ipa: string): string {
  return Array.from(ipa.normalize('NFD'), (character) => LIGATURES[character] ?? character)
    .filter((character) => !SILENT.test(character))
    .join('');
}

/** Longest sound, in characters. */
const LONGEST_SOUND = 6;

/**
 * Reads a pronunciation with the sounds that there are, the longest first. One that is not there loses its marks,
 * and where that does not help its nearest neighbour of the chart stands in. `sounds` are spelled as `plainIpa` spells.
 */
export function fitIpa(ipa: string, sounds: ReadonlySet<string>): FittedIpa {
  const characters = Array.from(plainIpa(ipa));
  const parts: IpaPart[] = [];
  const changes = new Map<string, string>();
  for (let index = 0; index < characters.length;) {
    const character = characters[index] ?? '';
    const mark = markOf(character);
    if (mark) parts.push(mark);
    const length = mark ? 1 : soundLength(characters, index, sounds);
    const written = characters.slice(index, index + length).join('');
    const sound = mark ? undefined : fitSound(written, sounds);
    if (sound) parts.push({ kind: 'sound', sound });
    if (sound !== undefined && letterOf(sound) !== letterOf(written)) changes.set(written, sound);
    index += length;
  }
  return { parts, changes: Array.from(changes, ([from, to]) => ({ from, to })) };
}

function markOf(character: string): IpaPart | undefined {
  if (character === 'ˈ') return { kind: 'stress', level: 1 };
  if (character === 'ˌ') return { kind: 'stress', level: 2 };
  return /[\s‖|]/u.test(character) ? { kind: 'break' } : undefined;
}

function soundLength(characters: readonly string[], index: number, sounds: ReadonlySet<string>): number {
  for (let length = Math.min(LONGEST_SOUND, characters.length - index); length > 1; length -= 1) {
    if (sounds.has(characters.slice(index, index + length).join(''))) return length;
  }
  let length = 1;
  while (MODIFIER.test(characters[index + length] ?? '')) length += 1;
  return length;
}

function fitSound(written: string, sounds: ReadonlySet<string>): string | undefined {
  if (sounds.has(written)) return written;
  const [letter = ''] = Array.from(written);
  const long = `${letter}ː`;
  const spelled = [written.includes('ː') ? letter : long, letter].find((one) => sounds.has(one));
  return spelled ?? nearestSound(letter, sounds);
}

function nearestSound(letter: string, sounds: ReadonlySet<string>): string | undefined {
  const substitutes = SUBSTITUTES[letter] ?? [];
  const usual =
    [...sounds].find((sound) => letterOf(sound) === letter) ??
    substitutes.find((one) => one === '' || sounds.has(one));
  const wanted = FEATURES.get(letter) ?? FEATURES.get(substitutes[0] ?? '');
  return usual ?? (wanted && neighbourOf(wanted, sounds));
}

function neighbourOf(wanted: Features, sounds: ReadonlySet<string>): string | undefined {
  const ranked = [...sounds].flatMap((sound) => {
    const features = FEATURES.get(letterOf(sound));
    return features?.vowel === wanted.vowel ? [{ sound, far: distance(wanted, features) }] : [];
  });
  return ranked.toSorted((a, b) => a.far - b.far)[0]?.sound;
}

/** A sound without marks of length and colour. Diphthongs and the like, which have several letters, stay whole. */
function letterOf(sound: string): string {
  return Array.from(sound.normalize('NFD'))
    .filter((character) => !MODIFIER.test(character))
    .join('');
}
