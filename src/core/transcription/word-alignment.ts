import { toAppError } from '../../base/errors.ts';
import type { Interval, SpeechWindow } from '../../media/speech-windows.ts';
import type { RequestContext } from '../context.ts';
import type { AlignmentEngine, Engine, HeardSegment, HeardWindow } from '../engine.ts';
import type { ModelCard } from '../models/model.ts';
import type { LogFields } from '../ports/logger.ts';
import type { Warning } from '../warning.ts';
import { doubtAbout } from './heard-text.ts';
import { settleLanguage } from './spoken-language.ts';
import type { HearingWish } from './transcription.ts';

const SAMPLE_RATE = 16_000;
/** Silence around a segment that may still hold the edges of its words. */
const MARGIN_SECONDS = 0.1;
const WORD_LIKE = /[\p{L}\p{N}]/u;

/** Who can find the words of a transcript in its recording. */
export interface WordFinder {
  readonly engineId: string;
  readonly alignment: AlignmentEngine;
}

/** Whose words are to be found. */
export interface WordSource {
  readonly request: Pick<HearingWish, 'task' | 'language'>;
  readonly card: Pick<ModelCard, 'languages'>;
}

/** The first engine that may find words in the language, as far as it is known. A translation's words are not spoken. */
export function findWordFinder(
  engines: readonly Engine[],
  { request, card }: WordSource,
): WordFinder | undefined {
  if (request.task === 'translate') return undefined;
  const possible = request.language === undefined ? card.languages : [request.language];
  for (const { id, alignment } of engines) {
    if (!alignment) continue;
    const fits = possible === 'any' || possible.some((language) => alignment.languages.includes(language));
    if (fits) return { engineId: id, alignment };
  }
  return undefined;
}

/** Gives words their times where the model that heard them does not. */
export interface WordAligner {
  /** What was heard, with the words of every segment that has none and in which they could be found. */
  align(answer: HeardWindow, window: SpeechWindow): Promise<HeardWindow>;
  /** What a caller has to be told about the windows so far. */
  warnings(): readonly Warning[];
  /** What happened, for the log. */
  facts(): LogFields;
}

/** What an aligner is made from. */
export interface WordAlignerParts {
  readonly finder: WordFinder | undefined;
  readonly request: HearingWish;
  readonly card: ModelCard;
  readonly context: RequestContext;
}

/** Makes the aligner of one recording. It does nothing where no word times are wanted or nobody can find words. */
export function createWordAligner({ finder, request, card, context }: WordAlignerParts): WordAligner {
  const wanted = request.wordTimes || request.diarize;
  if (!wanted || !finder) return { align: async (answer) => answer, warnings: () => [], facts: () => ({}) };
  const { engineId, alignment } = finder;
  const count = { aligned: 0, missed: 0 };
  let isBroken = false;
  let reason: string | undefined;

  const find = async (segment: HeardSegment, stretch: Stretch): Promise<HeardSegment> => {
    if (isBroken) return segment;
    try {
      const words = await findWords(segment, stretch, { alignment, context });
      if (words) return { ...segment, words };
      reason ??= 'the words could not be found in the recording';
      return segment;
    } catch (error) {
      if (context.signal.aborted) throw error;
      // Times are an improvement: a transcript without them is worth more than none.
      isBroken = true;
      reason = 'the engine that finds words broke down';
      context.log.warn({ engine: engineId, error: toAppError(error) }, 'alignment-failed');
      return segment;
    }
  };

  return {
    align: async (answer, window) => {
      if (!answer.segments.some(needsWords)) return answer;
      const language = languageOf(answer, { request, card });
      if (language === undefined || !alignment.languages.includes(language)) {
        reason ??= `words are found in ${alignment.languages.join(' and ')} only, and this is ${language ?? 'not known to be either'}`;
        return answer;
      }
      const segments: HeardSegment[] = [];
      for (const [index, segment] of answer.segments.entries()) {
        const isSought = needsWords(segment) && !doubtAbout(segment, window);
        const stretch = stretchOf(index, { answer, window, language });
        const done = isSought ? await find(segment, stretch) : segment;
        if (isSought) count[done === segment ? 'missed' : 'aligned'] += 1;
        segments.push(done);
      }
      return { ...answer, segments };
    },
    warnings: () => (reason === undefined || count.aligned > 0 ? [] : ignoredTimes(request, reason)),
    facts: () => (count.aligned + count.missed === 0 ? {} : { alignedBy: engineId, ...count }),
  };
}

function needsWords({ words = [], text }: HeardSegment): boolean {
  return words.length === 0 && WORD_LIKE.test(text);
}

/** What the caller named, else what the model told of this window, else what its words tell without a doubt. */
function languageOf(
  answer: HeardWindow,
  { request, card }: Pick<WordAlignerParts, 'request' | 'card'>,
): string | undefined {
  const told = request.language ?? answer.language;
  if (told !== undefined) return told;
  const text = answer.segments.map((segment) => segment.text).join('');
  return settleLanguage({ request, told: {}, text, card }).language;
}

/** A part of a window in which a segment is sought: seconds from the window's start. */
interface Stretch extends Interval {
  readonly samples: Float32Array;
  readonly language: string;
}

interface StretchPlace {
  readonly answer: HeardWindow;
  readonly window: SpeechWindow;
  readonly language: string;
}

/** A segment's own time with a margin that does not reach into the segments around it. */
function stretchOf(index: number, { answer, window, language }: StretchPlace): Stretch {
  const { segments } = answer;
  const length = window.samples.length / SAMPLE_RATE;
  const { startSeconds: start = 0, endSeconds: end = length } = segments[index] ?? {};
  const before = Math.min(start, segments[index - 1]?.endSeconds ?? 0);
  const after = Math.max(end, segments[index + 1]?.startSeconds ?? length);
  const startSeconds = Math.max(0, before, start - MARGIN_SECONDS);
  const endSeconds = Math.max(startSeconds, Math.min(length, after, end + MARGIN_SECONDS));
  const samples = window.samples.subarray(
    Math.round(startSeconds * SAMPLE_RATE),
    Math.round(endSeconds * SAMPLE_RATE),
  );
  return { startSeconds, endSeconds, samples, language };
}

async function findWords(
  { text }: HeardSegment,
  { samples, language, startSeconds }: Stretch,
  { alignment, context }: Pick<WordFinder, 'alignment'> & Pick<WordAlignerParts, 'context'>,
): Promise<HeardSegment['words'] | undefined> {
  const words = wordsOf(text);
  const times = await alignment.align({ samples, language, words }, context);
  if (times?.length !== words.length) return undefined;
  return times.map((time, index) => ({
    text: words[index] ?? '',
    startSeconds: startSeconds + time.startSeconds,
    endSeconds: startSeconds + time.endSeconds,
  }));
}

/** What stands between spaces; punctuation that stands alone goes with the word before, or with the first one. */
function wordsOf(text: string): string[] {
  const ranges: { start: number; end: number }[] = [];
  let leading: number | undefined;
  for (const { 0: token, index } of text.matchAll(/\S+/gu)) {
    const last = ranges.at(-1);
    const end = index + token.length;
    if (WORD_LIKE.test(token)) ranges.push({ start: last ? index : (leading ?? index), end });
    else if (last) last.end = end;
    else leading ??= index;
  }
  return ranges.map(({ start, end }) => text.slice(start, end));
}

function ignoredTimes({ asked }: HearingWish, reason: string): Warning[] {
  return asked
    .filter(({ setting }) => setting === 'word_times')
    .map(({ parameter }) => ({ type: 'ignored', setting: parameter, reason }));
}
