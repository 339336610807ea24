import type { EspeakEvent } from '@echogarden/espeak-ng-emscripten';
import type { WordTiming } from '../../core/speech/alignment.ts';
import { wordSpans } from '../../media/text/word-spans.ts';

/** A text that is being spoken. */
export interface SpokenText {
  readonly text: string;
  /** BCP 47; some scripts are split into words by a dictionary of their language. */
  readonly language: string;
  /** As `EspeakMarkup` has them. */
  readonly origins: readonly number[];
}

/** Finds out which words of a text sound when, while it is being spoken. */
export interface WordClock {
  hear(event: EspeakEvent): void;
  /** Ends the last word. */
  finish(totalSeconds: number): void;
  /** The words whose end has become known since the last call. */
  take(): WordTiming[];
  /** Where the word begins that is being spoken: nothing that begins earlier is yet to come. */
  readonly settledSeconds: number;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** What may stand between words and be spoken, without the bracket or quotation mark that follows it. */
const SIGN = /^\S[^\s"\p{Ps}\p{Pe}\p{Pi}\p{Pf}]*/u;

/**
 * Makes a clock. espeak announces words as it understands them: parts of ours (a number is several), several of ours
 * (a line of Thai is one), or signs and pictures that are none. Words that are not announced share the time of the
 * announced one before them.
 */
export function createWordClock({ text, language, origins }: SpokenText): WordClock {
  const spans = wordSpans(text, language);
  let nextSpan = 0;
  let current: Range | undefined;
  let startSeconds = 0;
  let pauseSeconds: number | undefined;
  let settled: WordTiming[] = [];

  const findSign = (offset: number): Range | undefined => {
    const end = spans.find((span) => span.start > offset)?.start ?? text.length;
    const sign = SIGN.exec(text.slice(offset, end))?.[0];
    return sign !== undefined ? { start: offset, end: offset + sign.length } : undefined;
  };

  const settle = (endSeconds: number, until: number) => {
    const ranges = current ? [current] : [];
    for (let span = spans[nextSpan]; span && span.start < until; span = spans[nextSpan]) {
      if (span.start >= (current?.end ?? 0)) ranges.push(span);
      nextSpan += 1;
    }
    settled.push(...shareTime(ranges, { startSeconds, endSeconds: Math.max(startSeconds, endSeconds) }));
  };

  const hearWord = (position: number, seconds: number) => {
    const offset = origins[position - 1];
    if (offset === undefined || offset < (current?.end ?? 0)) return;
    const range = spans.find((span) => span.start <= offset && offset < span.end) ?? findSign(offset);
    if (!range) return;
    settle(pauseSeconds ?? seconds, range.start);
    current = range;
    startSeconds = seconds;
    pauseSeconds = undefined;
  };

  return {
    hear: (event) => {
      const seconds = event.audio_position / 1000;
      if (event.type === 'word') hearWord(event.text_position, seconds);
      else if (event.type === 'phoneme')
        pauseSeconds = event.id === '' ? (pauseSeconds ?? seconds) : undefined;
    },
    finish: (totalSeconds) => {
      if (current) settle(Math.min(totalSeconds, pauseSeconds ?? totalSeconds), text.length);
      current = undefined;
      startSeconds = totalSeconds;
    },
    take: () => {
      const words = settled;
      settled = [];
      return words;
    },
    get settledSeconds() {
      return startSeconds;
    },
  };
}

/** Gives each range a part of the time that fits its length. */
function shareTime(
  ranges: readonly Range[],
  { startSeconds, endSeconds }: { readonly startSeconds: number; readonly endSeconds: number },
): WordTiming[] {
  const total = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  const at = (length: number) => startSeconds + (endSeconds - startSeconds) * (length / total);
  let length = 0;
  return ranges.map(({ start, end }) => {
    const before = length;
    length += end - start;
    return { start, end, startSeconds: at(before), endSeconds: at(length) };
  });
}
