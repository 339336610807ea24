import { endsSentence, startsLowerCase } from './sentence-abbreviations.ts';

/** Marks that end a sentence wherever they stand, in scripts that put no space after them or use them for nothing else. */
const FIRM_MARKS = '。｡！？؟۔।॥።፧។။։';
/** Marks that end a sentence only before white space, because they also stand inside numbers and names. */
const LOOSE_MARKS = '.!?…‥';
const MARKS = new RegExp(`[${LOOSE_MARKS}${FIRM_MARKS}]+|[\\n\\r\\u0085\\u2028\\u2029]`, 'gu');
const FIRM_MARK = new RegExp(`[${FIRM_MARKS}]`, 'u');
const SPEAKABLE = /[\p{L}\p{N}]/u;
const CLOSERS = new Set('"\'”’“‘»«›‹)]}」』】〉》）］｝｣');
const LINE_BREAKS = new Set('\n\r\u0085\u2028\u2029');
/** Joins what follows to the character before it, so that no cut may fall between the two. */
const EXTENDER = /^[\p{M}\p{Grapheme_Extend}\p{Emoji_Modifier}\u200d]/u;
/** A line this long, in characters, without a closing mark was probably wrapped by an editor. */
const WRAPPED_LINE_CHARACTERS = 60;

/** The characters that sentence ends are written with, for reading the pause off the end of a sentence. */
export const SENTENCE_MARKS: ReadonlySet<string> = new Set(LOOSE_MARKS + FIRM_MARKS);

/** Whether a character closes a quotation or a bracket. */
export function isCloser(character: string | undefined): boolean {
  return character !== undefined && CLOSERS.has(character);
}

/** Whether a character breaks a line. */
export function isLineBreak(character: string | undefined): boolean {
  return character !== undefined && LINE_BREAKS.has(character);
}

/** Whether a character is white space in the sense of `trim`. */
export function isSpace(character: string | undefined): boolean {
  return character !== undefined && /\s/u.test(character);
}

/** Whether the character at the offset combines with the one before it (an accent, a joiner, a skin tone). */
export function extendsPrevious(text: string, offset: number): boolean {
  const code = text.charCodeAt(offset);
  if (Number.isNaN(code) || code < 0x300) return false;
  return EXTENDER.test(text.slice(offset, offset + 2));
}

/** The offset of the first character at or after `offset` that is not white space. */
export function skipSpaces(text: string, offset: number): number {
  let index = offset;
  while (isSpace(text[index])) index += 1;
  return index;
}

/**
 * The end offsets of all sentences, rising, the last one being the text's length. White space counts to the
 * sentence before it; stretches without a letter or digit count to a neighbour. Takes linear time.
 */
export function findSentenceEnds(text: string, language: string | undefined): number[] {
  const ends: number[] = [];
  let lineStart = 0;
  MARKS.lastIndex = 0;
  for (let mark = MARKS.exec(text); mark; mark = MARKS.exec(text)) {
    const reach = readReach(text, mark);
    const scanned = { text, language, mark: mark[0], lineStart, ...reach };
    if (reach.hasBreak) lineStart = reach.next;
    if (isBoundary(scanned)) ends.push(reach.next);
    MARKS.lastIndex = Math.max(reach.next, mark.index + mark[0].length);
  }
  if (ends.at(-1) !== text.length && text.length > 0) ends.push(text.length);
  return joinSpeechless(text, ends);
}

interface Reach {
  /** Offset of the first mark. */
  readonly at: number;
  /** Offset after the marks and the quotes and brackets that close behind them. */
  readonly closed: number;
  /** Offset after the white space that follows. */
  readonly next: number;
  readonly quoted: boolean;
  readonly hasBreak: boolean;
  readonly hasBlankLine: boolean;
}

interface ScannedMark extends Reach {
  readonly text: string;
  readonly language: string | undefined;
  readonly mark: string;
  readonly lineStart: number;
}

function readReach(text: string, match: RegExpExecArray): Reach {
  const isBreak = isLineBreak(match[0]);
  const marksEnd = isBreak ? match.index : match.index + match[0].length;
  const closed = isBreak ? marksEnd : skipClosers(text, marksEnd);
  const next = skipSpaces(text, closed);
  // A carriage return and its line feed are one line break.
  const breaks =
    next - closed > 1
      ? (text.slice(closed, next).match(/\r\n|[\n\r\u0085\u2028\u2029]/gu)?.length ?? 0)
      : Number(isLineBreak(text[closed]));
  return {
    at: match.index,
    closed,
    next,
    quoted: closed > marksEnd,
    hasBreak: breaks > 0,
    hasBlankLine: breaks > 1,
  };
}

function skipClosers(text: string, offset: number): number {
  let index = offset;
  while (isCloser(text[index])) index += 1;
  // French sets a space before its closing quotation mark.
  const mark = isSpace(text[index]) ? text[index + 1] : undefined;
  const behind = text[index + 2];
  if (mark === '»' && (behind === undefined || isSpace(behind))) return index + 2;
  return index;
}

function isBoundary(scanned: ScannedMark): boolean {
  const { text, mark, closed, next } = scanned;
  if (extendsPrevious(text, next)) return false;
  if (next >= text.length || scanned.hasBlankLine) return true;
  if (isLineBreak(mark)) return lineEndsSentence(scanned);
  // The quotation belongs to the verb of saying that follows it without a space.
  if (FIRM_MARK.test(mark))
    return !(scanned.quoted && next === closed && /[\u3040-\u309f]/u.test(text[next] ?? ''));
  return next > closed && looseMarkEndsSentence(scanned);
}

function lineEndsSentence(scanned: ScannedMark): boolean {
  const { text, at, next, lineStart } = scanned;
  if (startsLowerCase(text, next)) return false;
  const wrapped = at - lineStart >= WRAPPED_LINE_CHARACTERS && /^\p{Lu}/u.test(text.slice(next, next + 2));
  return !wrapped || /[.!?…:"”»)]$/u.test(text.slice(Math.max(0, at - 1), at));
}

function looseMarkEndsSentence(scanned: ScannedMark): boolean {
  const { text, mark, at, next, quoted, language } = scanned;
  if (SENTENCE_MARKS.has(text[next] ?? '')) return false;
  const goesOn = startsLowerCase(text, next);
  if (goesOn && (quoted || /\.\.|[…‥]/u.test(mark))) return false;
  if (mark !== '.' || quoted) return true;
  return endsSentence({ text, index: at, next, language });
}

/** Drops ends so that every sentence has something to say; what cannot be said at the close stays with the last. */
function joinSpeechless(text: string, ends: readonly number[]): number[] {
  const joined: number[] = [];
  let start = 0;
  for (const end of ends) {
    if (SPEAKABLE.test(text.slice(start, end))) joined.push(end);
    start = end;
  }
  if (joined.length === 0) return text.length > 0 ? [text.length] : [];
  joined[joined.length - 1] = text.length;
  return joined;
}
