import { createClipMeter } from '../../media/clip-meter.ts';
import { createHeldSamples, type HeldSamples } from '../../media/held-samples.ts';
import type { PcmStream } from '../../media/pcm.ts';
import type { TimingTrack, WordTiming } from './alignment.ts';

/** Speech with the times of its words. */
export interface TimedSpeech {
  readonly pcm: PcmStream;
  readonly timings: TimingTrack;
}

/** Speech of a text together with what stands around it, and how the text is to be cut out of it. */
export interface SpeechCut {
  readonly speech: TimedSpeech;
  /** Everything that is spoken. */
  readonly spoken: string;
  /** Where the wanted text stands in it, by UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
  /** How much of the pause before the text, and of that behind it, is kept; both in seconds. */
  readonly leadOf: (pauseSeconds: number) => number;
  readonly tailOf: (pauseSeconds: number) => number;
  /** By what all samples are multiplied, given the level of what was spoken before the text. */
  readonly gainFor: (levelBefore: number) => number;
  /** Speaks the text by itself: wanted where no word says where to cut. */
  readonly alone: () => Promise<TimedSpeech>;
}

/** A cut fades in and out in this time, so that it does not click in the middle of a sound. */
const FADE_SECONDS = 0.002;
const WORD = /[\p{L}\p{N}]/u;

/** Where an end of the text is, in seconds; `later`: not known yet; `nowhere`: the words do not tell. */
type Edge = number | 'later' | 'nowhere';

/**
 * The part of the speech in which the text is said, no word of it left out and none of its surroundings let in: where
 * the times of the words do not show a place to cut, the text is spoken by itself from there on. Samples are given
 * out while they come in; what comes after the text is not made.
 */
export function cutSpeech(cut: SpeechCut): TimedSpeech {
  const words: WordTiming[] = [];
  return { pcm: { ...cut.speech.pcm, chunks: cutChunks(cut, words) }, timings: { words } };
}

/** What is known while the speech comes in. */
interface Progress {
  readonly from: Edge;
  readonly to: Edge;
  readonly gain: number;
}

interface Cutting {
  readonly cut: SpeechCut;
  readonly held: HeldSamples;
  readonly words: WordTiming[];
}

async function* cutChunks(cut: SpeechCut, words: WordTiming[]): AsyncGenerator<Float32Array> {
  const held = createHeldSamples(cut.speech.pcm);
  const shape = createShaper(cut);
  const cutting = { cut, held, words };
  let progress: Progress = { from: 'later', to: 'later', gain: 1 };
  for await (const chunk of cut.speech.pcm.chunks) {
    held.push(chunk);
    progress = look(progress, cutting, false);
    if (isSettled(progress)) break;
    if (typeof progress.from === 'number') yield shape(held.take(certainUntil(cut, held)), progress.gain);
  }
  if (!isSettled(progress)) progress = look(progress, cutting, true);
  const { from, to, gain } = progress;
  if (typeof from !== 'number') return yield* speakAlone(cut, words);
  const last = ownWords(cut).at(-1);
  const end = typeof to === 'number' ? to : (last?.endSeconds ?? from);
  yield fadedOut(shape(held.take(end), gain), cut);
  if (to === 'nowhere') yield* speakAlone(cut, words, last && { word: last, atSeconds: end - from });
}

function isSettled({ from, to }: Progress): boolean {
  return from === 'nowhere' || to !== 'later';
}

/** What is known now. Words may be told long before their samples come: an edge counts once it was reached. */
function look(known: Progress, { cut, held, words }: Cutting, finished: boolean): Progress {
  const isReached = (seconds: number) => finished || seconds <= held.endSeconds;
  let { from, gain } = known;
  if (typeof from !== 'number') {
    const edge = startEdge(cut, finished);
    if (typeof edge !== 'number') return { ...known, from: edge };
    if (!isReached(edge)) return known;
    from = edge;
    gain = cut.gainFor(levelOf(held.peek(from), cut.speech.pcm));
    held.drop(from);
  }
  const own = ownWords(cut);
  placeWords(words, own, { offset: cut.start, laterSeconds: -from });
  const to = endEdge(cut, finished);
  const end = to === 'nowhere' ? (own.at(-1)?.endSeconds ?? from) : to;
  return { from, to: end !== 'later' && isReached(end) ? to : 'later', gain };
}

/** Samples up to here belong to the text, whatever comes: to the end of its last word that is known. */
function certainUntil(cut: SpeechCut, held: HeldSamples): number {
  if (cut.end === cut.spoken.length) return held.endSeconds;
  const last = ownWords(cut).at(-1);
  return last ? Math.min(last.endSeconds, held.endSeconds) - FADE_SECONDS : 0;
}

function ownWords(cut: SpeechCut): WordTiming[] {
  return cut.speech.timings.words.filter(({ start }) => start >= cut.start && start < cut.end);
}

