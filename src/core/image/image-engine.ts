import type { RequestContext } from '../context.ts';
import type { SupportedSettings } from '../setting-support.ts';
import type { Warning } from '../warning.ts';
import type { ImageSetting, ImageWish, PixelSize } from './image.ts';
import type { ImageTools } from './image-tools.ts';

/** What an image engine is asked: one picture. */
export interface ImageGeneration extends ImageWish {
  /** Id of one of the engine's own models. */
  readonly model: string;
  /** What a change turns, crops or resizes may come out otherwise; the service fits it where the caller asked for a size. */
  readonly size: PixelSize;
  /** Another for each of several pictures. */
  readonly seed: number;
  /** Pictures in PNG, upright and within the limits, the first being the one to change. */
  readonly inputs: readonly Uint8Array[];
  /** PNG of the first input's size; what may be changed is transparent in it. */
  readonly mask?: Uint8Array;
  /** How many unfinished pictures are wanted at most. */
  readonly previews: number;
  /** For reading and drawing pictures. */
  readonly tools: ImageTools;
}

/** What an engine tells while it makes a picture, in order; the last event is the picture. Bytes are in a format that the tools read. */
export type ImageEvent =
  | { readonly type: 'progress'; readonly fraction: number }
  | { readonly type: 'preview'; readonly bytes: Uint8Array }
  | { readonly type: 'image-end'; readonly bytes: Uint8Array; readonly warnings?: readonly Warning[] };

/** The part of an engine that makes pictures. */
export interface ImageEngine {
  readonly settings: SupportedSettings<ImageSetting>;
  /** What a model takes: pictures to change, a mask. */
  takes(model: string): { readonly inputs: number; readonly mask: boolean; readonly sizes: ImageSizes };
  /**
   * Makes a picture. Throws `unsupported_feature` for a change that it cannot really make, and ends with `cancelled`
   * within a second of the signal's abort.
   */
  generate(request: ImageGeneration, context: RequestContext): AsyncIterable<ImageEvent>;
}

/** The sizes that a model makes: both sides a multiple of `step`, within the limits. */
export interface ImageSizes {
  readonly step: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly usual: PixelSize;
}
