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

/** A word of a text that is written in espeak's own letters for sounds. */
export interface EspeakWord {
  readonly start: number;
  readonly end: number;
  readonly mnemonics: string;
}

/** Rewrites plain text so that espeak speaks it as plain text, save for words whose sounds are given. */
export function toEspeakMarkup(text: string, words: readonly EspeakWord[] = []): EspeakMarkup {
  let markup = '';
  const origins: number[] = [];
  let offset = 0;
  const waiting = [...words];
  for (const character of text) {
    const word = waiting[0];
    if (word && offset >= word.start) {
      const sounds = offset === word.start ? `[[${Array.from(word.mnemonics, escape).join('')}]]` : '';
      for (const _ of sounds) origins.push(offset);
      markup += sounds;
      offset += character.length;
      if (offset >= word.end) waiting.shift();
      continue;
    }
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
