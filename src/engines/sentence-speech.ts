import { cancelledError } from '../base/errors.ts';
import type { TimingTrack, WordTiming } from '../core/speech/alignment.ts';
import type { PcmStream } from '../media/pcm.ts';
import { boundedBlocks } from '../media/sample-blocks.ts';
import { changeTempo } from '../media/tempo.ts';
import { type Sentence, splitSentences, type SplitOptions } from '../media/text/sentence-splitter.ts';
import { createPieceEdges, EDGE_SECONDS } from './piece-edges.ts';

/** A sentence, or a part of a long one, that an engine speaks in one go. */
export interface SpeechPiece {
  /** Trimmed, never empty. */
  readonly text: string;
  /** UTF-16 offset of `text` in the whole text. */
  readonly start: number;
  /** Counts from 0. */
  readonly index: number;
}

/**
 * Some samples of a piece (mono), and the words that begin in them. Offsets are UTF-16 offsets into the piece's
 * text; seconds count from the piece's first sample. A word comes no later than the samples it begins in.
 */
export interface SpokenPart {
  readonly samples: Float32Array;
  readonly words?: readonly WordTiming[];
}

export interface PieceOptions {
  readonly signal: AbortSignal;
  /** When the listener needs it, on the clock of `performance.now()`: for `WorkerPool.run`. */
  readonly dueMs: number;
}

/** A text to be spoken piece by piece, and the engine's way of speaking one piece. */
export interface SentenceSpeechRequest {
  readonly text: string;
  /** BCP 47; helps to find the ends of sentences. */
  readonly language?: string;
  /** Hertz of the samples that `speakPiece` gives. */
  readonly sampleRate: number;
  /** Tempo, 0.1 to 10, 1 = the engine's own; applied here, without a change of pitch. */
  readonly speed: number;
  /** Shift of pitch, -24 to 24; applied here. */
  readonly pitchSemitones: number;
  readonly signal: AbortSignal;
  /** Longest piece in UTF-16 units; absent means the splitter's default. */
  readonly maxCharacters?: number;
  /**
   * Speaks one piece at the engine's own tempo. The engine's silence before and after may be left on. Once
   * asked for its first part it must go on by itself (a `WorkerPool` does), because the next piece is made while
   * the current one is heard. The signal of the options cancels it; it also fires when nobody wants the rest.
   */
  speakPiece(piece: SpeechPiece, options: PieceOptions): AsyncIterable<SpokenPart>;
}

/** Longest chunk that the stream gives, and the shortest one it bothers its reader with before the end. */
const CHUNK_SECONDS = { least: 0.05, most: 0.2 } as const;

/**
 * Sentences that begin this near to the start of a text are cut into their phrases. When many begin to speak at
 * once, each has little to say in advance, and a long second sentence for one would leave the others silent.
 */
const EARLY_CHARACTERS = 150;

/** Up to this much of the end may be swallowed when tempo or pitch are changed, so silence is put there. */
const TEMPO_TAIL_SECONDS = 0.03;

/**
 * Speaks a whole text: pieces without their own silences, the pauses that their punctuation deserves, joints
 * that do not click. Two pieces at most are in memory. The samples do not depend on when they are read. Text in
 * which the engine finds nothing to say gives an empty stream.
 */
export function speakSentences(request: SentenceSpeechRequest): { pcm: PcmStream; timings: TimingTrack } {
  const { sampleRate, speed, pitchSemitones } = request;
  const words: WordTiming[] = [];
  const natural: PcmStream = { sampleRate, channels: 1, chunks: joinPieces(request, words) };
  const changed = changeTempo(natural, { tempo: speed, pitchSemitones });
  return {
    pcm: { sampleRate, channels: 1, chunks: untilAborted(changed.chunks, request) },
    timings: { words },
  };
}

