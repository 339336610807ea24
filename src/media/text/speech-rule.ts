/** What a stretch of text, from where a rule was asked up to `end`, is spoken as. */
export interface SpokenStretch {
  readonly end: number;
  readonly spoken: string;
}

/** Looks at one offset of a text and says how what begins there is spoken, or undefined if it does not know. */
export type SpeechRule = (text: string, start: number) => SpokenStretch | undefined;

/** A match of a pattern in its text. */
export interface RuleMatch {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** The named group, or an empty string where it did not take part. */
  readonly group: (name: string) => string;
}

/** Any amount as English text writes it: `1,234.5`, `12`, `0.25`. */
export const AMOUNT = String.raw`(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?)`;
/** Behind a whole token: neither a letter nor a digit follows. */
export const TOKEN_END = String.raw`(?![\p{L}\p{N}])`;
/** One space that does not break a line. */
export const BLANK = '[ \\u00a0\\u2009\\u202f]';

const LONGEST_LOOK_BACK = 32;

/** A rule made of a pattern, which is matched at the offset itself, and of what to say for a match. */
export function patternRule(pattern: string, say: (match: RuleMatch) => string | undefined): SpeechRule {
  const sticky = new RegExp(pattern, 'uy');
  return (text, start) => {
    sticky.lastIndex = start;
    const found = sticky.exec(text);
    if (!found) return undefined;
    const end = start + found[0].length;
    const spoken = say({ text, start, end, group: (name) => found.groups?.[name] ?? '' });
    return spoken === undefined ? undefined : { end, spoken };
  };
}

/** The word directly before an offset, with nothing but one run of spaces between; empty if there is none. */
export function wordBefore(text: string, offset: number): string {
  const before = text.slice(Math.max(0, offset - LONGEST_LOOK_BACK), offset);
  return /(?<word>[\p{L}\p{M}]{1,24})[.]?[ \u00a0]*$/u.exec(before)?.groups?.['word'] ?? '';
}

/** The lower-case word directly after an offset, behind one space; empty if there is none. */
export function lowerWordAfter(text: string, offset: number): string {
  return (
    /^[ \u00a0](?<word>\p{Ll}{1,24})(?!\p{L})/u.exec(text.slice(offset, offset + LONGEST_LOOK_BACK))
      ?.groups?.['word'] ?? ''
  );
}

/** Makes a literal part of a pattern. */
function escapePattern(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/-]/gu, String.raw`\$&`);
}

/** Alternatives of a pattern, the longest first, so that `km/h` wins over `km`. */
export function anyOf(literals: Iterable<string>): string {
  return [...literals]
    .sort((one, other) => other.length - one.length)
    .map(escapePattern)
    .join('|');
}
