import { wordSegmenter } from '../../base/segmenters.ts';
import { findSentenceEnds, isSpace } from '../../media/text/sentence-boundaries.ts';

/**
 * When text that was added is to be spoken: as soon as enough of it waits by the schedule (`scheduled`), as soon as
 * there is a little (`soon`), or at once and to its end (`now`).
 */
export type SpeakWhen = 'scheduled' | 'soon' | 'now';

/** Collects text that comes in small parts, such as words of a language model, until a stretch is worth speaking. */
export interface TextBuffer {
  /** Adds text and takes out what is to be spoken, in order. The stretches joined are the text that was added. */
  add(text: string, when: SpeakWhen): string[];
  /** Characters (UTF-16 units) that wait. */
  readonly length: number;
}

/** What the text may hold. */
export interface TextBufferOptions {
  /** Whether there are tags in angle brackets, which are never cut in two. */
  readonly tags?: boolean;
}

/** What is spoken `soon` has at least so many characters. */
const SOON_CHARACTERS = 50;
/** How much of a text without white space is looked at to find its last word. */
const WORD_WINDOW = 200;
/** Where no stretch ends within so many characters, what waits is one that never will. */
const LONGEST_WORD = 500;
/** A stretch that ends with a sentence or clause may be shorter than was wanted, but not by more than this share. */
const SMALLEST_SHARE = 0.5;

const CLAUSE_END = /[,;:–—)]\s+|[，、；：]/gu;
/** Scripts that put no white space between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/**
 * Makes a buffer. The schedule tells how many characters must wait before the first stretch is spoken, the second, and
 * so on; its last number holds from there on. A scheduled stretch ends with a sentence where one ends late enough, else
 * with a clause, else with a word, and never inside a word that may still go on.
 */
export function createTextBuffer(
  schedule: readonly number[],
  { tags = false }: TextBufferOptions = {},
): TextBuffer {
  let waiting = '';
  let spoken = 0;

  const takeStretch = (wanted: number): string | undefined => {
    if (waiting.length < wanted) return undefined;
    const end = findStretchEnd(waiting, { wanted, tags });
    if (end === 0) return undefined;
    const stretch = waiting.slice(0, end);
    waiting = waiting.slice(end);
    spoken += 1;
    return stretch;
  };

  const takeScheduled = (): string[] => {
    const stretches: string[] = [];
    for (;;) {
      const wanted = schedule[Math.min(spoken, schedule.length - 1)] ?? SOON_CHARACTERS;
      const stretch = takeStretch(wanted);
      if (stretch === undefined) return stretches;
      stretches.push(stretch);
    }
  };

  const takeAll = (): string[] => {
    if (waiting.trim() === '') return [];
    const rest = waiting;
    waiting = '';
    spoken += 1;
    return [rest];
  };

  return {
    add: (text, when) => {
      // White space alone is how clients stay connected: it ends a word and is otherwise nothing to say.
      if (text.trim() !== '' || (waiting !== '' && !isSpace(waiting.at(-1)))) waiting += text;
      if (when === 'now') return takeAll();
      const stretches = takeScheduled();
      if (when === 'scheduled' || stretches.length > 0) return stretches;
      const early = takeStretch(SOON_CHARACTERS);
      return early === undefined ? [] : [early];
    },
    get length() {
      return waiting.length;
    },
  };
}

/** Where a stretch that was to have so many characters ends; 0 when nothing can be told from what is there. */
function findStretchEnd(text: string, { wanted, tags }: { wanted: number; tags: boolean }): number {
  const open = tags ? startOfOpenTag(text) : undefined;
  const whole = open ?? endOfWholeWords(text);
  if (whole === 0) return text.length >= LONGEST_WORD ? text.length : 0;
  const known = text.slice(0, whole);
  const isEnd = (end: number) =>
    end >= wanted * SMALLEST_SHARE && !(tags && startOfOpenTag(known.slice(0, end)) !== undefined);
  const end = sentenceEnds(known).findLast(isEnd) ?? clauseEnds(known).findLast(isEnd) ?? whole;
  // Before a long word there may be next to nothing yet.
  return isEnd(end) || text.length >= LONGEST_WORD ? end : 0;
}

function startOfOpenTag(text: string): number | undefined {
  const opened = text.lastIndexOf('<');
  return opened > text.lastIndexOf('>') ? opened : undefined;
}

/** Ends of sentences, white space behind them included. What follows is not known yet: let it begin like a sentence. */
function sentenceEnds(text: string): number[] {
  return findSentenceEnds(`${text}X`, undefined).filter((end) => end <= text.length);
}

function clauseEnds(text: string): number[] {
  return [...text.matchAll(CLAUSE_END)].map((match) => match.index + match[0].length);
}

/** The offset behind the last word that is certainly complete, and behind the white space that follows it. */
function endOfWholeWords(text: string): number {
  let lastWord = text.length;
  while (lastWord > 0 && !isSpace(text[lastWord - 1])) lastWord -= 1;
  const start = Math.max(lastWord, text.length - WORD_WINDOW);
  const rest = text.slice(start);
  if (!UNSPACED.test(rest)) return lastWord;
  return start + ([...wordSegmenter().segment(rest)].at(-1)?.index ?? 0);
}
