import type { ImageFormatRequest } from '../../core/image/image.ts';
import type { ImageFacts, ImageStep, PixelImage } from '../../core/image/image-tools.ts';
import type { ReadableImageKind } from '../../media/images/image-kinds.ts';

/** What the child is started with. */
export interface SharpStart {
  /** Folder of the package that holds the only fonts. */
  readonly fonts: string;
  /** Threads that one call may use. */
  readonly threads: number;
}

/** Bytes of a caller, and what their beginning says they are; they are read as nothing else. */
export interface SniffedImage {
  readonly kind: ReadableImageKind;
  readonly bytes: Uint8Array;
}

/** What the child is asked. */
export type SharpCall =
  | { readonly kind: 'inspect'; readonly image: SniffedImage }
  | { readonly kind: 'pixels'; readonly image: SniffedImage }
  | {
      readonly kind: 'write';
      readonly image: SniffedImage | PixelImage;
      readonly format: ImageFormatRequest;
      readonly steps: readonly ImageStep[];
    }
  | {
      readonly kind: 'animate';
      readonly frames: readonly PixelImage[];
      readonly format: ImageFormatRequest;
      readonly frameMs: number;
    }
  | { readonly kind: 'draw'; readonly svg: string };

/** What the child answers. */
export type SharpAnswer =
  | { readonly kind: 'facts'; readonly facts: ImageFacts }
  | { readonly kind: 'pixels'; readonly image: PixelImage }
  | {
      readonly kind: 'file';
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly width: number;
      readonly height: number;
    };

/** What is unpacked at most; looked at in a file's header, before any pixel is. */
export const IMAGE_LIMITS = {
  /** Of all frames together. */
  pixels: 64_000_000,
  side: 16_384,
  frames: 1000,
};

/** How long one step of the work may take before it is given up, in seconds. */
export const STEP_SECONDS = 20;
