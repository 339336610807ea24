import type { ImageSizes } from './image-engine.ts';
import type { PixelSize } from './image.ts';

/** The size that an engine is asked for, and what the caller gets. */
export interface SizePlan {
  /** One that the model makes. */
  readonly made: PixelSize;
  /** What it is brought to afterwards. */
  readonly delivered: PixelSize;
}

/**
 * How a wanted size is reached. Within the model's limits the picture is made up to a step larger and then brought to
 * exactly that size; outside them it is scaled to the nearest that the model makes, in its shape as far as that goes.
 */
export function planSize(wanted: PixelSize, sizes: ImageSizes): SizePlan {
  const { minimum, maximum } = sizes;
  const longest = Math.max(wanted.width, wanted.height);
  const shortest = Math.min(wanted.width, wanted.height);
  if (longest <= maximum && shortest >= minimum) {
    const made = onSteps(wanted, sizes, Math.ceil);
    return { made, delivered: wanted };
  }
  const scale = longest > maximum ? maximum / longest : minimum / shortest;
  const scaled = { width: wanted.width * scale, height: wanted.height * scale };
  const made = onSteps(scaled, sizes, Math.round);
  return { made, delivered: made };
}

function onSteps({ width, height }: PixelSize, sizes: ImageSizes, round: (value: number) => number) {
  const { step } = sizes;
  const least = Math.ceil(sizes.minimum / step) * step;
  const most = Math.max(least, Math.floor(sizes.maximum / step) * step);
  const side = (length: number) => Math.min(most, Math.max(least, round(length / step) * step));
  return { width: side(width), height: side(height) };
}

/** Whether two sizes are the same. */
export function isSameSize(one: PixelSize, other: PixelSize): boolean {
  return one.width === other.width && one.height === other.height;
}

/** A size as people write it. */
export function sizeText({ width, height }: PixelSize): string {
  return `${width}x${height}`;
}

/** What a model that needs sides of a certain multiple likes best. */
const INPUT_STEP = 16;

/** The size of a picture with at most so many megapixels and no side longer than that; the same one when it is small enough. */
export function reducedSize(
  size: PixelSize,
  { megapixels, side }: { readonly megapixels: number | undefined; readonly side: number },
): PixelSize {
  const pixels = (megapixels ?? Number.POSITIVE_INFINITY) * 1_000_000;
  const scale = Math.min(
    1,
    Math.sqrt(pixels / (size.width * size.height)),
    side / Math.max(size.width, size.height),
  );
  if (scale === 1) return size;
  const reduced = (length: number) =>
    Math.max(INPUT_STEP, Math.floor((length * scale) / INPUT_STEP) * INPUT_STEP);
  return { width: reduced(size.width), height: reduced(size.height) };
}
