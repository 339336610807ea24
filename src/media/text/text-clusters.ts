/** A text cut into characters as a reader sees them: a letter with its marks is one. */
export interface TextClusters {
  /** Offsets in UTF-16, with the length of the text behind the last. */
  readonly starts: readonly number[];
  /** In one spelling, however accents were written. */
  readonly exact: readonly string[];
  /** The same without regard to upper and lower case. */
  readonly folded: readonly string[];
}

const CLUSTER = /\P{M}(?:\p{M}|\u200d\P{M}?)*|\p{M}+/gsu;

/** Cuts a text so that equal characters are equal strings, and no cut goes through a letter. */
export function clustersOf(text: string): TextClusters {
  const starts: number[] = [];
  const exact: string[] = [];
  const folded: string[] = [];
  for (const { 0: cluster, index } of text.matchAll(CLUSTER)) {
    starts.push(index);
    const one = cluster.length === 1 ? cluster : cluster.normalize('NFC');
    exact.push(one);
    // Through upper case, so that both small sigmas, and ß and ss in one character, are the same.
    folded.push(one.toLowerCase().toUpperCase().toLowerCase());
  }
  starts.push(text.length);
  return { starts, exact, folded };
}

const WORD = /^[\p{L}\p{N}_]/u;
/** Scripts that put no space between words, or write particles right behind them. */
const SPACELESS =
  /^[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}\p{scx=Tibetan}]/u;

/** Whether a word may end between two neighbouring characters; a missing one is an end of the text. */
export function isWordBoundary(before: string | undefined, after: string | undefined): boolean {
  if (before === undefined || after === undefined) return true;
  if (!WORD.test(before) || !WORD.test(after)) return true;
  return SPACELESS.test(before) || SPACELESS.test(after);
}
