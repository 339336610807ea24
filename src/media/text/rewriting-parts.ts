/** A part of something that is written out, and what it is written as. */
export interface RewritingPart {
  readonly source: string;
  readonly spoken: string;
}

/** A word, with the commas inside it, or a comma between two words. */
const TOKENS = /,(?=\s)|[^\s,]+(?:,[^\s,]+)*/gu;
const FIGURE = /\p{Nd}/u;
const LETTER_OR_FIGURE = /[\p{L}\p{N}]/u;
/** Beyond so many words on either side nothing is taken apart. */
const MOST_TOKENS = 24;

/**
 * Takes what is written out apart, so that each word of it keeps to its own words: "July 4, 1776" as "July fourth,
 * seventeen seventy-six" has "4" for "fourth". Words that are the same on both sides hold it together, and between them
 * words are paired where there are as many, or where one figure can stand for what is more. The parts joined are both
 * texts; what cannot be taken apart is one part.
 */
export function partsOfRewriting(source: string, spoken: string): readonly RewritingPart[] {
  const from = tokensOf(source);
  const to = tokensOf(spoken);
  if (from.length < 2 || from.length > MOST_TOKENS || to.length > MOST_TOKENS) return [{ source, spoken }];
  const starts = groupsOf(from, to).map((group, index) => ({
    source: index === 0 ? 0 : (from[group.from]?.start ?? 0),
    spoken: index === 0 ? 0 : (to[group.to]?.start ?? 0),
  }));
  return starts.flatMap((start, index) => {
    const end = starts[index + 1];
    return withSpacesApart({
      source: source.slice(start.source, end?.source),
      spoken: spoken.slice(start.spoken, end?.spoken),
    });
  });
}

/** The space behind a word belongs to none. */
function withSpacesApart({ source, spoken }: RewritingPart): RewritingPart[] {
  const words = { source: source.trimEnd(), spoken: spoken.trimEnd() };
  const spaces = { source: source.slice(words.source.length), spoken: spoken.slice(words.spoken.length) };
  return spaces.source === '' || spaces.spoken === '' ? [{ source, spoken }] : [words, spaces];
}

interface Token {
  readonly text: string;
  readonly start: number;
}

function tokensOf(text: string): Token[] {
  return Array.from(text.matchAll(TOKENS), ({ 0: token, index }) => ({ text: token, start: index }));
}

/** Tokens that belong together: the indices of the first of each side. */
interface Group {
  readonly from: number;
  readonly to: number;
}

function groupsOf(from: readonly Token[], to: readonly Token[]): Group[] {
  const groups: Group[] = [];
  let last: Group = { from: 0, to: 0 };
  for (const same of [...sameTokens(from, to), { from: from.length, to: to.length }]) {
    groups.push(...pairs(from.slice(last.from, same.from), to.slice(last.to, same.to), last), same);
    last = { from: same.from + 1, to: same.to + 1 };
  }
  return groups.filter((group) => group.from < from.length && group.to < to.length);
}

/** Pairs the words between two that are the same. A comma at the beginning goes with what is before it. */
function pairs(from: readonly Token[], to: readonly Token[], first: Group): Group[] {
  if (from.length === 0 || to.length === 0) return [];
  if (to[0]?.text === ',' && from[0]?.text !== ',')
    return pairs(from, to.slice(1), { from: first.from, to: first.to + 1 });
  const figures = from.filter(({ text }) => FIGURE.test(text)).length;
  const more = to.length - from.length;
  // How many words a sign stands for is not known.
  const signs = from.some(({ text }) => !LETTER_OR_FIGURE.test(text));
  if (more !== 0 && (figures !== 1 || more < 0 || signs)) return [first];
  const figure = from.findIndex(({ text }) => FIGURE.test(text));
  return from.map((_, index) => ({
    from: first.from + index,
    to: first.to + index + (index > figure ? more : 0),
  }));
}

/** The longest sequence of words that both sides have in the same order. */
function sameTokens(from: readonly Token[], to: readonly Token[]): Group[] {
  const isSame = (one: number, other: number) => from[one]?.text === to[other]?.text;
  const lengths = Array.from({ length: from.length + 1 }, () => new Uint8Array(to.length + 1));
  const lengthAt = (one: number, other: number) => lengths[one]?.[other] ?? 0;
  for (let one = from.length - 1; one >= 0; one -= 1) {
    for (let other = to.length - 1; other >= 0; other -= 1) {
      const best = isSame(one, other)
        ? lengthAt(one + 1, other + 1) + 1
        : Math.max(lengthAt(one + 1, other), lengthAt(one, other + 1));
      lengths[one]?.fill(best, other, other + 1);
    }
  }
  const found: Group[] = [];
  for (let one = 0, other = 0; one < from.length && other < to.length;) {
    if (isSame(one, other)) found.push({ from: one++, to: other++ });
    else if (lengthAt(one + 1, other) >= lengthAt(one, other + 1)) one += 1;
    else other += 1;
  }
  return found;
}