async function* untilAborted(
  chunks: AsyncIterable<Float32Array>,
  { signal, sampleRate }: SentenceSpeechRequest,
): AsyncGenerator<Float32Array> {
  const bounds = {
    least: Math.round(CHUNK_SECONDS.least * sampleRate),
    most: Math.round(CHUNK_SECONDS.most * sampleRate),
  };
  if (signal.aborted) throw cancelledError();
  for await (const chunk of boundedBlocks(chunks, bounds)) {
    if (signal.aborted) throw cancelledError();
    yield chunk;
  }
  if (signal.aborted) throw cancelledError();
}

/** Where the speech has got to, at the engine's own tempo. */
interface Progress {
  /** Samples given out. */
  frames: number;
  /** When the first of them was given out, on the clock of `performance.now()`. */
  firstAtMs: number | undefined;
  /** Seconds of silence owed before the next sound. */
  pauseSeconds: number;
}

async function* joinPieces(
  request: SentenceSpeechRequest,
  words: WordTiming[],
): AsyncGenerator<Float32Array> {
  const pieces = findPieces(request);
  const progress: Progress = { frames: 0, firstAtMs: undefined, pauseSeconds: 0 };
  const open = (index: number) => {
    const piece = pieces[index];
    return piece && startPiece(piece, { request, progress });
  };
  let current: StartedPiece | undefined;
  let next = open(0);
  try {
    while (next) {
      current = next;
      next = undefined;
      const join = createJoin(current, { request, words, progress });
      for await (const part of current.parts) {
        const chunks = join.push(part);
        // Before they are given out: the engine works while the reader has something to hear.
        next ??= open(current.index + 1);
        yield* chunks;
      }
      const chunks = join.finish();
      next ??= open(current.index + 1);
      yield* chunks;
    }
    if (progress.frames > 0) yield* closingSilence(request);
  } finally {
    current?.close();
    next?.close();
  }
}

interface PlannedPiece extends SpeechPiece {
  readonly pauseAfterSeconds: number;
}

function findPieces({ text, language, maxCharacters }: SentenceSpeechRequest): PlannedPiece[] {
  const options = {
    ...(language === undefined ? {} : { language }),
    ...(maxCharacters === undefined ? {} : { maxCharacters }),
  };
  return splitSentences(text, options)
    .flatMap((sentence) =>
      sentence.start < EARLY_CHARACTERS ? splitEarly(sentence, { text, options }) : [sentence],
    )
    .filter((sentence) => sentence.text !== '')
    .map((sentence, index) => ({
      text: sentence.text,
      start: startOf(sentence, text),
      index,
      pauseAfterSeconds: sentence.pauseAfterSeconds,
    }));
}

/** By itself a sentence is the first of its text, which the splitter cuts earlier where its phrases allow it. */
function splitEarly(
  sentence: Sentence,
  { text, options }: { text: string; options: SplitOptions },
): Sentence[] {
  return splitSentences(text.slice(sentence.start, sentence.end), options).map((part) => ({
    ...part,
    start: sentence.start + part.start,
    end: sentence.start + part.end,
  }));
}

function startOf(sentence: Sentence, text: string): number {
  const start = text.indexOf(sentence.text, sentence.start);
  return start < 0 ? sentence.start : start;
}

interface StartedPiece extends PlannedPiece {
  readonly parts: AsyncIterable<SpokenPart>;
  close(): void;
}

interface Speaking {
  readonly request: SentenceSpeechRequest;
  readonly progress: Progress;
}

/** Lets the engine begin with a piece although nobody reads it yet. */
function startPiece(piece: PlannedPiece, { request, progress }: Speaking): StartedPiece {
  const now = performance.now();
  const heardSeconds = progress.frames / request.sampleRate / request.speed;
  const dueMs = progress.firstAtMs === undefined ? now : progress.firstAtMs + heardSeconds * 1000;
  const left = new AbortController();
  const signal = AbortSignal.any([request.signal, left.signal]);
  const spoken = request.speakPiece(
    { text: piece.text, start: piece.start, index: piece.index },
    { signal, dueMs },
  );
  const iterator = spoken[Symbol.asyncIterator]();
  let first: Promise<IteratorResult<SpokenPart>> | undefined = iterator.next();
  // It fails again for whoever reads it; until then it must not count as unhandled.
  first.catch(() => undefined);
  const close = () => {
    left.abort();
    // A generator only takes note after its current step, and nobody has to wait for that.
    void iterator.return?.().catch(() => undefined);
  };
  const parts: AsyncIterator<SpokenPart> = {
    next: () => {
      const result = first ?? iterator.next();
      first = undefined;
      return result;
    },
    return: () => {
      close();
      return Promise.resolve({ done: true, value: undefined });
    },
  };
  return { ...piece, parts: { [Symbol.asyncIterator]: () => parts }, close };
}

