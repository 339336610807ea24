import { AppError, cancelledError, type ErrorCode } from '../src/base/errors.ts';
import { collectBytes } from '../src/base/stream.ts';
import type { RequestContext } from '../src/core/context.ts';
import type { Engine } from '../src/core/engine.ts';
import type { SupportedSettings } from '../src/core/setting-support.ts';
import type { SoundGeneration, SoundOutput } from '../src/core/sound/sound-engine.ts';
import type { MusicPlan, SoundSetting } from '../src/core/sound/sound.ts';
import type { Warning } from '../src/core/warning.ts';
import { encodeAudio } from '../src/media/formats/index.ts';
import type { PcmStream } from '../src/media/pcm.ts';

/** What an engine of tones is told to be, or to do wrong. */
export interface ToneSoundsOptions {
  readonly id?: string;
  readonly implements?: readonly string[];
  readonly concurrency?: number;
  readonly sampleRate?: number;
  readonly channels?: 1 | 2;
  readonly settings?: SupportedSettings<SoundSetting>;
  readonly maxSeconds?: number;
  /** Seconds that come out whatever is asked. */
  readonly seconds?: number;
  /** Answers with a complete file instead of samples. */
  readonly file?: true;
  readonly warnings?: readonly Warning[];
  /** Break before the first sample, or after this many chunks. */
  readonly failAfterChunks?: number;
  /** What it breaks with; `engine_failed` unless told, which is tried again. */
  readonly failure?: ErrorCode;
  /** Have no way to lay out music. */
  readonly planless?: true;
  /** Hold every chunk back until this resolves. */
  readonly gate?: Promise<void>;
}

export interface ToneSounds extends Engine {
  /** Every request that reached the engine. */
  readonly asked: SoundGeneration[];
  /** Streams that were begun and not yet ended. */
  readonly open: () => number;
}

/** Seconds of a sound whose length was left to the engine. */
export const TONE_SECONDS = 3;
/** Samples of a chunk on each channel. */
const CHUNK_FRAMES = 1600;

const EVERYTHING: SupportedSettings<SoundSetting> = {
  duration: 'any',
  start: 'any',
  loop: 'any',
  seed: 'any',
  steps: { minimum: 10, maximum: 500 },
  prompt_influence: { minimum: 0, maximum: 1 },
  plan: 'any',
  section_durations: 'any',
};

/**
 * A faithful stand-in for an engine of sound effects and music in tests: a tone whose pitch follows from the seed, on
 * the left as loud as 0.5 and on the right half of that, in chunks that are made as they are pulled.
 */
export function toneSounds(options: ToneSoundsOptions = {}): ToneSounds {
  const id = options.id ?? 'tones';
  const asked: SoundGeneration[] = [];
  let open = 0;
  const { sampleRate = 44_100, channels = 2 } = options;

  async function* play(request: SoundGeneration, signal: AbortSignal): AsyncGenerator<Float32Array> {
    open += 1;
    try {
      const frames = Math.round((options.seconds ?? request.durationSeconds ?? TONE_SECONDS) * sampleRate);
      for (let start = 0, chunk = 0; start < frames; start += CHUNK_FRAMES, chunk += 1) {
        await options.gate;
        if (signal.aborted) throw cancelledError();
        if (chunk === options.failAfterChunks) throw broken(options.failure);
        yield toneChunk(start, Math.min(CHUNK_FRAMES, frames - start), hertzOf(request));
      }
    } finally {
      open -= 1;
    }
  }

  function toneChunk(start: number, frames: number, hertz: number): Float32Array {
    return Float32Array.from({ length: frames * channels }, (_, index) => {
      const frame = start + Math.floor(index / channels);
      const level = channels === 2 && index % 2 === 1 ? 0.25 : 0.5;
      return level * Math.sin((2 * Math.PI * hertz * frame) / sampleRate);
    });
  }

  const pcmOf = (request: SoundGeneration, { signal }: RequestContext): PcmStream => ({
    sampleRate,
    channels,
    chunks: play(request, signal),
  });

  return {
    id,
    asked,
    open: () => open,
    concurrency: options.concurrency ?? 8,
    models: (['sound', 'music'] as const).map((capability) => ({
      id: `${id}/${capability}`,
      name: 'Tones',
      capability,
      description: 'Tones instead of sounds, for tests',
      languages: 'any',
      implements: options.implements ?? [],
      licence: 'Apache-2.0',
    })),
    sound: {
      settings: options.settings ?? EVERYTHING,
      maxSeconds: () => options.maxSeconds ?? 600,
      generate: async (request, context): Promise<SoundOutput> => {
        asked.push(request);
        const warnings = options.warnings ? { warnings: options.warnings } : {};
        const pcm = pcmOf(request, context);
        if (!options.file) return { ...warnings, kind: 'pcm', pcm };
        return { ...warnings, kind: 'file', bytes: await collectBytes(encodeAudio(pcm, { id: 'flac' })) };
      },
      ...(options.planless ? {} : { plan: async (request: SoundGeneration) => planned(request) }),
    },
  };
}

/** The pitch by which a test tells two sounds apart. */
export function hertzOf({ seed }: Pick<SoundGeneration, 'seed'>): number {
  return 200 + (seed % 40) * 20;
}

function broken(code: ErrorCode = 'engine_failed'): AppError {
  return new AppError(code, 'The tones broke, as they were told to.');
}

/** As given; else a short beginning and the rest. */
function planned({ plan, prompt, durationSeconds = 30 }: SoundGeneration): MusicPlan {
  if (plan) return plan;
  const section = { styles: [], avoidedStyles: [], lines: [] };
  return {
    styles: [prompt],
    avoidedStyles: ['noise'],
    sections: [
      { ...section, name: 'Intro', durationSeconds: durationSeconds / 3 },
      { ...section, name: 'Main', durationSeconds: (durationSeconds * 2) / 3, styles: ['full'] },
    ],
  };
}
