/** Scripts that write no spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** A text that is guessed again and again while it grows, told piece by piece so that nothing told is taken back. */
export interface StableText {
  /** What a new guess at the whole text adds to what was told: words that two guesses in a row agree on. */
  guess(text: string): string;
  /**
   * What the certain text adds. Where it says otherwise than what was told, its words go on after as many as were told.
   */
  settle(text: string): string;
}

/** Begins with nothing told. */
export function createStableText(): StableText {
  let told = '';
  let before = '';
  const tell = (text: string): string => {
    if (!text.startsWith(told)) return '';
    const more = text.slice(told.length);
    told = text;
    return more;
  };
  return {
    guess: (text) => {
      const agreed = wholeWords(commonStart(before, text));
      before = text;
      return agreed.length > told.length ? tell(agreed) : '';
    },
    settle: (text) => {
      before = text;
      if (text.startsWith(told)) return tell(text);
      const more = wordsAfter(text, wordsIn(told).length);
      told += more;
      return more;
    },
  };
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return a.slice(0, length);
}

/** Without the last word, which may be the beginning of a longer one, and without the space in front of it. */
function wholeWords(text: string): string {
  const space = text.search(/\s\S*$/);
  const spaced = text.slice(0, Math.max(0, space));
  const signs = Array.from(text);
  const last = signs.findLastIndex((sign, index) => index < signs.length - 1 && UNSPACED.test(sign));
  const unspaced = signs.slice(0, last + 1).join('');
  return unspaced.length > spaced.length ? unspaced : spaced;
}

/** Words, or single signs where no spaces are written. */
function wordsIn(text: string): string[] {
  return (text.match(/\s*\S+/g) ?? []).flatMap((word) => (UNSPACED.test(word) ? Array.from(word) : [word]));
}

function wordsAfter(text: string, count: number): string {
  return wordsIn(text).slice(count).join('');
}
