import { cancelledError } from '../src/base/errors.ts';
import type { Engine, HeardSegment } from '../src/core/engine.ts';
import { collectSamples, concatSamples, toInt16 } from '../src/media/pcm.ts';
import { withoutQuietEnds } from '../src/media/quiet-stretches.ts';
import { resample } from '../src/media/resample.ts';
import { changeTempo } from '../src/media/tempo.ts';
import { waveFile } from './sherpa-support.ts';
import { testContext } from './support.ts';

const SAMPLE_RATE = 16_000;

/** Something that is said in a recording. */
export interface SaidPhrase {
  readonly text: string;
  /** Silence before it, in seconds. */
  readonly pauseSeconds: number;
  /** How fast it is said, 1 = as the voice speaks by itself. */
  readonly tempo?: number;
  readonly semitones?: number;
  /** 1 = as loud as the voice speaks by itself. */
  readonly gain?: number;
}

/** A recording of which everything is known. */
export interface KnownRecording {
  readonly file: Buffer;
  /** Mono, 16 kHz. */
  readonly samples: Float32Array;
  readonly seconds: number;
  /** From the first sound of each phrase to its last. */
  readonly phrases: readonly {
    readonly text: string;
    readonly startSeconds: number;
    readonly endSeconds: number;
  }[];
  readonly words: readonly {
    readonly text: string;
    readonly startSeconds: number;
    readonly endSeconds: number;
  }[];
}

/** Has an engine's voice say phrases with pauses between them, and a second of silence at the end. */
export async function recordPhrases(
  { engine, voice, language }: { readonly engine: Engine; readonly voice: string; readonly language: string },
  said: readonly SaidPhrase[],
): Promise<KnownRecording> {
  const parts: Float32Array[] = [];
  const phrases: KnownRecording['phrases'][number][] = [];
  const words: KnownRecording['words'][number][] = [];
  let frames = 0;
  const add = (samples: Float32Array) => {
    parts.push(samples);
    frames += samples.length;
  };
  for (const phrase of said) {
    add(new Float32Array(phrase.pauseSeconds * SAMPLE_RATE));
    const spoken = await say(phrase.text, { engine, voice, language, tempo: phrase.tempo ?? 1 });
    const pcm = { sampleRate: SAMPLE_RATE, channels: 1, chunks: once(spoken.samples) } as const;
    const moved = changeTempo(pcm, { tempo: 1, pitchSemitones: phrase.semitones ?? 0 });
    const samples = (await collectSamples(moved.chunks)).map((sample) => sample * (phrase.gain ?? 1));
    const startSeconds = frames / SAMPLE_RATE;
    add(samples);
    phrases.push({ text: phrase.text, startSeconds, endSeconds: frames / SAMPLE_RATE });
    for (const word of spoken.words) {
      words.push({
        text: word.text,
        startSeconds: startSeconds + word.startSeconds,
        endSeconds: startSeconds + word.endSeconds,
      });
    }
  }
  add(new Float32Array(SAMPLE_RATE));
  const samples = concatSamples(parts);
  return {
    file: waveFile(toInt16(samples), SAMPLE_RATE),
    samples,
    seconds: samples.length / SAMPLE_RATE,
    phrases,
    words,
  };
}

interface Saying {
  readonly engine: Engine;
  readonly voice: string;
  readonly language: string;
  readonly tempo: number;
}

async function say(text: string, { engine, voice, language, tempo }: Saying) {
  const model = engine.models[0]?.id ?? '';
  const output = await engine.speech?.synthesize(
    { model, text, voice, language, speed: tempo, pitchSemitones: 0, alignment: true },
    testContext(),
  );
  if (output?.kind !== 'pcm') throw new Error(`${voice} did not speak.`);
  const whole = await collectSamples(resample(output.pcm, SAMPLE_RATE).chunks);
  const samples = withoutQuietEnds(whole, SAMPLE_RATE);
  const lead = (samples.byteOffset - whole.byteOffset) / whole.BYTES_PER_ELEMENT / SAMPLE_RATE;
  const length = samples.length / SAMPLE_RATE;
  const inside = (seconds: number) => Math.max(0, Math.min(length, seconds - lead));
  const words = (output.timings?.words ?? []).map((word) => ({
    text: text.slice(word.start, word.end),
    startSeconds: inside(word.startSeconds),
    endSeconds: inside(word.endSeconds),
  }));
  return { samples, words };
}

async function* once(samples: Float32Array): AsyncGenerator<Float32Array> {
  yield samples;
}

export interface KnowingEngine extends Engine {
  /** Windows that were heard. */
  readonly heard: () => number;
  /** Sessions that were opened and not yet closed. */
  readonly open: () => number;
}

/** What becomes of the truth in a knowing engine. */
export interface KnowingOptions {
  readonly language?: string;
  /** By so much each word is told too early or too late, by turns. */
  readonly jitterSeconds?: number;
  /** Tell segments only. */
  readonly wordless?: boolean;
  /** Hold a window back until this resolves; windows count from 0. */
  readonly gate?: (window: number) => Promise<void> | undefined;
}

/** A stand-in for a recogniser that knows what is said in a recording: every window is told the words that begin in it. */
export function knowingEngine({ words }: KnownRecording, options: KnowingOptions = {}): KnowingEngine {
  const { language = 'en', jitterSeconds = 0, wordless = false } = options;
  let heard = 0;
  let open = 0;
  let position = 0;
  return {
    id: 'knowing',
    heard: () => heard,
    open: () => open,
    concurrency: 1,
    models: [
      {
        id: 'knowing/knowing',
        name: 'Knowing',
        capability: 'transcription',
        description: 'Knows what is said, for tests',
        languages: 'any',
        implements: [],
        licence: 'Apache-2.0',
      },
    ],
    transcription: {
      settings: { word_times: 'any' },
      open: async (_request, { signal }) => {
        open += 1;
        return {
          hear: async (window) => {
            await options.gate?.(heard);
            if (signal.aborted) throw cancelledError();
            heard += 1;
            const start = position;
            position += window.samples.length / SAMPLE_RATE;
            const end = position;
            const inside = words
              .filter((word) => word.startSeconds >= start && word.startSeconds < end)
              .map((word, index) => {
                const late = index % 2 === 0 ? jitterSeconds : -jitterSeconds;
                return {
                  text: word.text,
                  startSeconds: Math.max(0, word.startSeconds - start + late),
                  endSeconds: Math.max(0, word.endSeconds - start + late),
                };
              });
            return { segments: toSegments(inside, wordless), language, languageProbability: 0.99 };
          },
          close: () => {
            open -= 1;
          },
        };
      },
    },
  };
}

function toSegments(words: NonNullable<HeardSegment['words']>, wordless: boolean): HeardSegment[] {
  const [first] = words;
  const last = words.at(-1);
  if (!first || !last) return [];
  const { startSeconds } = first;
  const text = ` ${words.map((word) => word.text).join(' ')}`;
  return [{ startSeconds, endSeconds: last.endSeconds, text, ...(wordless ? {} : { words }) }];
}
