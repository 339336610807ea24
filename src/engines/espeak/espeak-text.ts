/** A text as espeak reads it: as markup, in which it may not mistake anything for a command. */
export interface EspeakMarkup {
  readonly markup: string;
  /** For each code point of `markup` the UTF-16 offset in the text that it came from. */
  readonly origins: readonly number[];
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Direction marks and the byte order mark: silent, but espeak would break the word that holds one. */
const SILENT = /[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

/** Half surrogate pairs, and characters that espeak takes for commands: control characters, private ones. */
const MEANINGLESS = /[\p{Cc}\p{Cs}\p{Co}]/u;

/** Letters and digits in another dress, which espeak would spell out by their numbers. */
const DRESSED = /[\uff01-\uff5e\u{1d400}-\u{1d7ff}]/u;

/** Rewrites plain text so that espeak speaks it as plain text. */
export function toEspeakMarkup(text: string): EspeakMarkup {
  let markup = '';
  const origins: number[] = [];
  let offset = 0;
  for (const character of text) {
    // Two brackets would open a list of phonemes.
    const spelling = character === '[' && markup.endsWith('[') ? ' [' : spell(character);
    for (const _ of spelling) origins.push(offset);
    markup += spelling;
    offset += character.length;
  }
  return { markup, origins };
}

function spell(character: string): string {
  if (DRESSED.test(character)) return Array.from(character.normalize('NFKC'), escape).join('');
  if (MEANINGLESS.test(character)) return ' ';
  return SILENT.test(character) ? '' : escape(character);
}

function escape(character: string): string {
  return ENTITIES[character] ?? character;
}
