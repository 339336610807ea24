import { ENGLISH_RULES, type RuleBook } from './english-rules.ts';
import { numberRules } from './european-rules.ts';
import type { SpeechRule, SpokenStretch } from './speech-rule.ts';

/** A stretch of the source and what became of it, in UTF-16 offsets, ends exclusive. */
interface NormalizedPiece {
  readonly sourceStart: number;
  readonly sourceEnd: number;
  readonly start: number;
  readonly end: number;
  /** Set where the stretch was rewritten: it then maps as a whole. Elsewhere both stretches are the same text. */
  readonly replaced?: true;
}

/** A text as it is spoken, and where each part of it comes from. The pieces partition both texts in order. */
export interface NormalizedText {
  readonly text: string;
  readonly pieces: readonly NormalizedPiece[];
}

/** How to normalise. */
interface NormalizeOptions {
  /** ISO 639-1, or a tag that begins with it. */
  readonly language: string;
}

const TOKEN = /[\p{L}\p{N}\p{M}_]+(?:['’][\p{L}\p{M}]+)*/uy;
const FIGURE = /\p{Nd}/u;
const LETTER = /[\p{L}\p{N}\p{M}_]/u;
/** Controls other than tab and line breaks; the byte order mark counts as one. */
const CONTROLS = /(?:(?![\t\n\r\u0085])[\p{Cc}\ufeff])+/uy;
const NO_RULES: RuleBook = { figures: [], letters: [], marks: [] };

/**
 * Writes out what is not said as it is spelled: numbers, dates, money, units, abbreviations, addresses. English
 * is covered widely, German, French and Spanish in their numbers; other languages are left to the engine.
 * Control characters become spaces in every language. Never throws; takes linear time.
 */
export function normalizeForSpeech(text: string, options: NormalizeOptions): NormalizedText {
  const book = ruleBookOf(options.language.toLowerCase().split(/[-_]/u)[0] ?? '');
  const writer = createWriter(text);
  let index = 0;
  while (index < text.length) {
    const stretch = speakAt(text, index, book);
    if (stretch) writer.replace(index, stretch);
    index = stretch ? stretch.end : tokenEnd(text, index);
  }
  return writer.finish();
}

/**
 * The source range that a range of the normalised text comes from. A range that touches a rewritten stretch
 * gets all of that stretch's source.
 */
export function mapRangeToSource(
  normalized: NormalizedText,
  start: number,
  end: number,
): { start: number; end: number } {
  const { pieces } = normalized;
  const first = pieces[findPiece(pieces, start)];
  if (!first) return { start: 0, end: 0 };
  const last = pieces[findPiece(pieces, Math.max(start, end - 1))] ?? first;
  const sourceStart = first.replaced
    ? first.sourceStart
    : first.sourceStart + clampTo(start - first.start, first);
  const sourceEnd = last.replaced ? last.sourceEnd : last.sourceStart + clampTo(end - last.start, last);
  return { start: sourceStart, end: Math.max(sourceStart, sourceEnd) };
}

/** The piece that holds an offset of the normalised text; the nearest one for offsets outside. */
function findPiece(pieces: readonly NormalizedPiece[], offset: number): number {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle]?.end ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

function clampTo(offset: number, piece: NormalizedPiece): number {
  return Math.max(0, Math.min(piece.sourceEnd - piece.sourceStart, offset));
}

const NUMBER_BOOKS = new Map<string, RuleBook>();

function ruleBookOf(language: string): RuleBook {
  if (language === 'en') return ENGLISH_RULES;
  const kept = NUMBER_BOOKS.get(language);
  if (kept) return kept;
  const rules = numberRules(language);
  if (!rules) return NO_RULES;
  const book = { figures: rules, letters: [], marks: rules };
  NUMBER_BOOKS.set(language, book);
  return book;
}

function speakAt(text: string, index: number, book: RuleBook): SpokenStretch | undefined {
  const character = text[index] ?? '';
  if (FIGURE.test(character)) return firstMatch(book.figures, text, index);
  if (LETTER.test(character)) return firstMatch(book.letters, text, index);
  // White space and plain letters are by far the most; they need no rule.
  if (character === ' ') return undefined;
  return controlsAt(text, index) ?? firstMatch(book.marks, text, index);
}

function controlsAt(text: string, index: number): SpokenStretch | undefined {
  CONTROLS.lastIndex = index;
  const controls = CONTROLS.exec(text);
  return controls ? { end: index + controls[0].length, spoken: ' ' } : undefined;
}

function firstMatch(rules: readonly SpeechRule[], text: string, index: number): SpokenStretch | undefined {
  for (const rule of rules) {
    const stretch = rule(text, index);
    if (stretch && stretch.end > index && stretch.spoken !== '') return stretch;
  }
  return undefined;
}

/** Where the next token begins: behind a whole word, so that no rule ever looks at the middle of one. */
function tokenEnd(text: string, index: number): number {
  TOKEN.lastIndex = index;
  const token = TOKEN.exec(text);
  if (token) return index + token[0].length;
  return index + ((text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1);
}

interface Writer {
  replace(start: number, stretch: SpokenStretch): void;
  finish(): NormalizedText;
}

function createWriter(source: string): Writer {
  const parts: string[] = [];
  const pieces: NormalizedPiece[] = [];
  let read = 0;
  let written = 0;
  const add = (sourceEnd: number, part: string, mark: { readonly replaced?: true }) => {
    pieces.push({ sourceStart: read, sourceEnd, start: written, end: written + part.length, ...mark });
    parts.push(part);
    read = sourceEnd;
    written += part.length;
  };
  const keep = (sourceEnd: number) => {
    if (sourceEnd > read) add(sourceEnd, source.slice(read, sourceEnd), {});
  };
  return {
    replace: (start, stretch) => {
      keep(start);
      add(stretch.end, stretch.spoken, { replaced: true });
    },
    finish: () => {
      keep(source.length);
      return { text: parts.join(''), pieces };
    },
  };
}
