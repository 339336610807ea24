import { compressionRatio } from '../../media/text/compression-ratio.ts';
import type { Interval, SpeechWindow } from '../../media/speech-windows.ts';
import type { HeardSegment } from '../engine.ts';
import type { TranscribedSegment } from './transcription.ts';

/** Why something that a model wrote is not passed on as speech. */
export type Doubt = 'silence' | 'loop';

/** Whisper's own bounds: a text that compresses better than this repeats itself … */
const LOOP_RATIO = 2.4;
/** … and one that is this improbable, where the model itself hears nothing, was made up. */
const NO_SPEECH_PROBABILITY = 0.6;
const IMPROBABLE = -1;

/** Faster than anybody speaks, in characters per second: a loop that was squeezed into a short stretch. */
const FASTEST_SPEECH = 40;

/**
 * Whether a model made a text up: over silence, where recognisers like to write what they read most often, or in a
 * loop. Undefined means that it may pass.
 */
export function doubtAbout(segment: HeardSegment, window: SpeechWindow): Doubt | undefined {
  const text = segment.text.trim();
  if (text === '') return 'silence';
  if (compressionRatio(text) > LOOP_RATIO) return 'loop';
  const spoken = {
    startSeconds: window.startSeconds + segment.startSeconds,
    endSeconds: window.startSeconds + segment.endSeconds,
  };
  // Models end a segment too early at times; what matters is how much speech there was for the text.
  const rest = { startSeconds: spoken.startSeconds, endSeconds: window.endSeconds };
  const available = window.speech.reduce((sum, interval) => sum + Math.max(0, overlap(interval, rest)), 0);
  if (text.length > 100 && text.length > FASTEST_SPEECH * available) return 'loop';
  if (!window.speech.some((interval) => overlap(interval, spoken) > 0)) return 'silence';
  const unheard = (segment.noSpeechProbability ?? 0) > NO_SPEECH_PROBABILITY;
  return unheard && (segment.averageLogprob ?? 0) < IMPROBABLE ? 'silence' : undefined;
}

function overlap(a: Interval, b: Interval): number {
  // A segment without length still lies somewhere.
  const end = Math.max(b.endSeconds, b.startSeconds + 0.01);
  return Math.min(a.endSeconds, end) - Math.max(a.startSeconds, b.startSeconds);
}

/** Where a new segment belongs: after the last one, inside its window. */
export interface SegmentPlace {
  readonly id: number;
  readonly window: SpeechWindow;
  /** End of the segment before, in seconds of the recording. */
  readonly notBefore: number;
}

/** A heard segment in the time of the whole recording, with times that never run backwards or past the window's end. */
export function placeSegment(heard: HeardSegment, place: SegmentPlace): TranscribedSegment {
  const { window } = place;
  const within = (seconds: number, notBefore: number) =>
    round(Math.min(window.endSeconds, Math.max(notBefore, window.startSeconds + seconds)));
  const startSeconds = within(heard.startSeconds, place.notBefore);
  const endSeconds = within(heard.endSeconds, startSeconds);
  let clock = startSeconds;
  const words = (heard.words ?? []).map((word) => {
    const start = Math.min(endSeconds, within(word.startSeconds, clock));
    const end = Math.min(endSeconds, within(word.endSeconds, start));
    clock = end;
    return {
      text: word.text.trim(),
      startSeconds: start,
      endSeconds: end,
      ...(word.logprob === undefined ? {} : { logprob: word.logprob }),
    };
  });
  return {
    id: place.id,
    startSeconds,
    endSeconds,
    text: heard.text,
    tokens: heard.tokens ?? [],
    temperature: heard.temperature ?? 0,
    ...(heard.averageLogprob === undefined ? {} : { averageLogprob: heard.averageLogprob }),
    compressionRatio: compressionRatio(heard.text.trim()),
    ...(heard.noSpeechProbability === undefined ? {} : { noSpeechProbability: heard.noSpeechProbability }),
    words,
    logprobs: heard.logprobs ?? [],
  };
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
