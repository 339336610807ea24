import { crc32, deflateSync } from 'node:zlib';
import type { ImageTools, PixelImage } from '../src/core/image/image-tools.ts';
import { testContext } from './support.ts';

/** A picture whose pixels are told by their place: red, green, blue, alpha. */
export function picture(
  width: number,
  height: number,
  colour: (x: number, y: number) => readonly number[],
): PixelImage {
  const pixels = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) pixels.set(colour(x, y), (y * width + x) * 4);
  return { pixels, width, height };
}

/** A picture of one colour. */
export function plain(width: number, height: number, colour: readonly number[]): PixelImage {
  return picture(width, height, () => colour);
}

/** Red, green, blue and alpha of one pixel. */
export function pixelAt({ pixels, width }: PixelImage, x: number, y: number): number[] {
  return [...pixels.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
}

/** A picture of one colour as a file; terracotta unless told. */
export async function plainPng(
  tools: ImageTools,
  [width, height]: readonly [number, number],
  colour: readonly number[] = [200, 40, 20, 255],
): Promise<Uint8Array> {
  const { bytes } = await tools.write(plain(width, height, colour), { format: { id: 'png' } }, testContext());
  return bytes;
}

/** A PNG of nothing but a header, which claims so many pixels. */
export function pngHeader(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = pngChunk('IDAT', deflateSync(Buffer.alloc(0)));
  return Buffer.concat([signature, pngChunk('IHDR', header), data, pngChunk('IEND', Buffer.alloc(0))]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** A GIF of many tiny frames on a canvas of that many pixels a side. */
export function movingBomb(side: number, frames: number): Buffer {
  const two = (value: number) => [value & 255, value >> 8];
  const head = [...Buffer.from('GIF89a'), ...two(side), ...two(side), 0x80, 0, 0, 0, 0, 0, 255, 255, 255];
  const frame = [0x21, 0xf9, 4, 0, 10, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0];
  return Buffer.concat([
    Buffer.from(head),
    ...Array.from({ length: frames }, () => Buffer.from(frame)),
    Buffer.from([0x3b]),
  ]);
}

/** A drawing that refers to somewhere else. */
export const REFERRING_DRAWING = Buffer.from(
  `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/hostname">]>
  <svg xmlns="http://www.w3.org/2000/svg"><image href="http://192.0.2.1/a.png"/><text>&x;</text></svg>`,
);
