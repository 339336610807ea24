import type { RequestContext } from '../context.ts';
import type { PixelSize } from '../image/image.ts';
import type { ImageTools } from '../image/image-tools.ts';
import type { SupportedSettings } from '../setting-support.ts';
import type { Warning } from '../warning.ts';
import type { VideoSetting, VideoSourceUse, VideoWish } from './video.ts';

/** What a video engine is asked: everything is resolved. */
export interface VideoGeneration extends VideoWish {
  /** Id of one of the engine's own models. */
  readonly model: string;
  readonly size: PixelSize;
  readonly durationSeconds: number;
  readonly framesPerSecond: number;
  readonly seed: number;
  /** PNG, upright and within the limits; of any size. */
  readonly firstFrame?: Uint8Array;
  /** A film in MP4, and what is to become of it. */
  readonly source?: { readonly bytes: Uint8Array; readonly use: VideoSourceUse };
  /** Remembers where the work is done, so that a restarted server takes it up there instead of beginning anew. */
  readonly remember?: (engineReference: string) => Promise<void>;
  /** What `remember` kept when the work was begun before. */
  readonly reference?: string;
  readonly tools: ImageTools;
}

/** A film: MP4 with H.264 that browsers play. */
export interface MadeVideo extends PixelSize {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly framesPerSecond: number;
  readonly frames: number;
  /** PNG of its first frame, where the engine has it at hand. */
  readonly poster?: Uint8Array<ArrayBuffer>;
  /** PNGs of some frames, evenly spread, in order; for an overview. */
  readonly samples?: readonly Uint8Array<ArrayBuffer>[];
  readonly warnings?: readonly Warning[];
}

/** The part of an engine that makes films. */
export interface VideoEngine {
  readonly settings: SupportedSettings<VideoSetting>;
  /** What a model makes. */
  limits(model: string): VideoLimits;
  /**
   * Makes a film, telling how far it is through `context.report`. Ends with `cancelled` within a second of the
   * signal's abort.
   */
  generate(request: VideoGeneration, context: RequestContext): Promise<MadeVideo>;
}

/** What films a model makes. */
export interface VideoLimits {
  readonly maxSeconds: number;
  readonly usualSeconds: number;
  readonly usualFramesPerSecond: number;
  readonly usualSize: PixelSize;
  /** Longest side in pixels. */
  readonly maxSide: number;
  /** Whether it needs a picture to begin with. */
  readonly needsFirstFrame: boolean;
  /** What it can do with a film that is there already. */
  readonly sourceUses: readonly VideoSourceUse[];
}
