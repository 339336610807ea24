/** A text as flite can read it: printable ASCII. */
export interface FliteText {
  readonly ascii: string;
  /** For each place in `ascii`, and for its end, the UTF-16 offset in the text it came from. */
  readonly origins: readonly number[];
}

/** Characters whose decomposition is not what a reader of English would say. */
const SPELLINGS: Readonly<Record<string, string>> = {
  ...pairs('‘’‚‛′ʼʹ', "'"),
  ...pairs('“”„‟″«»‹›', '"'),
  ...pairs('‐‑‒⁃−', '-'),
  ...pairs('–—―', ', '),
  ...pairs('。｡', '. '),
  ...pairs('、､，', ', '),
  '…': '...',
  ß: 'ss',
  ẞ: 'SS',
  æ: 'ae',
  Æ: 'Ae',
  œ: 'oe',
  Œ: 'Oe',
  ø: 'o',
  Ø: 'O',
  ð: 'th',
  Ð: 'Th',
  þ: 'th',
  Þ: 'Th',
  đ: 'd',
  Đ: 'D',
  ł: 'l',
  Ł: 'L',
  ħ: 'h',
  Ħ: 'H',
  ŋ: 'ng',
  Ŋ: 'Ng',
  ı: 'i',
  ƒ: 'f',
  ə: 'e',
  '€': ' euros ',
  '£': ' pounds ',
  '¥': ' yen ',
  '¢': ' cents ',
  '°': ' degrees ',
  '×': ' times ',
  '÷': ' divided by ',
  '±': ' plus or minus ',
  '≠': ' is not ',
  '≈': ' about ',
  '≤': ' at most ',
  '≥': ' at least ',
  '→': ' to ',
  '§': ' section ',
  '¶': ' paragraph ',
  '©': ' copyright ',
  '®': ' registered ',
  '™': ' trademark ',
  '⁄': '/',
  '¿': ' ',
  '¡': ' ',
};

function pairs(characters: string, spelling: string): Record<string, string> {
  return Object.fromEntries(Array.from(characters, (character) => [character, spelling]));
}

/** Rewrites a text in ASCII. What flite has no words for becomes a space. */
export function toFliteText(text: string): FliteText {
  const ascii: string[] = [];
  const origins: number[] = [];
  let offset = 0;
  for (const character of text) {
    const spelling = spell(character) ?? ' ';
    // Flite pauses at a comma that hangs on a word, and passes over one that stands alone.
    if (spelling.startsWith(',')) while (ascii.at(-1) === ' ' && ascii.pop()) origins.pop();
    for (const letter of spelling) {
      ascii.push(letter);
      origins.push(offset);
    }
    offset += character.length;
  }
  return { ascii: ascii.join(''), origins: [...origins, offset] };
}

/** Letters, digits and symbols that flite would leave out, each once, in the order of their coming. */
export function findUnspeakable(text: string): readonly string[] {
  // Marks and signs that nobody reads aloud are no loss; letters, digits and pictures are.
  const strangers = new Set(text.match(/\P{ASCII}/gu));
  return Array.from(strangers).filter((character) => {
    return /[\p{L}\p{N}\p{S}]/u.test(character) && spell(character) === undefined;
  });
}

/** Whether a text, however long, has anything at all that flite may say. */
export function holdsSpeech(text: string): boolean {
  return /[\dA-Za-z]/.test(text) || isSpeakable(toFliteText(text));
}

/** Whether flite may find anything to say: a letter, a digit or a symbol that it has a name for. */
export function isSpeakable({ ascii }: FliteText): boolean {
  return /[\dA-Za-z#$%&*+/<=>@\\^_|~]/.test(ascii);
}

function spell(character: string): string | undefined {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return ' ';
  if (code < 0x7f) return character;
  const known = SPELLINGS[character];
  if (known !== undefined) return known;
  const parts = Array.from(character.normalize('NFKD'), (part) =>
    /[\p{M}\p{Cf}]/u.test(part) ? '' : asciiPart(part),
  );
  if (parts.includes(undefined)) return undefined;
  const spelling = parts.join('');
  // Marks belong to the letter before them, and format characters such as the soft hyphen stand inside words.
  if (spelling === '' && !/[\p{M}\p{Cf}]/u.test(character)) return undefined;
  // Otherwise 1½ would become 11/2.
  return /\p{No}/u.test(character) ? ` ${spelling}` : spelling;
}

function asciiPart(part: string): string | undefined {
  if (/^[ -~]$/.test(part)) return part;
  if (/^\p{Nd}$/u.test(part)) return String(digitValue(part));
  return SPELLINGS[part] ?? (/^[\p{P}\p{Z}\p{Cc}]$/u.test(part) ? ' ' : undefined);
}

/** Decimal digits of a script stand in a run of ten, zero first. Scripts whose runs touch decompose to ASCII before. */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (code - zero < 9 && /^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return code - zero;
}
