import { compressionRatio } from '../../media/text/compression-ratio.ts';
import type { Interval } from '../../media/speech-windows.ts';
import type { TranscribedSegment, TranscribedWord } from './transcription.ts';

/** A stretch of time in which somebody speaks. */
export interface SpeakerTurn extends Interval {
  readonly speaker: string;
}

/** A lone word that is shorter, inside somebody's sentence, is that person's: it is too short to tell voices by. */
const FLIP_SECONDS = 0.25;
/** What ends a sentence, with what may close after it. */
const SENTENCE_END = /[.!?…。！？؟।]["'”’»)\]」』]*$/u;
/** Punctuation that belongs to what comes after it. */
const OPENING = /[\p{Ps}\p{Pi}¿¡„‚]+$/u;

/** A part of a segment's text, from one offset to another, with its time, its words and its speaker. */
interface Part extends Interval {
  readonly start: number;
  readonly end: number;
  readonly words: readonly TranscribedWord[];
  readonly speaker: string | undefined;
}

/**
 * A segment with its speaker, cut where the speaker changes: between words where it has word times, else between
 * sentences. The texts of the parts are the text of the segment, sign by sign.
 */
export function splitBySpeaker(
  segment: TranscribedSegment,
  turns: readonly SpeakerTurn[],
): TranscribedSegment[] {
  const parts = segment.words.length > 0 ? partsByWord(segment, turns) : partsBySentence(segment, turns);
  const [only] = parts;
  if (only && parts.length === 1) {
    return [{ ...segment, words: only.words, ...speaking(only.speaker) }];
  }
  return parts.map((part) => toSegment(part, segment));
}

function toSegment(part: Part, segment: TranscribedSegment): TranscribedSegment {
  const text = segment.text.slice(part.start, part.end);
  return {
    ...segment,
    text,
    startSeconds: part.startSeconds,
    endSeconds: part.endSeconds,
    words: part.words,
    compressionRatio: compressionRatio(text.trim()),
    ...tokensOf(part, segment),
    ...speaking(part.speaker),
  };
}

/** The tokens that begin in a part, where they spell the text of the segment; otherwise they belong to no part. */
function tokensOf(
  part: Part,
  { text, tokens, logprobs }: TranscribedSegment,
): Pick<TranscribedSegment, 'tokens' | 'logprobs'> {
  if (logprobs.map((one) => one.text).join('') !== text) return { tokens: [], logprobs: [] };
  let offset = 0;
  const inside = logprobs.map((one) => {
    const begins = offset;
    offset += one.text.length;
    return begins >= part.start && begins < part.end;
  });
  return {
    logprobs: logprobs.filter((_, index) => inside[index]),
    tokens: tokens.length === logprobs.length ? tokens.filter((_, index) => inside[index]) : [],
  };
}

function partsByWord(segment: TranscribedSegment, turns: readonly SpeakerTurn[]): Part[] {
  const cuts = wordCuts(segment);
  const texts = cuts.map((end, index) => segment.text.slice(cuts[index - 1] ?? 0, end));
  const heard = smoothed(segment.words, speakersOf(segment.words, turns));
  const speakers = withText(heard, texts);
  const parts: Part[] = [];
  segment.words.forEach((one, index) => {
    const last = parts.at(-1);
    const speaker = speakers[index];
    const word = { ...one, ...speaking(speaker) };
    const end = cuts[index] ?? segment.text.length;
    if (last && last.speaker === speaker) {
      parts[parts.length - 1] = { ...last, end, endSeconds: one.endSeconds, words: [...last.words, word] };
    } else parts.push({ ...timesOf(one), start: last?.end ?? 0, end, words: [word], speaker });
  });
  return inTime(parts, segment);
}

/** A word without any text of its own cannot stand alone: it goes to the speaker of the text beside it. */
function withText(
  speakers: readonly (string | undefined)[],
  texts: readonly string[],
): (string | undefined)[] {
  const hasText = (index: number) => texts[index]?.trim() !== '';
  const first = speakers.findIndex((_, index) => hasText(index));
  let before = speakers[Math.max(0, first)];
  return speakers.map((speaker, index) => {
    if (hasText(index)) before = speaker;
    return before;
  });
}

function timesOf({ startSeconds, endSeconds }: Interval): Interval {
  return { startSeconds, endSeconds };
}

/** The first part begins with the segment and the last one ends with it. */
function inTime(parts: readonly Part[], segment: TranscribedSegment): Part[] {
  return parts.map((part, index) => ({
    ...part,
    startSeconds: index === 0 ? segment.startSeconds : part.startSeconds,
    endSeconds: index === parts.length - 1 ? segment.endSeconds : part.endSeconds,
  }));
}

/** Where the text is cut after each word; a word that is spelled otherwise in the text ends where the one before does. */
function wordCuts({ text, words }: TranscribedSegment): number[] {
  let cursor = 0;
  const places = words.map((word) => {
    const start = word.text === '' ? -1 : text.indexOf(word.text, cursor);
    if (start < 0) return { start: undefined, end: cursor };
    cursor = start + word.text.length;
    return { start, end: cursor };
  });
  return places.map(({ end }, index) => {
    if (index === places.length - 1) return text.length;
    const next = places.slice(index + 1).find(({ start }) => start !== undefined)?.start ?? text.length;
    return cutBetween(text, end, next);
  });
}

/** Signs that touch the word before stay with it; spaces and what opens go to the next one. */
function cutBetween(text: string, end: number, next: number): number {
  const gap = text.slice(end, next);
  const touching = /^\S*/u.exec(gap)?.[0] ?? '';
  const isWhole = touching.length === gap.length;
  return end + (isWhole ? touching.replace(OPENING, '') : touching).length;
}

/** Who speaks in each interval: the one who goes on, unless somebody else speaks longer in it. */
function speakersOf(intervals: readonly Interval[], turns: readonly SpeakerTurn[]): (string | undefined)[] {
  let before: string | undefined;
  return intervals.map((interval) => {
    const shares = new Map<string, number>();
    for (const turn of turns) {
      const overlap = overlapOf(turn, interval);
      if (overlap > 0) shares.set(turn.speaker, (shares.get(turn.speaker) ?? 0) + overlap);
    }
    const ranked = [...shares].toSorted(
      ([a, some], [b, more]) => more - some || Number(b === before) - Number(a === before),
    );
    before = ranked[0]?.[0] ?? nearest(interval, turns) ?? before;
    return before;
  });
}

function overlapOf(a: Interval, b: Interval): number {
  return Math.min(a.endSeconds, b.endSeconds) - Math.max(a.startSeconds, b.startSeconds);
}

/** Whose turn is nearest in time to an interval in which nobody has one. */
function nearest(interval: Interval, turns: readonly SpeakerTurn[]): string | undefined {
  let best: SpeakerTurn | undefined;
  for (const turn of turns) {
    if (!best || overlapOf(turn, interval) > overlapOf(best, interval)) best = turn;
  }
  return best?.speaker;
}

/** Takes back what is too short to be an interjection and stands inside a sentence of somebody else. */
function smoothed(
  words: readonly TranscribedWord[],
  speakers: readonly (string | undefined)[],
): (string | undefined)[] {
  return speakers.map((speaker, index) => {
    const [before, word, after] = [words[index - 1], words[index], words[index + 1]];
    if (!before || !word || !after) return speaker;
    const isLone = speakers[index - 1] === speakers[index + 1] && speakers[index - 1] !== speaker;
    const isShort = word.endSeconds - word.startSeconds < FLIP_SECONDS;
    const isSentence = SENTENCE_END.test(before.text) && SENTENCE_END.test(word.text);
    return isLone && isShort && !isSentence ? speakers[index - 1] : speaker;
  });
}

/** Sentences take their share of the time by their length: nothing better is known without the times of words. */
function partsBySentence(segment: TranscribedSegment, turns: readonly SpeakerTurn[]): Part[] {
  const { text, startSeconds, endSeconds } = segment;
  const perSign = (endSeconds - startSeconds) / Math.max(1, text.length);
  const sentences = sentenceEnds(text).map((end, index, ends) => {
    const start = ends[index - 1] ?? 0;
    return {
      start,
      end,
      startSeconds: startSeconds + start * perSign,
      endSeconds: startSeconds + end * perSign,
    };
  });
  const speakers = speakersOf(sentences, turns);
  const parts: Part[] = [];
  sentences.forEach((sentence, index) => {
    const last = parts.at(-1);
    const speaker = speakers[index];
    if (last && last.speaker === speaker) {
      parts[parts.length - 1] = { ...last, end: sentence.end, endSeconds: sentence.endSeconds };
    } else parts.push({ ...sentence, words: [], speaker });
  });
  return inTime(parts, segment).map((part) => ({
    ...part,
    startSeconds: toMilliseconds(part.startSeconds),
    endSeconds: toMilliseconds(part.endSeconds),
  }));
}

/** Offsets after the sentences of a text. Spaces between two sentences go to the second, as everywhere in a transcript. */
function sentenceEnds(text: string): number[] {
  const ends = Array.from(
    text.matchAll(/(?:[!?…]|\.(?=["'”’»)\]]*\s))["'”’»)\]]*(?=\s)|[。！？।؟][」』”’)]*/gu),
    (match) => match.index + match[0].length,
  ).filter((end) => text.slice(end).trim() !== '');
  return [...ends, text.length];
}

function speaking(speaker: string | undefined): { readonly speaker?: string } {
  return speaker === undefined ? {} : { speaker };
}

function toMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
