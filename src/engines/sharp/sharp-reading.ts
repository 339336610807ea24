import type { Metadata, Sharp, SharpOptions } from 'sharp';
import { AppError } from '../../base/errors.ts';
import type { ImageFacts } from '../../core/image/image-tools.ts';
import { IMAGE_LIMITS, STEP_SECONDS, type SniffedImage } from './sharp-calls.ts';

/** What the package exports; it is loaded only after its surroundings are set. */
export type SharpModule = (input: Uint8Array, options?: SharpOptions) => Sharp;

/** A picture under work: rows of red, green, blue and alpha. */
export interface Raster {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

const READING: SharpOptions = {
  limitInputPixels: IMAGE_LIMITS.pixels,
  failOn: 'error',
  sequentialRead: true,
};

/** What a file's header says, checked against the limits. */
export async function readFacts(sharp: SharpModule, { kind, bytes }: SniffedImage): Promise<ImageFacts> {
  const metadata = await sharp(bytes, { ...READING, limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw unreadable(kind, error);
    });
  const found = metadata.format === 'heif' && metadata.compression === 'av1' ? 'avif' : metadata.format;
  if (found !== kind) throw unreadable(kind, new Error(`It was taken for ${found}.`));
  const facts = {
    format: kind,
    width: metadata.autoOrient.width,
    height: metadata.autoOrient.height,
    frames: metadata.pages ?? 1,
    hasAlpha: metadata.hasAlpha,
  };
  refuseHuge(facts);
  if (isRefused(metadata)) throw unreadable(kind, new Error('It has too many channels.'));
  return facts;
}

/** Pictures have at most five channels: CMYK and alpha. */
function isRefused({ channels }: Metadata): boolean {
  return channels > 5;
}

/** Throws for a picture that would take too much memory. */
export function refuseHuge({ width, height, frames }: Pick<ImageFacts, 'width' | 'height' | 'frames'>): void {
  const { pixels, side, frames: most } = IMAGE_LIMITS;
  if (width * height * frames <= pixels && Math.max(width, height) <= side && frames <= most) return;
  const moving = frames === 1 ? '' : ` in ${frames} frames`;
  throw new AppError(
    'payload_too_large',
    `The picture has ${width} x ${height} pixels${moving}; at most ${pixels / 1e6} million in all frames together, ${side} a side and ${most} frames are read.`,
    { reason: 'too_many_pixels' },
  );
}

/** The first frame, upright, in eight bits of sRGB with alpha. */
export async function readRaster(sharp: SharpModule, image: SniffedImage): Promise<Raster> {
  await readFacts(sharp, image);
  try {
    return await toRaster(sharp(image.bytes, READING).autoOrient());
  } catch (error) {
    throw isTimeout(error) ? tooSlow(error) : unreadable(image.kind, error);
  }
}

/** A drawing of our own as pixels. Without a base address the renderer follows no reference out of it. */
export async function drawRaster(sharp: SharpModule, svg: string): Promise<Raster> {
  const bytes = Buffer.from(svg);
  const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
  refuseHuge({ width, height, frames: 1 });
  return toRaster(sharp(bytes, READING));
}

/** What a pipeline makes, as rows of four bytes a pixel. */
export async function toRaster(pipeline: Sharp): Promise<Raster> {
  const { data, info } = await pipeline
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .timeout({ seconds: STEP_SECONDS })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  if (data.length !== width * height * 4) {
    throw new Error(`${width} x ${height} pixels came as ${data.length} bytes.`);
  }
  return { data, width, height };
}

/** Whether the work was given up because it took too long. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('timeout');
}

/** The refusal of work that took too long. */
export function tooSlow(cause: unknown): AppError {
  return new AppError(
    'payload_too_large',
    `The picture takes longer than ${STEP_SECONDS} s to work on; a smaller one does not.`,
    { reason: 'too_slow', cause },
  );
}

function unreadable(kind: string, cause: unknown): AppError {
  return new AppError(
    'unsupported_media',
    `The picture is a ${kind.toUpperCase()} file that is damaged, cut off, or of a kind that cannot be read.`,
    { reason: 'damaged_image', cause },
  );
}
