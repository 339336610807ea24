import type { RequestContext } from '../context.ts';
import type { ImageFormatRequest, PixelSize } from './image.ts';

/** What a file that is a picture says of itself. */
export interface ImageFacts extends PixelSize {
  /** `png`, `jpeg`, `webp`, `gif`, `svg`, `avif`, `tiff`, … */
  readonly format: string;
  /** 1 for a picture that does not move. */
  readonly frames: number;
  readonly hasAlpha: boolean;
}

/** A picture as pixels: rows from the top, four bytes (red, green, blue, alpha) for each. */
export interface PixelImage extends PixelSize {
  readonly pixels: Uint8Array<ArrayBuffer>;
}

/** How a picture is fitted into another size. */
export type ImageFit = 'cover' | 'contain' | 'fill' | 'inside';

/** One step of changing a picture. */
export type ImageStep =
  | { readonly kind: 'resize'; readonly width: number; readonly height: number; readonly fit: ImageFit }
  | {
      readonly kind: 'crop';
      readonly left: number;
      readonly top: number;
      readonly width: number;
      readonly height: number;
    }
  | { readonly kind: 'rotate'; readonly degrees: number }
  | { readonly kind: 'flip'; readonly axis: 'horizontal' | 'vertical' }
  | { readonly kind: 'grey' }
  | { readonly kind: 'negate' }
  | { readonly kind: 'sepia' }
  | { readonly kind: 'blur'; readonly sigma: number }
  | { readonly kind: 'sharpen'; readonly sigma: number }
  | { readonly kind: 'median'; readonly size: number }
  /** Factors against what is there, 1 = as it is; hue in degrees. */
  | {
      readonly kind: 'modulate';
      readonly brightness?: number;
      readonly saturation?: number;
      readonly hue?: number;
    }
  | { readonly kind: 'contrast'; readonly factor: number }
  | { readonly kind: 'tint'; readonly red: number; readonly green: number; readonly blue: number }
  | { readonly kind: 'flatten'; readonly red: number; readonly green: number; readonly blue: number };

/**
 * Reads, draws and writes pictures, away from the server's own process. Every call throws `unsupported_media` for what
 * is no picture, `payload_too_large` for one with too many pixels or frames, checked before they are unpacked, and
 * `cancelled` at the signal's abort.
 */
export interface ImageTools {
  /** What the bytes say of themselves, unpacking no pixel. */
  inspect(bytes: Uint8Array, context: RequestContext): Promise<ImageFacts>;
  /** The first frame, turned upright as its orientation tag says. */
  toPixels(bytes: Uint8Array, context: RequestContext): Promise<PixelImage>;
  /** Pixels, or a picture in any readable format, changed step by step and written. */
  write(
    image: Uint8Array | PixelImage,
    options: { readonly format: ImageFormatRequest; readonly steps?: readonly ImageStep[] },
    context: RequestContext,
  ): Promise<{ readonly bytes: Uint8Array<ArrayBuffer> } & PixelSize>;
  /** Several pictures of one size as one that moves. */
  animate(
    frames: readonly PixelImage[],
    options: { readonly format: ImageFormatRequest; readonly frameMs: number },
    context: RequestContext,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** A drawing of our own in SVG as pixels. It never reads what the drawing refers to. */
  draw(svg: string, context: RequestContext): Promise<PixelImage>;
}
