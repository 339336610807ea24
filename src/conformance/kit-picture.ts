import { crc32, deflateSync } from 'node:zlib';
import { findImageKind, type ReadableImageKind } from '../media/images/image-kinds.ts';
import { expectThat } from './kit-judging.ts';

/** How large a picture is, and how see-through its left half. */
export interface PictureWish {
  readonly width: number;
  readonly height: number;
  /** 0 to 255. */
  readonly leftAlpha?: number;
}

/** A picture of a colour that runs from corner to corner, in PNG with transparency. */
export function pngOf({ width, height, leftAlpha = 255 }: PictureWish): Uint8Array<ArrayBuffer> {
  const rows = Buffer.alloc(height * (1 + width * 4));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const alpha = x * 2 < width ? leftAlpha : 255;
      rows.set([(x * 255) / width, (y * 255) / height, 128, alpha], y * (1 + width * 4) + 1 + x * 4);
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks = [chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Uint8Array.from(Buffer.concat([signature, ...chunks]));
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
}

/** Holds bytes to a kind of picture. */
export function expectPicture(what: string, bytes: Uint8Array, ...kinds: readonly ReadableImageKind[]): void {
  const kind = findImageKind(bytes);
  const isOne = kind !== undefined && kind !== 'svg' && (kinds.length === 0 || kinds.includes(kind));
  expectThat(
    isOne,
    `${what} in ${kinds.join(' or ') || 'a known format'}`,
    kind ?? `${bytes.length} bytes of something else`,
  );
}

/** Width and height of a PNG, as its header says. */
export function sizeOfPng(bytes: Uint8Array): { readonly width: number; readonly height: number } {
  expectPicture('a picture', bytes, 'png');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
