import { createSpeakerClusters, type SpeakerClusters } from '../../media/speaker-clusters.ts';
import type { Interval, SpeechWindow } from '../../media/speech-windows.ts';
import type { RequestContext } from '../context.ts';
import type { SpeakerEngine } from '../engine.ts';
import type { TranscribedSegment } from './transcription.ts';

const SAMPLE_RATE = 16_000;
/** Shorter stretches tell too little about a voice. */
const LEAST_SECONDS = 0.4;
/** Longer ones may hold more than one voice. */
const MOST_SECONDS = 3;
/** Cosine similarity of two embeddings of one voice; between the usual 0.5 (lenient) and 0.7 (strict). */
const SAME_VOICE = 0.6;

/** A stretch of time in which one voice speaks. */
export interface SpeakerTurn extends Interval {
  readonly speaker: string;
}

/** Finds out who speaks, window by window. */
export interface SpeakerTracker {
  /** Makes a voice known from a clip of mono 16 kHz samples. */
  introduce(name: string, samples: Float32Array): Promise<void>;
  /** The turns of a window, in order. */
  turns(window: SpeechWindow): Promise<readonly SpeakerTurn[]>;
}

/** Compares voices by the embeddings of an engine. */
export function createSpeakerTracker(
  speakers: SpeakerEngine,
  context: RequestContext,
  most?: number,
): SpeakerTracker {
  const clusters: SpeakerClusters = createSpeakerClusters({
    threshold: SAME_VOICE,
    ...(most === undefined ? {} : { most }),
  });
  return {
    introduce: async (name, samples) => clusters.introduce(name, await speakers.embed(samples, context)),
    turns: async (window) => {
      const turns: SpeakerTurn[] = [];
      for (const piece of window.speech.flatMap(slices)) {
        const samples = window.samples.subarray(
          sampleAt(piece.startSeconds, window),
          sampleAt(piece.endSeconds, window),
        );
        const last = turns.at(-1);
        const tellsEnough = samples.length >= LEAST_SECONDS * SAMPLE_RATE;
        const speaker =
          tellsEnough || !last ? clusters.assign(await speakers.embed(samples, context)) : last.speaker;
        turns.push({ ...piece, speaker });
      }
      return turns;
    },
  };
}

function sampleAt(seconds: number, window: SpeechWindow): number {
  return Math.round((seconds - window.startSeconds) * SAMPLE_RATE);
}

function slices(interval: Interval): Interval[] {
  const length = interval.endSeconds - interval.startSeconds;
  const count = Math.max(1, Math.ceil(length / MOST_SECONDS));
  return Array.from({ length: count }, (_, index) => ({
    startSeconds: interval.startSeconds + (index * length) / count,
    endSeconds: interval.startSeconds + ((index + 1) * length) / count,
  }));
}

/**
 * A segment with its speaker; one in which the speaker changes is cut between words where it has word times, and
 * goes to whoever speaks longest in it where it has none.
 */
export function withSpeakers(
  segment: TranscribedSegment,
  turns: readonly SpeakerTurn[],
): TranscribedSegment[] {
  const nearest = (interval: Interval) => speakerOf(interval, turns);
  if (segment.words.length === 0) return [labelled(segment, nearest(segment))];
  const words = segment.words.map((word) => ({ ...word, ...speaking(nearest(word)) }));
  const groups: (typeof words)[] = [];
  for (const word of words) {
    const group = groups.at(-1);
    if (group && group[0]?.speaker === word.speaker) group.push(word);
    else groups.push([word]);
  }
  if (groups.length === 1) return [labelled({ ...segment, words }, words[0]?.speaker)];
  return groups.map((group, index) => {
    const text = group.map((word) => ` ${word.text}`).join('');
    const startSeconds =
      index === 0 ? segment.startSeconds : (group[0]?.startSeconds ?? segment.startSeconds);
    const endSeconds =
      index === groups.length - 1 ? segment.endSeconds : (group.at(-1)?.endSeconds ?? segment.endSeconds);
    return labelled(
      { ...segment, text, words: group, startSeconds, endSeconds, tokens: [], logprobs: [] },
      group[0]?.speaker,
    );
  });
}

function labelled(segment: TranscribedSegment, speaker: string | undefined): TranscribedSegment {
  return { ...segment, ...speaking(speaker) };
}

function speaking(speaker: string | undefined): { readonly speaker?: string } {
  return speaker === undefined ? {} : { speaker };
}

/** Who speaks longest in an interval, or nearest to it. */
function speakerOf(interval: Interval, turns: readonly SpeakerTurn[]): string | undefined {
  const nearness = (turn: SpeakerTurn) => {
    const overlap =
      Math.min(turn.endSeconds, interval.endSeconds) - Math.max(turn.startSeconds, interval.startSeconds);
    return overlap;
  };
  return [...turns].sort((a, b) => nearness(b) - nearness(a))[0]?.speaker;
}
