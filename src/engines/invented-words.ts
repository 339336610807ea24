import type { SpokenPhonemes } from '../core/engine.ts';
import type { Warning } from '../core/warning.ts';
import type { NormalizedText } from '../media/text/normalized-text.ts';

/**
 * A text in which every stretch that has a pronunciation of its own is one word that no language has, so that an
 * engine treats it as a word of the sentence, and what each of these words is pronounced like.
 */
export interface InventedText extends NormalizedText {
  /** IPA by invented word, in lower case. */
  readonly pronunciations: ReadonlyMap<string, string>;
}

const CONSONANTS = 'bdgklmnprstvz';
const VOWELS = 'aeiou';
/** Begins every invented word: engines spell out what has no vowels, and this has nothing but syllables. */
const OPENING = 'zavugo';
/** An invented word in some text. */
const INVENTED = new RegExp(`${OPENING}(?:[${CONSONANTS}][${VOWELS}])+zu`, 'giu');

/** Puts invented words in the places of the stretches, which must not overlap. */
export function inventWords(text: string, stretches: readonly SpokenPhonemes[]): InventedText {
  const pieces: NormalizedText['pieces'][number][] = [];
  const pronunciations = new Map<string, string>();
  let written = '';
  let read = 0;
  const add = (part: string, sourceEnd: number, mark: { readonly replaced?: true } = {}) => {
    const start = written.length;
    written += part;
    if (part !== '' || sourceEnd > read)
      pieces.push({ sourceStart: read, sourceEnd, start, end: written.length, ...mark });
    read = sourceEnd;
  };
  for (const { start, end, ipa } of stretches.toSorted((a, b) => a.start - b.start)) {
    if (start < read || end <= start) continue;
    add(text.slice(read, start), start);
    const word = inventWord(pronunciations.size);
    pronunciations.set(word, ipa);
    const before = /[\p{L}\p{N}\p{M}]$/u.test(written) ? ' ' : '';
    const after = /^[\p{L}\p{N}\p{M}]/u.test(text.slice(end, end + 2)) ? ' ' : '';
    const first = /^\p{Lu}/u.test(text.slice(start)) ? word.slice(0, 1).toUpperCase() : word.slice(0, 1);
    add(`${before}${first}${word.slice(1)}${after}`, end, { replaced: true });
  }
  add(text.slice(read), text.length);
  return { text: written, pieces, pronunciations };
}

/** The nth word that nobody has ever said. */
function inventWord(index: number): string {
  const syllables: string[] = [];
  const base = CONSONANTS.length * VOWELS.length;
  for (let rest = index; rest > 0 || syllables.length === 0; rest = Math.floor(rest / base)) {
    const digit = rest % base;
    syllables.push(
      `${CONSONANTS[Math.floor(digit / VOWELS.length)] ?? ''}${VOWELS[digit % VOWELS.length] ?? ''}`,
    );
  }
  return `${OPENING}${syllables.join('')}zu`;
}

/** The invented words of a text, in lower case, with where they stand. */
export function findInventedWords(text: string): { readonly word: string; readonly start: number }[] {
  return Array.from(text.matchAll(INVENTED), (match) => ({
    word: match[0].toLowerCase(),
    start: match.index,
  }));
}

/** A sound that an engine has not, and the one that took its place. */
export interface SoundChange {
  readonly from: string;
  readonly to: string;
}

/** What the caller has to know about sounds that had to be replaced; each is told once. */
export function soundWarnings(changes: readonly SoundChange[], language: string): Warning[] {
  const distinct = new Map(changes.map((change) => [`${change.from} ${change.to}`, change]));
  return Array.from(distinct.values(), ({ from, to }) => ({
    type: 'adjusted',
    setting: 'text',
    from: `the sound ${from}`,
    to: `${to}, the nearest in ${language}`,
  }));
}
