import { createSpeakerClusters, type SpeakerClusters } from '../../media/speaker-clusters.ts';
import type { Interval, SpeechWindow } from '../../media/speech-windows.ts';
import { voicePieces } from '../../media/voice-pieces.ts';
import { aloneParts, lengthOf, overlapOf } from '../../media/voice-stitching.ts';
import type { RequestContext } from '../context.ts';
import type { SpeakerEngine, VoiceTurn } from '../engine.ts';
import { createSpeakerNames } from './speaker-names.ts';
import { splitBySpeaker, type SpeakerTurn } from './speaker-text.ts';
import type { TranscribedSegment, TranscriptionRequest } from './transcription.ts';

const SAMPLE_RATE = 16_000;
/** Shorter stretches tell too little about a voice to be asked about. */
const LEAST_SECONDS = 0.25;
/** More of a voice than this does not make it clearer. */
const ENOUGH_SECONDS = 12;
/** Voices that speak at once for this long are certainly two. */
const AT_ONCE_SECONDS = 0.3;
/** Cosine similarity from which two voices are one, between that of one person on two days and of two persons. */
const SAME_VOICE = 0.5;
/** The same for a caller who says that there are more speakers, where it finds them. */
const SAME_VOICE_AMONG_MORE = 0.7;

/** What a caller says about the speakers. */
export type SpeakerWishes = Pick<TranscriptionRequest, 'speakerCount' | 'speakerLikeness'>;

/** Finds out who speaks in a recording, window by window. */
export interface SpeakerTracker {
  /** Makes a voice known from a clip of mono 16 kHz samples. */
  introduce(name: string, samples: Float32Array): Promise<void>;
  /** Listens to the next window. */
  listen(window: SpeechWindow): Promise<void>;
  /** A segment of the last window, split between its speakers as far as they are known by now. */
  split(segment: TranscribedSegment): TranscribedSegment[];
  /** All segments anew, by what all windows together tell about the speakers. */
  settled(): TranscribedSegment[];
  /** Who speaks when, as far as it is known by now. */
  turns(): SpeakerTurn[];
}

/** A turn whose speaker is known by the number of a sample of the voice. */
interface HeardTurn extends Interval {
  readonly sample: number;
}

interface Heard {
  readonly segment: TranscribedSegment;
  readonly turns: readonly HeardTurn[];
}

/** Compares voices by the embeddings of an engine, and takes its turns where it finds some. */
export function createSpeakerTracker(
  speakers: SpeakerEngine,
  context: RequestContext,
  wishes: SpeakerWishes = {},
): SpeakerTracker {
  const { speakerCount: most, speakerLikeness: likeness } = wishes;
  const clusters = createSpeakerClusters({
    threshold: likeness ?? SAME_VOICE,
    ...(likeness === undefined ? { strictThreshold: SAME_VOICE_AMONG_MORE } : {}),
    ...(most === undefined ? {} : { most }),
  });
  const names = createSpeakerNames();
  const listener = createVoiceListener({ speakers, context, clusters });
  const heard: Heard[] = [];
  const all: HeardTurn[] = [];
  let turns: readonly HeardTurn[] = [];
  let speakerOf: ReadonlyMap<number, string> = new Map();
  return {
    introduce: async (name, samples) => {
      names.reserve(name);
      clusters.introduce(name, await speakers.embed(samples, context));
    },
    listen: async (window) => {
      turns = await listener.listenByTurns(window);
      // No model for turns, or one that finds nobody where somebody was heard.
      if (turns.length === 0) turns = await listener.listenByPieces(window);
      all.push(...turns);
      speakerOf = names.soFar(clusters.groups());
    },
    split: (segment) => {
      heard.push({ segment, turns });
      return splitBySpeaker(segment, named(turns, speakerOf));
    },
    settled: () => {
      const final = names.atLast(clusters.groups());
      return heard
        .flatMap((one) => splitBySpeaker(one.segment, named(one.turns, final)))
        .map((segment, id) => ({ ...segment, id }));
    },
    turns: () => named(all, names.atLast(clusters.groups())),
  };
}

