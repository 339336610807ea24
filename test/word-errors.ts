import { normalizeForSpeech } from '../src/media/text/speech-normalizer.ts';

/** How one text was heard. */
export interface WordComparison {
  /** Words of the first text; characters where words are not written apart. */
  readonly words: number;
  /** Words that must be changed, added or removed to turn one text into the other. */
  readonly errors: number;
  /** Places of equal words in both texts, in order. */
  readonly pairs: readonly (readonly [expected: number, heard: number])[];
}

/** Languages in which recognisers put spaces as they like, so that characters are counted. */
const BY_CHARACTER = ['zh', 'ja', 'ko'];

/** The words of a text as they are compared: without case and punctuation, numbers in words. */
export function comparableWords(text: string, language: string): string[] {
  const spoken = normalizeForSpeech(text, { language }).text;
  const plain = spoken.normalize('NFKC').toLowerCase().replaceAll('’', "'");
  if (BY_CHARACTER.includes(language)) return plain.match(/[\p{L}\p{N}]/gu) ?? [];
  return plain.match(/[\p{L}\p{N}]+(?:'[\p{L}]+)*/gu) ?? [];
}

/** Lays two lists of words beside each other with the fewest errors. */
export function compareWords(expected: readonly string[], heard: readonly string[]): WordComparison {
  const width = heard.length + 1;
  // A thousand for each error, one less for each equal word: of several ways, the one that keeps the most of them.
  const costs = new Int32Array((expected.length + 1) * width);
  const at = (row: number, column: number) => costs[row * width + column] ?? 0;
  const beside = (row: number, column: number) =>
    at(row - 1, column - 1) + (expected[row - 1] === heard[column - 1] ? -1 : 1000);
  for (let row = 0; row <= expected.length; row += 1) {
    for (let column = 0; column <= heard.length; column += 1) {
      const edge = row === 0 || column === 0;
      costs[row * width + column] = edge
        ? (row + column) * 1000
        : Math.min(beside(row, column), at(row - 1, column) + 1000, at(row, column - 1) + 1000);
    }
  }
  const pairs: (readonly [number, number])[] = [];
  let [row, column] = [expected.length, heard.length];
  while (row > 0 && column > 0) {
    if (at(row, column) === beside(row, column)) {
      row -= 1;
      column -= 1;
      if (expected[row] === heard[column]) pairs.unshift([row, column]);
    } else if (at(row, column) === at(row - 1, column) + 1000) row -= 1;
    else column -= 1;
  }
  const errors = Math.round((at(expected.length, heard.length) + pairs.length) / 1000);
  return { words: expected.length, errors, pairs };
}
