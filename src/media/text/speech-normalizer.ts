import { ENGLISH_RULES, type RuleBook } from './english-rules.ts';
import { numberRules } from './european-rules.ts';
import { rewriteText, type NormalizedText, type TextRewriter } from './normalized-text.ts';
import { partsOfRewriting } from './rewriting-parts.ts';
import type { SpeechRule, SpokenStretch } from './speech-rule.ts';

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
  const writer = rewriteText(text);
  let index = 0;
  while (index < text.length) {
    const stretch = speakAt(text, index, book);
    if (stretch) {
      writer.keep(index);
      writeOut(writer, text.slice(index, stretch.end), { start: index, spoken: stretch.spoken });
    }
    index = stretch ? stretch.end : tokenEnd(text, index);
  }
  return writer.finish();
}

/** Word by word where that can be told, so that each has its own time. */
function writeOut(
  writer: TextRewriter,
  source: string,
  { start, spoken }: { readonly start: number; readonly spoken: string },
): void {
  let end = start;
  for (const part of partsOfRewriting(source, spoken)) {
    end += part.source.length;
    if (part.source === part.spoken) writer.keep(end);
    else writer.replace(end, part.spoken);
  }
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