interface Joining extends Speaking {
  readonly words: WordTiming[];
}

/** Puts one piece behind what was spoken before it. */
function createJoin(piece: PlannedPiece, { request, words, progress }: Joining) {
  const { sampleRate } = request;
  const edges = createPieceEdges(sampleRate);
  const own: WordTiming[] = [];
  let placed = 0;
  /** Frame of the whole stream at which the piece's first sample, dropped or not, would be. */
  let origin = 0;

  const bounds = () => ({ firstStart: own[0]?.startSeconds, lastEnd: own.at(-1)?.endSeconds });

  const placeWords = (firstFrame: number) => {
    const toStream = (seconds: number) => {
      return (origin / sampleRate + Math.max(firstFrame / sampleRate, seconds)) / request.speed;
    };
    for (const word of own.slice(placed)) {
      const startSeconds = Math.max(words.at(-1)?.endSeconds ?? 0, toStream(word.startSeconds));
      const endSeconds = Math.max(startSeconds, toStream(word.endSeconds));
      words.push({ start: piece.start + word.start, end: piece.start + word.end, startSeconds, endSeconds });
    }
    placed = own.length;
  };

  const give = (...chunks: Float32Array[]): Float32Array[] => {
    const audible = chunks.filter((chunk) => chunk.length > 0);
    if (audible.length > 0) progress.firstAtMs ??= performance.now();
    for (const chunk of audible) progress.frames += chunk.length;
    return audible;
  };

  return {
    push: (part: SpokenPart): Float32Array[] => {
      own.push(...(part.words ?? []));
      const wasSilent = edges.dropped === undefined;
      const samples = edges.push(part.samples, bounds());
      if (edges.dropped === undefined) return [];
      const pause = new Float32Array(wasSilent ? Math.round(progress.pauseSeconds * sampleRate) : 0);
      if (wasSilent) origin = progress.frames + pause.length - edges.dropped;
      // Before the samples leave: whoever reads them may ask for their words at once.
      placeWords(edges.dropped);
      progress.pauseSeconds = 0;
      return give(pause, samples);
    },
    finish: (): Float32Array[] => {
      if (edges.dropped !== undefined) placeWords(edges.dropped);
      const rest = give(edges.finish(bounds()));
      progress.pauseSeconds = Math.max(progress.pauseSeconds, pauseAfter(piece, progress));
      clampLast(words, progress.frames / sampleRate / request.speed);
      return rest;
    },
  };
}

/** The edges of both neighbours are part of a pause. Nothing was said before the first sound, so nothing pauses. */
function pauseAfter(piece: PlannedPiece, progress: Progress): number {
  if (progress.frames === 0) return 0;
  return Math.max(0, piece.pauseAfterSeconds - EDGE_SECONDS.before - EDGE_SECONDS.after);
}

/** An engine's own times may lie a little beyond its samples; ours may not. */
function clampLast(words: WordTiming[], totalSeconds: number): void {
  const last = words.at(-1);
  if (!last || last.endSeconds <= totalSeconds) return;
  words[words.length - 1] = {
    ...last,
    startSeconds: Math.min(last.startSeconds, totalSeconds),
    endSeconds: totalSeconds,
  };
}

function* closingSilence({
  speed,
  pitchSemitones,
  sampleRate,
}: SentenceSpeechRequest): Generator<Float32Array> {
  if (speed === 1 && pitchSemitones === 0) return;
  yield new Float32Array(Math.ceil(TEMPO_TAIL_SECONDS * speed * sampleRate));
}
