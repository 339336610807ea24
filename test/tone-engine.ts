import { AppError, cancelledError } from '../src/base/errors.ts';
import type { RequestContext } from '../src/core/context.ts';
import type { Engine, SpeechOutput, SynthesisRequest } from '../src/core/engine.ts';
import type { WordTiming } from '../src/core/speech/alignment.ts';
import type { Voice } from '../src/core/voices/voice.ts';

/** What a tone engine is told to do wrong. */
export interface ToneEngineOptions {
  readonly id?: string;
  readonly languages?: readonly string[] | 'any';
  readonly implements?: readonly string[];
  readonly concurrency?: number;
  /** Break before the first sample, or after this many chunks. */
  readonly failAfterChunks?: number;
  /** Have no word times that speech may be cut by. */
  readonly estimatesWords?: boolean;
  /** Find nothing to say in any text. */
  readonly mute?: boolean;
  /** Hold every chunk back until this resolves. */
  readonly gate?: Promise<void>;
}

export interface ToneEngine extends Engine {
  /** Every request that reached the engine. */
  readonly asked: SynthesisRequest[];
  /** Streams that were begun and not yet ended. */
  readonly open: () => number;
}

const SAMPLE_RATE = 16_000;
const SECONDS_PER_CHARACTER = 0.05;

/**
 * A faithful stand-in for a speech engine in tests: every character sounds for 50 ms (divided by the speed) as
 * a tone whose pitch is the voice's, cut into 100 ms chunks, with the times of every word. It obeys the signal
 * and pulls like a real engine.
 */
export function toneEngine(options: ToneEngineOptions = {}): ToneEngine {
  const id = options.id ?? 'tone';
  const asked: SynthesisRequest[] = [];
  let open = 0;
  const voices = [voice(id, 'high', 'female', 0), voice(id, 'low', 'male', 1)].map((one) => ({
    ...one,
    languages:
      options.languages === 'any' || !options.languages ? ['en', 'de', 'fr', 'ar'] : options.languages,
  }));

  async function* speak(request: SynthesisRequest, context: RequestContext): AsyncGenerator<Float32Array> {
    open += 1;
    try {
      const frames = options.mute ? 0 : Math.round(spokenSeconds(request) * SAMPLE_RATE);
      const hertz = (request.voice.endsWith('high') ? 440 : 220) * 2 ** (request.pitchSemitones / 12);
      for (let start = 0, chunk = 0; start < frames; start += 1600, chunk += 1) {
        await options.gate;
        if (context.signal.aborted) throw cancelledError();
        if (chunk === options.failAfterChunks)
          throw new AppError('engine_failed', 'The tone engine broke, as it was told to.');
        const length = Math.min(1600, frames - start);
        yield Float32Array.from(
          { length },
          (_, index) => 0.3 * Math.sin((2 * Math.PI * hertz * (start + index)) / SAMPLE_RATE),
        );
      }
    } finally {
      open -= 1;
    }
  }

  return {
    id,
    asked,
    open: () => open,
    concurrency: options.concurrency ?? 32,
    models: [
      {
        id: `${id}/${id}`,
        name: 'Tone',
        capability: 'speech',
        description: 'Tones instead of words, for tests',
        languages: options.languages ?? 'any',
        implements: options.implements ?? [],
        licence: 'Apache-2.0',
      },
    ],
    speech: {
      voices,
      settings: { speed: { minimum: 0.25, maximum: 4 }, language: 'any', alignment: 'any', seed: 'any' },
      ...(options.estimatesWords ? {} : { measuresWords: true }),
      synthesize: async (request, context): Promise<SpeechOutput> => {
        asked.push(request);
        return {
          kind: 'pcm',
          pcm: { sampleRate: SAMPLE_RATE, channels: 1, chunks: speak(request, context) },
          timings: { words: wordTimings(request) },
        };
      },
    },
  };
}

function voice(
  engine: string,
  name: string,
  gender: 'female' | 'male',
  rank: number,
): Omit<Voice, 'languages'> {
  return {
    id: `${engine}/${name}`,
    name,
    engine,
    origin: 'built_in',
    gender,
    rank,
    labels: {},
    licence: 'Apache-2.0',
  };
}

function spokenSeconds(request: SynthesisRequest): number {
  return (request.text.length * SECONDS_PER_CHARACTER) / request.speed;
}

function wordTimings(request: SynthesisRequest): WordTiming[] {
  const perCharacter = SECONDS_PER_CHARACTER / request.speed;
  return [...request.text.matchAll(/\S+/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    startSeconds: match.index * perCharacter,
    endSeconds: (match.index + match[0].length) * perCharacter,
  }));
}
