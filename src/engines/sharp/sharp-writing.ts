import type { Sharp } from 'sharp';
import { AppError } from '../../base/errors.ts';
import type { ImageFormatRequest } from '../../core/image/image.ts';
import type { PixelImage } from '../../core/image/image-tools.ts';
import { STEP_SECONDS } from './sharp-calls.ts';
import { refuseHuge, type Raster, type SharpModule } from './sharp-reading.ts';
import { fromRaster } from './sharp-steps.ts';

/** What a picture without transparency is laid on, where it has some. */
const PAPER = { r: 255, g: 255, b: 255 };

/** Looks the same as the original to most people, at a third of the size of 100. */
const JPEG_QUALITY = 90;

/** A picture as a file. Transparency is kept where the format has it and the picture any. */
export async function writeRaster(
  sharp: SharpModule,
  raster: Raster,
  format: ImageFormatRequest,
): Promise<Uint8Array<ArrayBuffer>> {
  const pipeline = fromRaster(sharp, raster);
  if (isOpaque(raster.data)) pipeline.removeAlpha();
  else if (format.id === 'jpeg') pipeline.flatten({ background: PAPER });
  return toFile(encoded(pipeline, format));
}

/** Pictures of one size as a file that moves. */
export async function writeFrames(
  sharp: SharpModule,
  frames: readonly PixelImage[],
  { format, frameMs }: { readonly format: ImageFormatRequest; readonly frameMs: number },
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly width: number; readonly height: number }> {
  const [first] = frames;
  if (!first) throw new Error('There are no frames.');
  if (format.id !== 'gif' && format.id !== 'webp') {
    throw new AppError('unsupported_feature', `A picture in ${format.id} does not move; gif and webp do.`);
  }
  const { width, height } = first;
  refuseHuge({ width, height, frames: frames.length });
  if (frames.some((frame) => frame.width !== width || frame.height !== height)) {
    throw new Error('The frames are not of one size.');
  }
  const stacked = Buffer.concat(frames.map(({ pixels }) => pixels));
  const raw = { width, height: height * frames.length, channels: 4, pageHeight: height } as const;
  const timing = { delay: frames.map(() => Math.max(1, Math.round(frameMs))), loop: 0 };
  const pipeline = sharp(stacked, { raw, limitInputPixels: false });
  const moving =
    format.id === 'gif'
      ? pipeline.gif({ ...timing, keepDuplicateFrames: true })
      : pipeline.webp({ ...timing, ...qualityOf(format) });
  return { bytes: await toFile(moving), width, height };
}

function encoded(pipeline: Sharp, format: ImageFormatRequest): Sharp {
  switch (format.id) {
    case 'png':
      return pipeline.png();
    case 'jpeg':
      return pipeline.jpeg({ quality: JPEG_QUALITY, ...qualityOf(format) });
    case 'webp':
      return pipeline.webp(qualityOf(format));
    case 'gif':
      return pipeline.gif();
  }
}

/** The library's scale begins at 1. */
function qualityOf({ quality }: ImageFormatRequest): { readonly quality?: number } {
  return quality === undefined ? {} : { quality: Math.max(1, Math.round(quality)) };
}

async function toFile(pipeline: Sharp): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await pipeline.timeout({ seconds: STEP_SECONDS }).toBuffer();
  return Uint8Array.from(bytes);
}

function isOpaque(rgba: Buffer): boolean {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 255) return false;
  return true;
}
