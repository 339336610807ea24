import assert from 'node:assert/strict';
import { after } from 'node:test';
import type { ImageTools, PixelImage } from '../src/core/image/image-tools.ts';
import { proceduralEngine } from '../src/engines/procedural/procedural-engine.ts';
import { sharpEngine } from '../src/engines/sharp/sharp-engine.ts';
import { testContext } from './support.ts';

/** The real picture tools and the real procedural engine, ended after the tests of a file. */
export async function proceduralHouse() {
  const [sharp, procedural] = await Promise.all([
    sharpEngine.create({ workers: 1 }),
    proceduralEngine.create({ workers: 1 }),
  ]);
  assert('imageTools' in sharp && sharp.imageTools, 'sharp is installed');
  assert('image' in procedural && procedural.image && procedural.video);
  after(async () => {
    await Promise.all([sharp.stop?.(), procedural.stop?.()]);
  });
  return { tools: sharp.imageTools, image: procedural.image, video: procedural.video };
}

/** A picture as a file. */
export async function toPng(tools: ImageTools, image: PixelImage): Promise<Uint8Array<ArrayBuffer>> {
  return (await tools.write(image, { format: { id: 'png' } }, testContext())).bytes;
}

export interface Region {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Red, green and blue on average, in a region told by shares of the sides. */
export function meanColour(
  { pixels, width, height }: PixelImage,
  { left, top, right, bottom }: Region = { left: 0, top: 0, right: 1, bottom: 1 },
): readonly [number, number, number] {
  const sum: [number, number, number] = [0, 0, 0];
  let count = 0;
  for (let y = Math.floor(top * height); y < bottom * height; y += 1) {
    for (let x = Math.floor(left * width); x < right * width; x += 1) {
      for (const channel of [0, 1, 2] as const) sum[channel] += pixels[(y * width + x) * 4 + channel] ?? 0;
      count += 1;
    }
  }
  return [sum[0] / count, sum[1] / count, sum[2] / count];
}

/** How bright a region is, 0 to 255. */
export function brightness(image: PixelImage, region?: Region): number {
  const [red, green, blue] = meanColour(image, region);
  return 0.3 * red + 0.59 * green + 0.11 * blue;
}

/** How much neighbours differ on average: much where a picture is sharp. */
export function sharpness({ pixels, width, height }: PixelImage): number {
  let sum = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 1; x < width; x += 1) {
      const at = (y * width + x) * 4;
      sum += Math.abs((pixels[at] ?? 0) - (pixels[at - 4] ?? 0));
    }
  }
  return sum / (width * height);
}
