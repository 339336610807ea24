import { PAUSE_SECONDS, splitSentences, type Sentence } from './sentence-splitter.ts';

/** How a long text is cut into passages. */
export interface PassageOptions {
  /** ISO 639-1, or a tag that begins with it. */
  readonly language: string;
  /** UTF-16 units of a passage at most, where it can be cut at all. */
  readonly usualCharacters: number;
  /** Whether the text may be cut at an offset. */
  readonly mayEnd: (offset: number) => boolean;
}

/** None is shorter than this share of the usual length, unless it is the last one. */
const LEAST_SHARE = 0.25;

/** Where it is best to stop, best first: after a paragraph, after a sentence, anywhere between two words. */
const STOPS = [PAUSE_SECONDS.paragraph, PAUSE_SECONDS.sentence, PAUSE_SECONDS.none] as const;

/**
 * Where the passage of a long text that begins at `start` ends, in UTF-16 units: behind a paragraph where one ends
 * near enough, else behind a sentence. Looks no further than it has to; the rest of a short text is one passage.
 */
export function findPassageEnd(text: string, start: number, options: PassageOptions): number {
  const { language, usualCharacters, mayEnd } = options;
  const least = usualCharacters * LEAST_SHARE;
  for (let most = usualCharacters; start + most < text.length; most *= 2) {
    const view = text.slice(start, start + most);
    // Nobody knows yet how the last one goes on.
    const whole = splitSentences(view, { language, firstMaxCharacters: 0 }).slice(0, -1);
    const stop = bestStop(whole.filter(({ end }) => end >= least && mayEnd(start + end)));
    if (stop) return start + stop.end;
  }
  return text.length;
}

function bestStop(sentences: readonly Sentence[]): Sentence | undefined {
  for (const seconds of STOPS) {
    const found = sentences.findLast((sentence) => sentence.pauseAfterSeconds >= seconds);
    if (found) return found;
  }
  return undefined;
}
