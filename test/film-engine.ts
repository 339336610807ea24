import { AppError, cancelledError } from '../src/base/errors.ts';
import type { RequestContext } from '../src/core/context.ts';
import type { Engine } from '../src/core/engine.ts';
import type { Warning } from '../src/core/warning.ts';
import type { MadeVideo, VideoGeneration, VideoLimits } from '../src/core/video/video-engine.ts';

/** What a film engine is told to do. */
export interface FilmEngineOptions {
  readonly limits?: Partial<VideoLimits>;
  readonly implements?: readonly string[];
  /** Break with this once half of the film is made. */
  readonly failure?: AppError;
  /** Give no frames besides the film. */
  readonly withoutFrames?: boolean;
  /** What it has to say about its films. */
  readonly warnings?: readonly Warning[];
  /** Hold every film back, half made, until this resolves. */
  readonly gate?: Promise<void>;
}

/** An engine that tells what it was asked. */
export interface FilmEngine extends Engine {
  readonly asked: VideoGeneration[];
}

/** The first bytes of an MP4 file: a box of the type `ftyp`. */
const FTYP = [0, 0, 0, 16, 0x66, 0x74, 0x79, 0x70, 0x69, 0x73, 0x6f, 0x6d, 0, 0, 2, 0];

/**
 * A faithful stand-in for a video engine in tests. Its films are no pictures in motion, only the beginning of an MP4
 * file and the seed; its frames are real pictures of the right size. It reports, obeys the signal and remembers.
 */
export function filmEngine(options: FilmEngineOptions = {}): FilmEngine {
  const asked: VideoGeneration[] = [];
  const limits: VideoLimits = {
    maxSeconds: 20,
    usualSeconds: 4,
    usualFramesPerSecond: 16,
    usualSize: { width: 320, height: 180 },
    maxSide: 1920,
    needsFirstFrame: false,
    sourceUses: [],
    ...options.limits,
  };
  const generate = async (request: VideoGeneration, context: RequestContext): Promise<MadeVideo> => {
    asked.push(request);
    await request.remember?.('film://here');
    context.report?.(0.5);
    await Promise.race([options.gate, aborted(context.signal)]);
    if (context.signal.aborted) throw cancelledError();
    if (options.failure) throw options.failure;
    const { size, seed, framesPerSecond, durationSeconds } = request;
    const frames = Math.round(durationSeconds * framesPerSecond);
    const bytes = Uint8Array.from([...FTYP, ...new TextEncoder().encode(`seed ${seed}`)]);
    const pictures = options.withoutFrames ? {} : await framesOf(request, context);
    const { warnings = [] } = options;
    return { ...size, bytes, framesPerSecond, frames, ...pictures, warnings };
  };
  return {
    id: 'film',
    concurrency: 2,
    asked,
    models: [
      {
        id: 'film/test',
        name: 'Test films',
        capability: 'video',
        description: '',
        languages: 'any',
        implements: options.implements ?? [],
        licence: 'Apache-2.0',
      },
    ],
    video: {
      settings: { seed: 'any', steps: { minimum: 1, maximum: 10 } },
      limits: () => limits,
      generate,
    },
  };
}

async function framesOf({ size, tools }: VideoGeneration, context: RequestContext) {
  const samples: Uint8Array<ArrayBuffer>[] = [];
  for (const level of [40, 120, 200]) {
    const pixels = new Uint8Array(size.width * size.height * 4).fill(level);
    const { bytes } = await tools.write({ ...size, pixels }, { format: { id: 'png' } }, context);
    samples.push(bytes);
  }
  const [poster] = samples;
  return { samples, ...(poster ? { poster } : {}) };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}
