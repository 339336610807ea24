import assert from 'node:assert/strict';
import { present } from '../src/base/assert.ts';
import type { Engine } from '../src/core/engine.ts';
import { concatSamples, toInt16 } from '../src/media/pcm.ts';

/** A word and when it sounds, in seconds of the whole answer. */
export interface HeardWord {
  readonly text: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** The times of characters, wherever they came from. */
export interface CharacterTimes {
  readonly characters: readonly string[];
  readonly startSeconds: readonly number[];
  readonly endSeconds: readonly number[];
}

/** One answer of an engine: what it was asked, its samples, and its own word events. */
interface Synthesis {
  readonly text: string;
  readonly chunks: Float32Array[];
  words: readonly { start: number; end: number; startSeconds: number; endSeconds: number }[];
}

/** An engine that remembers everything it says. */
export interface RecordedEngine {
  readonly engine: Engine;
  readonly said: Synthesis[];
}

/** Puts a recorder between the server and a real engine. */
export function recorded(engine: Engine): RecordedEngine {
  const speech = present(engine.speech, 'The speech');
  const said: Synthesis[] = [];
  const synthesize: typeof speech.synthesize = async (request, context) => {
    const output = await speech.synthesize(request, context);
    assert.equal(output.kind, 'pcm');
    const synthesis: Synthesis = { text: request.text, chunks: [], words: [] };
    said.push(synthesis);
    const { pcm, timings } = output;
    async function* chunks() {
      for await (const chunk of pcm.chunks) {
        synthesis.chunks.push(chunk.slice());
        yield chunk;
      }
      synthesis.words = present(timings, 'The times').words.map((word) => ({ ...word }));
    }
    return { ...output, pcm: { ...pcm, chunks: chunks() } };
  };
  return { engine: { ...engine, speech: { ...speech, synthesize } }, said };
}

/** Samples around the loudest one of a word that must agree for the word to be found: nothing else is quite like it. */
const MARK_SAMPLES = 400;

/**
 * The engine's own words in seconds of an answer: each is looked for in the answer, sample by sample, and its event is
 * moved by the place where it was found. Words that were only spoken along and cut off are not there. The answer must
 * have the engine's rate.
 */
export function ownWords({ said }: RecordedEngine, answer: Int16Array, sampleRate: number): HeardWord[] {
  let from = 0;
  return said.flatMap(({ text, chunks, words }) => {
    const samples = toInt16(concatSamples(chunks));
    return words.flatMap(({ start, end, startSeconds, endSeconds }) => {
      const mark = loudestIn(samples, startSeconds * sampleRate, endSeconds * sampleRate);
      const place = placeOf(samples.subarray(mark, mark + MARK_SAMPLES), answer, from);
      if (place < 0) return [];
      from = place;
      const later = (place - mark) / sampleRate;
      return [
        { text: text.slice(start, end), startSeconds: startSeconds + later, endSeconds: endSeconds + later },
      ];
    });
  });
}

/** Where the samples begin that have the loudest one of a range in their middle. */
function loudestIn(samples: Int16Array, from: number, to: number): number {
  let loudest = Math.round(from);
  for (let at = loudest; at < to; at += 1)
    if (Math.abs(samples[at] ?? 0) > Math.abs(samples[loudest] ?? 0)) loudest = at;
  return Math.max(0, Math.min(loudest - MARK_SAMPLES / 2, samples.length - MARK_SAMPLES));
}

/** Where samples are found in others, from a place on; -1 if nowhere. */
export function placeOf(wanted: Int16Array, samples: Int16Array, from: number): number {
  for (let at = from; at + wanted.length <= samples.length; at += 1) {
    let same = 0;
    while (same < wanted.length && samples[at + same] === wanted[same]) same += 1;
    if (same === wanted.length) return at;
  }
  return -1;
}

const LETTER = /[\p{L}\p{N}]/u;

/** A word of an alignment. */
export interface WrittenWord extends HeardWord {
  /** Where the marks behind it end, which may have the pause after it. */
  readonly marksEndSeconds: number;
  /** Where its last letter stands among the characters. */
  readonly lastLetter: number;
}

/** The words of an alignment: what stands between white space. A word sounds from its first to its last letter or figure. */
export function wordsIn({ characters, startSeconds, endSeconds }: CharacterTimes): WrittenWord[] {
  const words: {
    text: string;
    startSeconds: number;
    endSeconds: number;
    marksEndSeconds: number;
    lastLetter: number;
  }[] = [];
  let isInside = false;
  for (const [index, character] of characters.entries()) {
    const [start = Number.NaN, end = Number.NaN] = [startSeconds[index], endSeconds[index]];
    const last = words.at(-1);
    if (character.trim() === '') isInside = false;
    else if (isInside && last) {
      last.text += character;
      last.marksEndSeconds = end;
      if (LETTER.test(character)) Object.assign(last, { endSeconds: end, lastLetter: index });
    } else {
      words.push({
        text: character,
        startSeconds: start,
        endSeconds: end,
        marksEndSeconds: end,
        lastLetter: index,
      });
      isInside = true;
    }
  }
  return words.filter(({ text }) => LETTER.test(text));
}

/** 16-bit samples as they came. */
export function samplesIn(bytes: Uint8Array): Int16Array {
  return new Int16Array(Uint8Array.from(bytes).buffer);
}

/** The mean of some misses, the one that nine of ten do not reach, and the largest, in seconds. */
export function spreadOf(misses: readonly number[]): { mean: number; ninetieth: number; most: number } {
  const sorted = misses.map(Math.abs).toSorted((one, other) => one - other);
  return {
    mean: sorted.reduce((sum, miss) => sum + miss, 0) / sorted.length,
    ninetieth: sorted[Math.floor(sorted.length * 0.9)] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
  };
}