function named(turns: readonly HeardTurn[], speakerOf: ReadonlyMap<number, string>): SpeakerTurn[] {
  return turns.flatMap(({ sample, startSeconds, endSeconds }) => {
    const speaker = speakerOf.get(sample);
    return speaker === undefined ? [] : [{ speaker, startSeconds, endSeconds }];
  });
}

interface ListenerParts {
  readonly speakers: SpeakerEngine;
  readonly context: RequestContext;
  readonly clusters: SpeakerClusters;
}

/** The two ways to find the turns of a window; both give every turn the number of a sample that is in the clusters. */
function createVoiceListener({ speakers, context, clusters }: ListenerParts) {
  let samples = 0;
  let last: number | undefined;
  const add = async (sound: Float32Array, unlike: readonly number[] = []): Promise<number> => {
    const seconds = sound.length / SAMPLE_RATE;
    if (seconds < LEAST_SECONDS && last !== undefined) return last;
    const embedding = await speakers.embed(atLeast(sound), context);
    const id = samples;
    samples += 1;
    clusters.add({ id, embedding, seconds, unlike });
    last = id;
    return id;
  };
  return {
    listenByPieces: async (window: SpeechWindow): Promise<HeardTurn[]> => {
      const turns: HeardTurn[] = [];
      for (const piece of await voicePieces(window.samples)) {
        const sample = await add(soundOf([piece.heard], window.samples));
        turns.push({ ...inRecording(piece, window), sample });
      }
      return turns;
    },
    listenByTurns: async (window: SpeechWindow): Promise<HeardTurn[]> => {
      const found = (await speakers.turns?.(window.samples, context)) ?? [];
      const sampleOf = new Map<number, number>();
      // In order of first appearance, which is the order of names.
      for (const [voice, own] of Map.groupBy(found, (turn) => turn.voice)) {
        const alone = aloneParts(voice, found);
        const clear = lengthOf(alone) >= LEAST_SECONDS ? alone : own;
        const unlike = [...sampleOf].flatMap(([other, id]) =>
          overlapOf(own, turnsOf(other, found)) >= AT_ONCE_SECONDS ? [id] : [],
        );
        sampleOf.set(voice, await add(soundOf(clear, window.samples), unlike));
      }
      return found.flatMap((turn) => {
        const sample = sampleOf.get(turn.voice);
        return sample === undefined ? [] : [{ ...inRecording(turn, window), sample }];
      });
    },
  };
}

function turnsOf(voice: number, turns: readonly VoiceTurn[]): VoiceTurn[] {
  return turns.filter((turn) => turn.voice === voice);
}

/** The longest parts, as many as are enough, one after the other. */
function soundOf(parts: readonly Interval[], samples: Float32Array): Float32Array {
  const pieces = parts
    .map((part) =>
      samples.subarray(
        Math.max(0, Math.round(part.startSeconds * SAMPLE_RATE)),
        Math.round(part.endSeconds * SAMPLE_RATE),
      ),
    )
    .toSorted((a, b) => b.length - a.length);
  const length = Math.min(
    ENOUGH_SECONDS * SAMPLE_RATE,
    pieces.reduce((sum, piece) => sum + piece.length, 0),
  );
  const sound = new Float32Array(length);
  let at = 0;
  for (const piece of pieces) {
    const part = piece.subarray(0, length - at);
    sound.set(part, at);
    at += part.length;
  }
  return sound;
}

/** A sound that an engine may be asked about: a shorter one is repeated. */
function atLeast(sound: Float32Array): Float32Array {
  const least = SAMPLE_RATE / 2;
  if (sound.length >= least) return sound;
  return Float32Array.from({ length: least }, (_, index) => sound[index % Math.max(1, sound.length)] ?? 0);
}

function inRecording(interval: Interval, window: SpeechWindow): Interval {
  return {
    startSeconds: window.startSeconds + interval.startSeconds,
    endSeconds: Math.min(window.endSeconds, window.startSeconds + interval.endSeconds),
  };
}
