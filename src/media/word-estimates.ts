import { rootMeanSquare } from './pcm.ts';
import { wordSpans } from './text/word-spans.ts';

/** A word of a text, by UTF-16 offsets, and when it probably sounds, in seconds from the first sample. */
export interface EstimatedWord {
  readonly start: number;
  readonly end: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** One spoken sentence: its text, and its mono samples with some silence around them at most. */
export interface SpokenSentence {
  readonly text: string;
  readonly samples: Float32Array;
  /** Hertz. */
  readonly sampleRate: number;
  /** BCP 47; tells where words end in scripts without spaces. */
  readonly language?: string;
}

const FRAME_SECONDS = 0.01;
/** Quieter than this share of the loudest frame is silence. */
const SILENT_SHARE = 0.02;
/** Shorter silences lie inside words: the closure of a plosive is one. */
const SHORTEST_PAUSE_SECONDS = 0.06;
/** So far from where a phrase should end by its length, a pause may still be its end. */
const PAUSE_SEARCH_SECONDS = 0.5;
/** Punctuation at which speakers pause. */
const PHRASE_END = /[,;:.!?…–—()，、；：。！？]/u;
/** What a word takes beside its letters, in letters. */
const WORD_OVERHEAD = 1;
/** Speakers draw out the last word before a pause. */
const FINAL_LENGTHENING = 1.5;
/** Characters that stand for a syllable each take as long as about three letters. */
const SYLLABLE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const SYLLABLE_WEIGHT = 3;

/**
 * Guesses when each word of a spoken sentence sounds, for voices that do not tell: phrases end at the pauses nearest
 * to where they should end, and within a phrase time is shared out by the length of the words. Times are in order
 * and inside the samples.
 */
export function estimateWordTimes(sentence: SpokenSentence): readonly EstimatedWord[] {
  const words = wordSpans(sentence.text, sentence.language);
  const sound = findSound(sentence);
  if (!sound || words.length === 0) return [];
  const phrases = toPhrases(words, sentence.text);
  let left = phrases.reduce((sum, phrase) => sum + phrase.weight, 0);
  const found: EstimatedWord[] = [];
  let { startSeconds } = sound;
  for (const [index, phrase] of phrases.entries()) {
    const guess = startSeconds + ((sound.endSeconds - startSeconds) * phrase.weight) / left;
    left -= phrase.weight;
    const isLast = index === phrases.length - 1;
    const end = isLast ? undefined : nearestPause(sound.pauses, { guess, after: startSeconds });
    const endSeconds = isLast ? sound.endSeconds : (end?.startSeconds ?? guess);
    found.push(...spread(phrase, startSeconds, endSeconds));
    startSeconds = end?.endSeconds ?? endSeconds;
  }
  return found;
}

interface Stretch {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

interface Sound extends Stretch {
  /** Silences between the first sound and the last. */
  readonly pauses: readonly Stretch[];
}

function findSound({ samples, sampleRate }: SpokenSentence): Sound | undefined {
  const frame = Math.max(1, Math.round(FRAME_SECONDS * sampleRate));
  const levels = Array.from({ length: Math.ceil(samples.length / frame) }, (_, index) =>
    rootMeanSquare(samples.subarray(index * frame, (index + 1) * frame)),
  );
  const threshold = levels.reduce((most, level) => Math.max(most, level), 0) * SILENT_SHARE;
  const sounding = levels.flatMap((level, index) => (level > threshold ? [index] : []));
  const [first] = sounding;
  const last = sounding.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const toSeconds = (index: number) => Math.min(index * frame, samples.length) / sampleRate;
  const pauses = sounding.flatMap((index, place) => {
    const previous = sounding[place - 1] ?? index;
    const pause = { startSeconds: toSeconds(previous + 1), endSeconds: toSeconds(index) };
    return pause.endSeconds - pause.startSeconds >= SHORTEST_PAUSE_SECONDS ? [pause] : [];
  });
  return { startSeconds: toSeconds(first), endSeconds: toSeconds(last + 1), pauses };
}

interface WeightedWord {
  readonly start: number;
  readonly end: number;
  readonly weight: number;
}

interface Phrase {
  readonly words: readonly WeightedWord[];
  readonly weight: number;
}

function toPhrases(
  words: readonly { readonly start: number; readonly end: number }[],
  text: string,
): Phrase[] {
  const phrases: WeightedWord[][] = [];
  let open: WeightedWord[] | undefined;
  for (const [index, word] of words.entries()) {
    if (!open) phrases.push((open = []));
    open.push({ ...word, weight: weightOf(text.slice(word.start, word.end)) });
    if (PHRASE_END.test(text.slice(word.end, words[index + 1]?.start))) open = undefined;
  }
  return phrases.map((inside) => {
    const drawn = inside.map((word, at) =>
      at === inside.length - 1 ? { ...word, weight: word.weight * FINAL_LENGTHENING } : word,
    );
    return { words: drawn, weight: drawn.reduce((sum, { weight }) => sum + weight, 0) };
  });
}

function weightOf(word: string): number {
  return Array.from(word).reduce(
    (sum, character) => sum + (SYLLABLE.test(character) ? SYLLABLE_WEIGHT : 1),
    WORD_OVERHEAD,
  );
}

function nearestPause(
  pauses: readonly Stretch[],
  { guess, after }: { readonly guess: number; readonly after: number },
): Stretch | undefined {
  const distance = (pause: Stretch) => Math.abs((pause.startSeconds + pause.endSeconds) / 2 - guess);
  return pauses
    .filter((pause) => pause.startSeconds > after && distance(pause) <= PAUSE_SEARCH_SECONDS)
    .toSorted((a, b) => distance(a) - distance(b))[0];
}

function spread({ words, weight }: Phrase, startSeconds: number, endSeconds: number): EstimatedWord[] {
  const step = (endSeconds - startSeconds) / weight;
  let passed = 0;
  return words.map((word) => {
    const wordStart = startSeconds + passed * step;
    passed += word.weight;
    return {
      start: word.start,
      end: word.end,
      startSeconds: wordStart,
      endSeconds: startSeconds + passed * step,
    };
  });
}
