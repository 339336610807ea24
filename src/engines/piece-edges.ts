import { concatSamples } from '../media/pcm.ts';

/** Loudest sample that still counts as silence: below the noise floor of a 10-bit recording. */
const SILENCE = 0.002;

/** What is kept of an engine's own silence before and after the sound of a piece, in seconds. */
export const EDGE_SECONDS = { before: 0.02, after: 0.04 } as const;

/** How long a piece takes to come up from zero and to go back to it, so that joints do not click. */
const FADE_SECONDS = 0.004;

/** What the words of a piece say about its sound, in seconds from the piece's first sample. */
interface WordBounds {
  readonly firstStart: number | undefined;
  readonly lastEnd: number | undefined;
}

/** Takes the silence off both ends of one piece of speech while its samples come in. */
export interface PieceEdges {
  /** The samples that are known to belong to the piece now. */
  push(samples: Float32Array, words: WordBounds): Float32Array<ArrayBuffer>;
  /** The rest, faded to zero. */
  finish(words: WordBounds): Float32Array<ArrayBuffer>;
  /** How many samples were dropped before the sound began; undefined while there was none. */
  readonly dropped: number | undefined;
}

/** Makes the trimmer for one piece. Words hold the silence off: no sample between the first and the last is dropped. */
export function createPieceEdges(sampleRate: number): PieceEdges {
  const frames = (seconds: number) => Math.round(seconds * sampleRate);
  const fade = frames(FADE_SECONDS);
  let held: Float32Array<ArrayBuffer> = new Float32Array(0);
  /** Samples before `held`, dropped ones included. */
  let passed = 0;
  let dropped: number | undefined;

  const findStart = (words: WordBounds) => {
    const sound = held.findIndex(isSound);
    if (sound < 0) return undefined;
    const start = passed + sound - frames(EDGE_SECONDS.before);
    return Math.max(0, Math.min(start, words.firstStart === undefined ? start : frames(words.firstStart)));
  };

  const emit = (count: number) => {
    const samples = held.slice(0, count);
    if (passed === dropped) fadeIn(samples, fade);
    held = held.slice(count);
    passed += count;
    return samples;
  };

  return {
    push: (samples, words) => {
      held = concatSamples([held, samples]);
      if (dropped === undefined) {
        dropped = findStart(words);
        if (dropped === undefined) return new Float32Array(0);
        held = held.slice(dropped);
        passed = dropped;
      }
      const sound = held.findLastIndex(isSound) + 1;
      // Enough for both fades stays here, so that neither has to touch samples that have left.
      const count = Math.min(sound, held.length - fade);
      return count >= fade ? emit(count) : new Float32Array(0);
    },
    finish: (words) => {
      if (dropped === undefined) return new Float32Array(0);
      const sound = held.findLastIndex(isSound) + 1 + frames(EDGE_SECONDS.after);
      const lastWord = words.lastEnd === undefined ? 0 : frames(words.lastEnd) - passed;
      const tail = emit(Math.min(held.length, Math.max(sound, lastWord)));
      fadeOut(tail, fade);
      return tail;
    },
    get dropped() {
      return dropped;
    },
  };
}

function isSound(sample: number): boolean {
  return Math.abs(sample) > SILENCE;
}

function fadeIn(samples: Float32Array, length: number): void {
  for (let index = 0; index < Math.min(length, samples.length); index += 1) {
    samples[index] = ((samples[index] ?? 0) * index) / length;
  }
}

function fadeOut(samples: Float32Array, length: number): void {
  for (let index = 0; index < Math.min(length, samples.length); index += 1) {
    const place = samples.length - 1 - index;
    samples[place] = ((samples[place] ?? 0) * index) / length;
  }
}
