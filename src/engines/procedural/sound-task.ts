import type { SoundGeneration } from '../../core/sound/sound-engine.ts';

/** What a worker is told to make, and how far its reader is. */
export interface SoundTask {
  readonly generation: SoundGeneration;
  /** Blocks that the reader has already; they are computed, because what follows depends on them, and not sent. */
  readonly skipBlocks: number;
  /** One 32-bit integer: how many blocks, the skipped ones included, the reader has taken. */
  readonly taken: SharedArrayBuffer;
}

/** What a worker answers. */
export type SoundMessage =
  | { readonly kind: 'block'; readonly samples: Float32Array<ArrayBuffer> }
  /** The reader is far behind: the worker went on to other work, and the rest has to be asked for. */
  | { readonly kind: 'paused' };

/** Blocks that may wait for a reader: about half a minute. */
export const MOST_AHEAD_BLOCKS = 320;
