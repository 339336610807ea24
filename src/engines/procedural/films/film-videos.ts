import type { ModelCard } from '../../../core/models/model.ts';
import type { VideoEngine } from '../../../core/video/video-engine.ts';
import { createWorkerPool } from '../../worker-pool.ts';
import type { FilmAnswer, FilmTask } from './film-task.ts';
import { createPixelWork, type PixelThreads } from '../pictures/picture-changes.ts';

/** Films of drawn scenes and of pictures that came along. */
export const FILMS_CARD: ModelCard = {
  id: 'procedural/films',
  name: 'Procedural films',
  capability: 'video',
  description:
    'Moves a camera over a picture, or over a drawn scene, as the prompt says: H.264 in MP4, without sound. A stand-in: nothing in the picture acts.',
  languages: ['en'],
  implements: [],
  licence: 'Apache-2.0',
};

/** The part of the engine that makes films, and what ends its threads. */
export interface ProceduralVideos {
  readonly video: VideoEngine;
  stop(): Promise<void>;
}

/** A thread looks up after each frame; the largest takes about this long, in milliseconds. */
const CANCEL_GRACE_MS = 700;

/** No thread runs before the first film. */
export function createProceduralVideos(threads: PixelThreads): ProceduralVideos {
  const pixels = createPixelWork(threads);
  const pool = createWorkerPool<FilmTask, FilmAnswer>({
    engine: 'procedural',
    script: new URL('film-worker.ts', import.meta.url),
    size: threads.workers,
    cancelGraceMs: CANCEL_GRACE_MS,
    idleMs: threads.idleMs,
  });
  return {
    video: {
      settings: {
        duration: 'any',
        size: 'any',
        frames: 'any',
        frame_rate: 'any',
        seed: 'any',
        negative_prompt: 'any',
        first_frame: 'any',
        source_video: 'any',
      },
      limits: () => ({
        maxSeconds: 60,
        usualSeconds: 5,
        usualFramesPerSecond: 24,
        usualSize: { width: 1280, height: 720 },
        maxSide: 1920,
        needsFirstFrame: false,
        sourceUses: ['remix', 'edit', 'extend'],
      }),
      // Everything that plans and joins films is read when the first is asked for.
      generate: async (request, context) => {
        const { makeFilm } = await import('./film-making.ts');
        return makeFilm(request, context, { pool, pixels });
      },
    },
    stop: async () => {
      await Promise.all([pool.stop(), pixels.stop()]);
    },
  };
}
