import { cutLongRange, findFirstCut, type TextRange } from './piece-cutter.ts';
import { findSentenceEnds, isCloser, isLineBreak, isSpace, SENTENCE_MARKS } from './sentence-boundaries.ts';

/** A stretch of text that is spoken in one go. */
export interface Sentence {
  /** UTF-16 offset of the first unit; the sentence before ends here. */
  readonly start: number;
  /** UTF-16 offset after the last unit, the white space behind the sentence included. */
  readonly end: number;
  /** What to speak: the slice without white space around it. Empty only where a text holds nothing else. */
  readonly text: string;
  /** Silence that suits the mark that closes the sentence, in seconds. */
  readonly pauseAfterSeconds: number;
}

/** How to split. */
export interface SplitOptions {
  /** Most UTF-16 units of a sentence's text; default 220. */
  readonly maxCharacters?: number;
  /** A longer first sentence is cut at a natural boundary within so many units, where there is one; default 60. */
  readonly firstMaxCharacters?: number;
  /** ISO 639-1; tells ordinals such as `3.` from sentence ends, and English phrases. */
  readonly language?: string;
}

/** Silence after a sentence, in seconds, by what closes it. */
export const PAUSE_SECONDS = {
  none: 0,
  comma: 0.15,
  clause: 0.2,
  sentence: 0.35,
  ellipsis: 0.5,
  line: 0.5,
  paragraph: 0.7,
} as const;

const DEFAULT_MAX_CHARACTERS = 220;
const DEFAULT_FIRST_MAX_CHARACTERS = 60;
const COMMAS = new Set(',，、،');
const CLAUSE_MARKS = new Set(';:–—-；：؛・');

/**
 * Splits a text into sentences short enough to speak one by one. The slices joined give the text again; none
 * cuts a surrogate pair or a character as the reader sees it. Takes linear time and never throws.
 */
export function splitSentences(text: string, options: SplitOptions = {}): Sentence[] {
  const limit = Math.max(1, Math.floor(options.maxCharacters ?? DEFAULT_MAX_CHARACTERS));
  const language = options.language?.toLowerCase().split(/[-_]/u)[0];
  const ranges = sentenceRanges(text, language).flatMap((range, index) =>
    (index === 0
      ? withEarlyFirst(text, range, { ...options, ...(language === undefined ? {} : { language }) })
      : [range]
    ).flatMap((part) => cutLongRange(text, part, limit)),
  );
  return ranges.map((range) => toSentence(text, range));
}

function sentenceRanges(text: string, language: string | undefined): TextRange[] {
  const ends = findSentenceEnds(text, language);
  return ends.map((end, index) => ({ start: ends[index - 1] ?? 0, end }));
}

function withEarlyFirst(text: string, range: TextRange, options: SplitOptions): TextRange[] {
  const limit = Math.floor(options.firstMaxCharacters ?? DEFAULT_FIRST_MAX_CHARACTERS);
  const english = options.language === undefined || options.language === 'en';
  const cut = limit > 0 ? findFirstCut(text, range, { limit, english }) : undefined;
  if (cut === undefined || cut <= range.start || cut >= range.end) return [range];
  return [
    { start: range.start, end: cut },
    { start: cut, end: range.end },
  ];
}

function toSentence(text: string, range: TextRange): Sentence {
  const slice = text.slice(range.start, range.end);
  const spoken = slice.trim();
  return {
    ...range,
    text: spoken,
    pauseAfterSeconds: pauseAfter(spoken, slice.slice(slice.trimEnd().length)),
  };
}

function pauseAfter(spoken: string, spaces: string): number {
  return Math.max(pauseOfMark(spoken), pauseOfSpaces(spaces));
}

function pauseOfMark(spoken: string): number {
  let index = spoken.length - 1;
  while (index > 0 && (isCloser(spoken[index]) || isSpace(spoken[index]))) index -= 1;
  const mark = spoken[index] ?? '';
  if (mark === '…' || mark === '‥' || (mark === '.' && spoken[index - 1] === '.'))
    return PAUSE_SECONDS.ellipsis;
  if (SENTENCE_MARKS.has(mark)) return PAUSE_SECONDS.sentence;
  if (COMMAS.has(mark)) return PAUSE_SECONDS.comma;
  return CLAUSE_MARKS.has(mark) ? PAUSE_SECONDS.clause : PAUSE_SECONDS.none;
}

function pauseOfSpaces(spaces: string): number {
  const breaks = spaces.match(/\r\n|[\n\r\u0085\u2028\u2029]/gu)?.length ?? 0;
  if (breaks > 1) return PAUSE_SECONDS.paragraph;
  return breaks === 1 && isLineBreak(spaces.replace(/[^\n\r\u0085\u2028\u2029]/gu, '')[0])
    ? PAUSE_SECONDS.line
    : PAUSE_SECONDS.none;
}
