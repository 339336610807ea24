import { findQuiet } from '../../media/quiet-stretches.ts';
import type { Interval, SpeechWindow } from '../../media/speech-windows.ts';
import { estimateWordTimes } from '../../media/word-estimates.ts';
import type { TranscribedSegment } from '../transcription/transcription.ts';

/** Words of a recording between two of its pauses; times in seconds of the recording. */
export interface RecordedPhrase extends Interval {
  readonly text: string;
  /** Its sound: mono, 16 kHz. */
  readonly samples: Float32Array<ArrayBuffer>;
}

const SAMPLE_RATE = 16_000;
/** Shorter silences are nothing but the closures of plosives … */
const SHORTEST_PAUSE_SECONDS = 0.12;
/** … and in the middle of a word up to so long ones are closures, too. */
const LONGEST_CLOSURE_SECONDS = 0.25;
/** Where it is never quiet, words so far apart have a pause between them. */
const GAP_SECONDS = 0.3;
/** So far from where a phrase was heard to begin or end, silence may still be its true edge. */
const EDGE_SECONDS = 0.6;
/** A longer phrase is cut between two words, so that its sound is there earlier and keeps to its place. */
const LONGEST_PHRASE_SECONDS = 8;
/** How much rather a phrase is cut after a mark: as if the gap were so much longer. */
const MARK_SECONDS = 0.25;
const MARK = /[.!?,;:…。！？、，；：،؛؟]["'”’»)\]]*$/u;
const WORD_LIKE = /[\p{L}\p{N}]/u;
/** What recognisers write of sounds that are no words. */
const SOUND_NOTES = /\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|[♪♫]/gu;

/**
 * The phrases that were heard in a window. Words are parted where the recording is quiet between them, so that a phrase
 * begins and ends with its sound however roughly its words were timed.
 */
export function cutPhrases(
  window: SpeechWindow,
  segments: readonly TranscribedSegment[],
): readonly RecordedPhrase[] {
  const text = segments.map((segment) => segment.text).join('');
  const words = placeWords(window, segments);
  if (words.length === 0) return [];
  const quiet = findQuiet(window.samples, SAMPLE_RATE, SHORTEST_PAUSE_SECONDS).map((one) => ({
    startSeconds: window.startSeconds + one.startSeconds,
    endSeconds: window.startSeconds + one.endSeconds,
  }));
  const groups = groupWords(words, quiet).flatMap((group) => parted(group, text));
  return groups.flatMap((group, index) => {
    const from = index === 0 ? 0 : group.words[0].start;
    const spoken = text
      .slice(from, groups[index + 1]?.words[0].start)
      .replaceAll(SOUND_NOTES, ' ')
      .trim();
    if (!WORD_LIKE.test(spoken) || group.endSeconds <= group.startSeconds) return [];
    const { startSeconds, endSeconds } = group;
    const samples = soundOf(window, group);
    return [{ text: spoken, startSeconds, endSeconds, samples }];
  });
}

/** A word, where it stands in the text of the window, and when it was heard. */
interface PlacedWord extends Interval {
  readonly start: number;
  readonly end: number;
}

function placeWords(window: SpeechWindow, segments: readonly TranscribedSegment[]): PlacedWord[] {
  let offset = 0;
  return segments.flatMap((segment) => {
    const start = offset;
    offset += segment.text.length;
    return (timedWords(segment) ?? guessedWords(window, segment)).map((word) => ({
      ...word,
      start: start + word.start,
      end: start + word.end,
    }));
  });
}

/** The words as they were timed; undefined where they were not, or are not those of the text. */
function timedWords({ text, words }: TranscribedSegment): PlacedWord[] | undefined {
  let from = 0;
  const placed: PlacedWord[] = [];
  for (const word of words) {
    const start = text.indexOf(word.text, from);
    if (start < 0) return undefined;
    from = start + word.text.length;
    placed.push({ start, end: from, startSeconds: word.startSeconds, endSeconds: word.endSeconds });
  }
  return placed.length > 0 ? placed : undefined;
}

function guessedWords(window: SpeechWindow, segment: TranscribedSegment): PlacedWord[] {
  const samples = soundOf(window, segment);
  return estimateWordTimes({ text: segment.text, samples, sampleRate: SAMPLE_RATE }).map((word) => ({
    ...word,
    startSeconds: segment.startSeconds + word.startSeconds,
    endSeconds: segment.startSeconds + word.endSeconds,
  }));
}

interface WordGroup extends Interval {
  readonly words: readonly [PlacedWord, ...PlacedWord[]];
}

function groupWords(words: readonly PlacedWord[], quiet: readonly Interval[]): WordGroup[] {
  const pauses = quiet.length > 0 ? findPauses(words, quiet) : findGaps(words);
  const groups: WordGroup[] = [];
  let open: PlacedWord[] = [];
  let pauseBefore: Interval | undefined;
  for (const [index, word] of words.entries()) {
    open.push(word);
    const pause = pauses.get(index + 1);
    const [first, ...rest] = open;
    if ((index + 1 < words.length && !pause) || !first) continue;
    groups.push({
      words: [first, ...rest],
      startSeconds: pauseBefore?.endSeconds ?? soundBefore(first, quiet),
      endSeconds: pause?.startSeconds ?? soundAfter(word, quiet),
    });
    open = [];
    pauseBefore = pause;
  }
  return groups;
}

/** The longest silence before each word that has one, by the word's place. */
function findPauses(words: readonly PlacedWord[], quiet: readonly Interval[]): Map<number, Interval> {
  const pauses = new Map<number, Interval>();
  for (const silence of quiet) {
    const middle = middleOf(silence);
    const next = words.findIndex((word) => middleOf(word) > middle);
    const isPart = [words[next - 1], words[next]].some((word) => word && isClosure(word, silence));
    if (next <= 0 || isPart) continue;
    const known = pauses.get(next);
    if (!known || lengthOf(silence) > lengthOf(known)) pauses.set(next, silence);
  }
  return pauses;
}

function findGaps(words: readonly PlacedWord[]): Map<number, Interval> {
  const gaps = words.flatMap((word, index): [number, Interval][] => {
    const gap = { startSeconds: word.endSeconds, endSeconds: words[index + 1]?.startSeconds ?? 0 };
    return lengthOf(gap) >= GAP_SECONDS ? [[index + 1, gap]] : [];
  });
  return new Map(gaps);
}

/** Whether a silence is nothing but a part of a word. */
function isClosure(word: Interval, silence: Interval): boolean {
  const isInside = word.startSeconds < silence.startSeconds && silence.endSeconds < word.endSeconds;
  return isInside && lengthOf(silence) < LONGEST_CLOSURE_SECONDS;
}

/** Where the sound of a first word begins: after the last silence that lies before its middle. */
function soundBefore(word: PlacedWord, quiet: readonly Interval[]): number {
  const isBefore = (silence: Interval) => middleOf(silence) < middleOf(word) && !isClosure(word, silence);
  const edge = quiet.findLast(isBefore)?.endSeconds;
  return edge !== undefined && edge >= word.startSeconds - EDGE_SECONDS ? edge : word.startSeconds;
}

/** Where the sound of a last word ends. Recognisers like to let it last until the recording is over. */
function soundAfter(word: PlacedWord, quiet: readonly Interval[]): number {
  const isAfter = (silence: Interval) => middleOf(silence) >= middleOf(word) && !isClosure(word, silence);
  const edge = quiet.find(isAfter)?.startSeconds;
  return edge !== undefined && edge <= word.endSeconds + EDGE_SECONDS ? edge : word.endSeconds;
}

/** A long group in parts, cut where its words are furthest apart, best after a mark. */
function parted(group: WordGroup, text: string): WordGroup[] {
  const at = lengthOf(group) > LONGEST_PHRASE_SECONDS ? bestCut(group, text) : undefined;
  const [first, ...rest] = group.words;
  const before = rest.slice(0, (at ?? 1) - 1);
  const [next, ...after] = at === undefined ? [] : group.words.slice(at);
  const last = before.at(-1) ?? first;
  if (!next) return [group];
  const endSeconds = Math.max(group.startSeconds, Math.min(last.endSeconds, next.startSeconds));
  return [
    ...parted({ words: [first, ...before], startSeconds: group.startSeconds, endSeconds }, text),
    ...parted(
      { words: [next, ...after], startSeconds: next.startSeconds, endSeconds: group.endSeconds },
      text,
    ),
  ];
}

/** Before which word a group is best cut, not too near to its ends. */
function bestCut({ words, startSeconds, endSeconds }: WordGroup, text: string): number | undefined {
  const margin = (endSeconds - startSeconds) / 4;
  let best: { readonly at: number; readonly gap: number } | undefined;
  for (const [index, word] of words.entries()) {
    const previous = words[index - 1];
    if (!previous || word.startSeconds < startSeconds + margin) continue;
    if (word.startSeconds > endSeconds - margin) break;
    const mark = MARK.test(text.slice(previous.start, word.start).trimEnd()) ? MARK_SECONDS : 0;
    const gap = word.startSeconds - previous.endSeconds + mark;
    if (!best || gap > best.gap) best = { at: index, gap };
  }
  return best?.at;
}

function soundOf(window: SpeechWindow, span: Interval): Float32Array<ArrayBuffer> {
  const at = (seconds: number) => Math.max(0, Math.round((seconds - window.startSeconds) * SAMPLE_RATE));
  return window.samples.slice(at(span.startSeconds), at(span.endSeconds));
}

function middleOf({ startSeconds, endSeconds }: Interval): number {
  return (startSeconds + endSeconds) / 2;
}

function lengthOf({ startSeconds, endSeconds }: Interval): number {
  return endSeconds - startSeconds;
}
