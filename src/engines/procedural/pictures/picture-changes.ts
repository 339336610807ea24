import { AppError } from '../../../base/errors.ts';
import type { RequestContext } from '../../../core/context.ts';
import type { PixelImage } from '../../../core/image/image-tools.ts';
import { createWorkerPool } from '../../worker-pool.ts';
import type { PixelChange } from './picture-pixels.ts';

/** Pixels and what is to be done with them, one after the other. */
export interface PictureTask {
  readonly image: PixelImage;
  readonly changes: readonly PixelChange[];
}

export type PictureAnswer = PixelImage;

/** Changes pixels in threads of its own: a large picture has millions of them. */
export interface PixelWork {
  change(image: PixelImage, changes: readonly PixelChange[], context: RequestContext): Promise<PixelImage>;
  stop(): Promise<void>;
}

/** How many threads there are at most, and how long one without work is kept, in milliseconds. */
export interface PixelThreads {
  readonly workers: number;
  readonly idleMs?: number | undefined;
}

/** Starts no thread before the first picture. */
export function createPixelWork({ workers, idleMs }: PixelThreads): PixelWork {
  const pool = createWorkerPool<PictureTask, PictureAnswer>({
    engine: 'procedural',
    script: new URL('picture-worker.ts', import.meta.url),
    size: workers,
    cancelGraceMs: 300,
    idleMs,
  });
  return {
    change: async (image, changes, { signal }) => {
      if (changes.length === 0) return image;
      for await (const changed of pool.run({ image, changes }, { signal, dueMs: performance.now() }))
        return changed;
      throw new AppError('engine_failed', 'The picture was not changed.');
    },
    stop: () => pool.stop(),
  };
}