function startEdge(cut: SpeechCut, finished: boolean): Edge {
  if (cut.start === 0) return 0;
  const { words } = cut.speech.timings;
  const next = words.find(({ start }) => start >= cut.start);
  if (!next) return finished ? 'nowhere' : 'later';
  const last = words.findLast(({ start }) => start < cut.start);
  return edgeBetween({ last, next, at: cut.start, cut, keep: (pause) => pause - cut.leadOf(pause) });
}

function endEdge(cut: SpeechCut, finished: boolean): Edge {
  if (cut.end === cut.spoken.length) return finished ? Number.POSITIVE_INFINITY : 'later';
  const { words } = cut.speech.timings;
  const next = words.find(({ start }) => start >= cut.end);
  if (!next && !finished) return 'later';
  const last = words.findLast(({ start }) => start < cut.end);
  return edgeBetween({ last, next, at: cut.end, cut, keep: cut.tailOf });
}

interface Neighbours {
  readonly last: WordTiming | undefined;
  readonly next: WordTiming | undefined;
  readonly at: number;
  readonly cut: SpeechCut;
  /** How much of the pause stands before the edge. */
  readonly keep: (pauseSeconds: number) => number;
}

/** Between the last word before a place in the text and the next one, as far as both are the very neighbours. */
function edgeBetween({ last, next, at, cut, keep }: Neighbours): Edge {
  if (last && last.end > at && WORD.test(cut.spoken.slice(at, last.end))) return 'nowhere';
  const lastKnown = last && !WORD.test(cut.spoken.slice(last.end, at));
  const nextKnown = next && !WORD.test(cut.spoken.slice(at, next.start));
  if (lastKnown && nextKnown) return last.endSeconds + keep(Math.max(0, next.startSeconds - last.endSeconds));
  if (nextKnown) return next.startSeconds;
  return lastKnown ? last.endSeconds : 'nowhere';
}

/** How the times of words move on their way into the track of the text. */
interface Move {
  readonly offset: number;
  readonly laterSeconds: number;
}

/** Appends those of the words that are not there yet. */
function placeWords(words: WordTiming[], known: readonly WordTiming[], move: Move): void {
  for (const word of known) {
    const start = word.start - move.offset;
    if (start <= (words.at(-1)?.start ?? -1)) continue;
    const startSeconds = Math.max(words.at(-1)?.endSeconds ?? 0, word.startSeconds + move.laterSeconds);
    const endSeconds = Math.max(startSeconds, word.endSeconds + move.laterSeconds);
    words.push({ start, end: word.end - move.offset, startSeconds, endSeconds });
  }
}

/** Speaks the text by itself: from its beginning, or from after a word that was said already. */
async function* speakAlone(
  cut: SpeechCut,
  words: WordTiming[],
  said?: { readonly word: WordTiming; readonly atSeconds: number },
): AsyncGenerator<Float32Array> {
  const { pcm, timings } = await cut.alone();
  const held = createHeldSamples(pcm);
  let from = said ? undefined : 0;
  for await (const chunk of pcm.chunks) {
    held.push(chunk);
    if (from === undefined) {
      const word = timings.words.find(({ start }) => start === (said?.word.start ?? 0) - cut.start);
      if (!word || word.endSeconds > held.endSeconds) continue;
      from = word.endSeconds;
      held.drop(from);
    }
    placeWords(words, timings.words, { offset: 0, laterSeconds: (said?.atSeconds ?? 0) - from });
    yield held.take(held.endSeconds);
  }
}

/** Multiplies samples, and lets the first ones come up from zero where the speech begins with a cut. */
function createShaper(cut: SpeechCut) {
  const { sampleRate, channels } = cut.speech.pcm;
  const fade = cut.start === 0 ? 0 : Math.round(FADE_SECONDS * sampleRate) * channels;
  let given = 0;
  return (samples: Float32Array<ArrayBuffer>, gain: number): Float32Array<ArrayBuffer> => {
    const shaped = samples.map((sample, index) => {
      const ramp = given + index < fade ? (given + index) / fade : 1;
      return Math.max(-1, Math.min(1, sample * gain * ramp));
    });
    given += samples.length;
    return shaped;
  };
}

function fadedOut(samples: Float32Array<ArrayBuffer>, cut: SpeechCut): Float32Array<ArrayBuffer> {
  if (cut.end === cut.spoken.length) return samples;
  const { sampleRate, channels } = cut.speech.pcm;
  const fade = Math.min(samples.length, Math.round(FADE_SECONDS * sampleRate) * channels);
  return samples.map((sample, index) => {
    const left = samples.length - index;
    return left < fade ? (sample * left) / fade : sample;
  });
}

function levelOf(samples: Float32Array, { sampleRate, channels }: PcmStream): number {
  const meter = createClipMeter(sampleRate, channels);
  meter.push(samples);
  return meter.measure().level;
}
