import { graphemeSegmenter, wordSegmenter } from '../../base/segmenters.ts';
import { extendsPrevious, isCloser, isSpace, skipSpaces } from './sentence-boundaries.ts';

/** A stretch of text by UTF-16 offsets, the end exclusive. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Marks between clauses that need white space behind them, because they also stand inside numbers and times. */
const LOOSE_CLAUSE_MARKS = new Set(',;:–-)');
/** Marks between clauses wherever they stand. */
const FIRM_CLAUSE_MARKS = new Set('，、；：—،؛・');
/** English words before which a speaker may take breath. Those that are often verb particles are left out. */
const PHRASE_OPENER =
  /\s(?=(?:and|but|or|nor|because|although|though|while|whereas|when|where|which|who|whose|if|unless|until|since|before|after|with|without|from|into|between|through|during|for|at|by)\s)/giu;
/** No clause shorter than this share of the limit is cut off, so that pieces stay few and cutting stays linear. */
const SMALLEST_SHARE = 0.4;
const SHORTEST_FIRST_CLAUSE = 10;
const SHORTEST_FIRST_PHRASE = 20;
const SHORTEST_REMAINDER = 10;
/** How far behind the limit the segmenter looks, so that it never judges a half character. */
const LOOK_AHEAD = 32;

/**
 * Cuts a range into ranges whose trimmed text has at most `limit` UTF-16 units: at clause marks, else at white
 * space, else between words of a script without spaces, else between characters as the reader sees them. Only
 * a single such character that is itself longer than the limit is cut, between code points.
 */
export function cutLongRange(text: string, range: TextRange, limit: number): TextRange[] {
  const pieces: TextRange[] = [];
  const trimmedEnd = range.start + text.slice(range.start, range.end).trimEnd().length;
  let start = range.start;
  for (;;) {
    const base = Math.min(skipSpaces(text, start), range.end);
    if (trimmedEnd - base <= limit) break;
    const cut = findCut(text, base, limit);
    pieces.push({ start, end: cut });
    start = cut;
  }
  pieces.push({ start, end: range.end });
  return pieces;
}

/** Where the first piece of speech may end early: after a clause, or in English before a new phrase; if anywhere. */
export function findFirstCut(
  text: string,
  range: TextRange,
  options: { readonly limit: number; readonly english: boolean },
): number | undefined {
  const base = skipSpaces(text, range.start);
  const trimmedEnd = range.start + text.slice(range.start, range.end).trimEnd().length;
  if (trimmedEnd - base <= options.limit) return undefined;
  const last = Math.min(base + options.limit, trimmedEnd - SHORTEST_REMAINDER);
  const clause = lastClauseEnd(text, base + SHORTEST_FIRST_CLAUSE, last);
  if (clause !== undefined) return clause;
  return options.english ? lastPhraseStart(text, base, last) : undefined;
}

function lastPhraseStart(text: string, base: number, last: number): number | undefined {
  // One word more than fits, so that an opener at the limit is seen whole.
  const window = text.slice(base, last + 12);
  const starts = [...window.matchAll(PHRASE_OPENER)].map((match) => match.index);
  const fitting = starts.filter((index) => index >= SHORTEST_FIRST_PHRASE && base + index <= last);
  const best = fitting.at(-1);
  return best === undefined ? undefined : skipSpaces(text, base + best);
}

function findCut(text: string, base: number, limit: number): number {
  const last = base + limit;
  return (
    lastClauseEnd(text, base + Math.ceil(limit * SMALLEST_SHARE), last) ??
    lastSpaceEnd(text, base, last) ??
    lastSegmentEnd(text, base, limit)
  );
}

/** The end, white space included, of the last clause whose visible part ends in `from..last`. */
function lastClauseEnd(text: string, from: number, last: number): number | undefined {
  for (let index = last; index >= from && index > 0; index -= 1) {
    if (!closesClause(text, index)) continue;
    const end = skipSpaces(text, index);
    if (!extendsPrevious(text, end)) return end;
  }
  return undefined;
}

function closesClause(text: string, end: number): boolean {
  const mark = text[end - 1] ?? '';
  if (FIRM_CLAUSE_MARKS.has(mark)) return !isCloser(text[end]);
  if (!isSpace(text[end])) return false;
  if (isCloser(mark)) return mark === ')' || LOOSE_CLAUSE_MARKS.has(text[end - 2] ?? '');
  // A hyphen is a dash only between spaces.
  if (mark === '-' || mark === '–') return isSpace(text[end - 2]);
  return LOOSE_CLAUSE_MARKS.has(mark);
}

function lastSpaceEnd(text: string, base: number, last: number): number | undefined {
  let index = last;
  while (index > base) {
    if (!isSpace(text[index])) {
      index -= 1;
      continue;
    }
    const end = skipSpaces(text, index);
    if (!extendsPrevious(text, end)) return end;
    while (index > base && isSpace(text[index])) index -= 1;
  }
  return undefined;
}

function lastSegmentEnd(text: string, base: number, limit: number): number {
  const window = text.slice(base, base + limit + LOOK_AHEAD);
  const end =
    lastBoundary(wordSegmenter(), window, { from: Math.ceil(limit / 2), to: limit }) ??
    lastBoundary(graphemeSegmenter(), window, { from: 1, to: limit }) ??
    codePointEnd(window, limit);
  return base + end;
}

function lastBoundary(
  segmenter: Intl.Segmenter,
  window: string,
  bounds: { readonly from: number; readonly to: number },
): number | undefined {
  let best: number | undefined;
  for (const { index } of segmenter.segment(window)) {
    if (index > bounds.to) break;
    if (index >= bounds.from && !extendsPrevious(window, index)) best = index;
  }
  return best;
}

function codePointEnd(window: string, limit: number): number {
  const isSplitPair =
    /[\ud800-\udbff]/u.test(window[limit - 1] ?? '') && /[\udc00-\udfff]/u.test(window[limit] ?? '');
  // A pair that alone exceeds a limit of one unit stays whole.
  return isSplitPair ? Math.max(limit - 1, limit === 1 ? 2 : 1) : limit;
}
