import { mapRangeToSource } from '../../media/text/normalized-text.ts';
import { normalizeForSpeech } from '../../media/text/speech-normalizer.ts';

/** A word as it is said, and which of the given words it comes from. */
export interface SpokenWord {
  /** Lower case, with its apostrophes and hyphens. */
  readonly spelling: string;
  /** Whether it was written in capitals only, as initials are. */
  readonly upper: boolean;
  /** Index of the given word. */
  readonly word: number;
}

const SPOKEN_WORD = /[\p{L}\p{M}]+(?:['’.\-‐‑][\p{L}\p{M}]+)*['’]?/gu;
const LETTERS = /[\p{L}\p{M}]/gu;

/** Words as they are said, in order: numbers, amounts and abbreviations written out, punctuation gone. */
export function toSpokenWords(words: readonly string[], language: string): SpokenWord[] {
  const starts: number[] = [];
  let text = '';
  for (const word of words) {
    starts.push(text.length);
    text += `${word} `;
  }
  const normalized = normalizeForSpeech(text, { language });
  const sourced = Array.from(normalized.text.matchAll(SPOKEN_WORD), ({ 0: written, index }) => {
    const { start, end } = mapRangeToSource(normalized, index, index + written.length);
    return { written, first: wordAt(starts, start), last: wordAt(starts, Math.max(start, end - 1)) };
  });
  const spoken: SpokenWord[] = [];
  let rest = sourced;
  while (rest[0]) {
    const { first, last } = rest[0];
    const next = rest.findIndex((one) => one.first !== first || one.last !== last);
    const stretch = rest.slice(0, next < 0 ? rest.length : next).map(({ written }) => written);
    const owners = ownersOf(stretch, words.slice(first, last + 1), language);
    stretch.forEach((written, index) => spoken.push(toSpokenWord(written, first + (owners[index] ?? 0))));
    rest = rest.slice(stretch.length);
  }
  return spoken;
}

function toSpokenWord(written: string, word: number): SpokenWord {
  return {
    spelling: written.toLowerCase().normalize('NFC').replaceAll('’', "'").replaceAll(/[‐‑]/gu, '-'),
    upper: /^\p{Lu}{2,}$/u.test(written),
    word,
  };
}

/** The given word that holds an offset of the joined text. */
function wordAt(starts: readonly number[], offset: number): number {
  const after = starts.findIndex((start) => start > offset);
  return after < 0 ? starts.length - 1 : Math.max(0, after - 1);
}

/**
 * Which of some given words each of the words belongs to that are said for them together, as for `$5 million`. It is
 * not known, but a given word takes about as long as it would alone.
 */
function ownersOf(spoken: readonly string[], given: readonly string[], language: string): number[] {
  if (given.length === 1) return spoken.map(() => 0);
  const bounds = shares(given.map((word) => letterCount(normalizeForSpeech(word, { language }).text)));
  const ends = shares(spoken.map(letterCount));
  return ends.map((end, index) => {
    const middle = (end + (ends[index - 1] ?? 0)) / 2;
    return Math.max(
      0,
      bounds.findIndex((bound) => middle <= bound),
    );
  });
}

/** Where each of some lengths ends, as a share of all of them. */
function shares(lengths: readonly number[]): number[] {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  let end = 0;
  return lengths.map((length) => {
    end += length;
    return end / Math.max(1, total);
  });
}

function letterCount(text: string): number {
  return text.match(LETTERS)?.length ?? 0;
}
