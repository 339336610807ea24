import type { PixelImage } from '../../../core/image/image-tools.ts';
import { toByte, toRgb, type Rgb } from './picture-colour.ts';
import { cutBackground } from './picture-cutting.ts';

/** A change of a picture that looks at its pixels one by one. Sizes in pixels, shares 0 to 1, colours `#rrggbb`. */
export type PixelChange =
  | { readonly kind: 'pixelate'; readonly size: number }
  | { readonly kind: 'posterise'; readonly levels: number }
  | { readonly kind: 'vignette'; readonly share: number }
  | { readonly kind: 'warmth'; readonly share: number }
  | { readonly kind: 'paper'; readonly share: number }
  | { readonly kind: 'lines' }
  | { readonly kind: 'recolour'; readonly from: string; readonly to: string }
  | { readonly kind: 'cut-background'; readonly tolerance: number }
  | { readonly kind: 'frame'; readonly width: number; readonly colour: string }
  | {
      readonly kind: 'place';
      readonly over: PixelImage;
      readonly left: number;
      readonly top: number;
      readonly share: number;
    }
  /** Only a share of what was changed, and nothing of it where the mask is not transparent. */
  | {
      readonly kind: 'restore';
      readonly original: PixelImage;
      readonly mask?: PixelImage | undefined;
      readonly share: number;
    };

/** Changes the pixels of a picture in place. */
export function changePixels(image: PixelImage, change: PixelChange): void {
  switch (change.kind) {
    case 'pixelate':
      return pixelate(image, change.size);
    case 'frame':
      return frame(image, change);
    case 'lines':
      return drawLines(image);
    case 'cut-background':
      return cutBackground(image, change.tolerance);
    case 'place':
      return place(image, change);
    case 'restore':
      return restore(image, change);
    case 'posterise':
    case 'vignette':
    case 'warmth':
    case 'paper':
    case 'recolour':
      return recolourEach(image, change);
  }
}

type Recolouring = Extract<PixelChange, { kind: 'posterise' | 'vignette' | 'warmth' | 'paper' | 'recolour' }>;

function recolourEach(image: PixelImage, change: Recolouring): void {
  switch (change.kind) {
    case 'posterise': {
      const step = 255 / (change.levels - 1);
      return eachChannel(image, (value) => Math.round(value / step) * step);
    }
    case 'vignette':
      return eachChannel(image, (value, { x, y }) => {
        const away = Math.hypot(x / image.width - 0.5, y / image.height - 0.5) / Math.SQRT1_2;
        return value * (1 - change.share * Math.max(0, away - 0.35) ** 1.6 * 1.9);
      });
    case 'warmth':
      return eachChannel(
        image,
        (value, { channel }) => value * (1 + change.share * ([0.22, 0.04, -0.26][channel] ?? 0)),
      );
    case 'paper':
      return eachChannel(
        image,
        (value, { x, y }) => value + (255 - value) * change.share * 0.3 + grain(x, y) * change.share * 26,
      );
    case 'recolour':
      return replaceHue(image, change);
  }
}

interface Spot {
  readonly x: number;
  readonly y: number;
  readonly channel: number;
}

function eachChannel({ pixels, width }: PixelImage, change: (value: number, spot: Spot) => number): void {
  for (let at = 0; at < pixels.length; at += 4) {
    const x = (at / 4) % width;
    const y = Math.floor(at / 4 / width);
    for (let channel = 0; channel < 3; channel += 1) {
      pixels[at + channel] = toByte(change(pixels[at + channel] ?? 0, { x, y, channel }));
    }
  }
}

/** The same for the same place, without pattern: paper and film have it. */
function grain(x: number, y: number): number {
  let value = Math.imul(x + 374761393, 668265263) ^ Math.imul(y + 974711, 2246822519);
  value = Math.imul(value ^ (value >>> 13), 1274126177);
  return ((value ^ (value >>> 16)) >>> 0) / 4294967296 - 0.5;
}

function pixelate(image: PixelImage, size: number): void {
  for (let top = 0; top < image.height; top += size) {
    for (let left = 0; left < image.width; left += size) flatten(image, { left, top, size });
  }
}

/** Gives a square the colour that it has on average. */
function flatten(
  { pixels, width, height }: PixelImage,
  { left, top, size }: { readonly left: number; readonly top: number; readonly size: number },
): void {
  const places: number[] = [];
  for (let y = top; y < Math.min(height, top + size); y += 1) {
    for (let x = left; x < Math.min(width, left + size); x += 1) places.push((y * width + x) * 4);
  }
  const mean = [0, 1, 2, 3].map((channel) =>
    Math.round(places.reduce((sum, at) => sum + (pixels[at + channel] ?? 0), 0) / places.length),
  );
  for (const at of places) pixels.set(mean, at);
}

function frame(
  { pixels, width, height }: PixelImage,
  { width: wide, colour }: { readonly width: number; readonly colour: string },
): void {
  const { red, green, blue } = toRgb(colour);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const away = Math.min(x, y, width - 1 - x, height - 1 - y);
      if (away < wide) pixels.set([red, green, blue, 255], (y * width + x) * 4);
    }
  }
}

/** Ink where brightness changes fast (Sobel's operator), paper elsewhere. */
function drawLines({ pixels, width, height }: PixelImage): void {
  const grey = new Float32Array(width * height);
  for (let at = 0; at < grey.length; at += 1) {
    grey[at] =
      0.3 * (pixels[at * 4] ?? 0) + 0.59 * (pixels[at * 4 + 1] ?? 0) + 0.11 * (pixels[at * 4 + 2] ?? 0);
  }
  const value = (x: number, y: number) =>
    grey[Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))] ?? 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const right = value(x + 1, y - 1) + 2 * value(x + 1, y) + value(x + 1, y + 1);
      const left = value(x - 1, y - 1) + 2 * value(x - 1, y) + value(x - 1, y + 1);
      const lower = value(x - 1, y + 1) + 2 * value(x, y + 1) + value(x + 1, y + 1);
      const upper = value(x - 1, y - 1) + 2 * value(x, y - 1) + value(x + 1, y - 1);
      const ink = toByte(250 - Math.max(0, Math.hypot(right - left, lower - upper) - 10) * 1.7);
      pixels.set([ink, ink, Math.min(255, ink + 2)], (y * width + x) * 4);
    }
  }
}

/** Hue in degrees, and how strong and bright a colour is, 0 to 1. */
function toHsv({ red, green, blue }: Rgb): readonly [number, number, number] {
  const most = Math.max(red, green, blue);
  const spread = most - Math.min(red, green, blue);
  if (spread === 0) return [0, 0, most / 255];
  const turn =
    most === red
      ? ((green - blue) / spread + 6) % 6
      : most === green
        ? (blue - red) / spread + 2
        : (red - green) / spread + 4;
  return [turn * 60, spread / most, most / 255];
}

function fromHsv(hue: number, strength: number, bright: number): readonly [number, number, number] {
  const channel = (offset: number) => {
    const turn = (offset + hue / 60) % 6;
    return 255 * (bright - bright * strength * Math.max(0, Math.min(turn, 4 - turn, 1)));
  };
  return [channel(5), channel(3), channel(1)];
}

/** Within this many degrees a hue is the one that was named. */
const HUE_REACH = 32;

/** Gives what has one colour another one, keeping light and shadow. */
function replaceHue(
  { pixels }: PixelImage,
  { from, to }: { readonly from: string; readonly to: string },
): void {
  const [fromHue, fromStrength, fromBright] = toHsv(toRgb(from));
  const [toHue, toStrength, toBright] = toHsv(toRgb(to));
  for (let at = 0; at < pixels.length; at += 4) {
    const [hue, strength, bright] = toHsv({
      red: pixels[at] ?? 0,
      green: pixels[at + 1] ?? 0,
      blue: pixels[at + 2] ?? 0,
    });
    const away = Math.abs(((hue - fromHue + 540) % 360) - 180);
    const grey = fromStrength < 0.15;
    const likeness = grey
      ? strength < 0.18
        ? 1 - Math.abs(bright - fromBright) * 1.8
        : 0
      : Math.min(1, (HUE_REACH - away) / 10) * Math.min(1, strength * 3.4);
    if (likeness <= 0) continue;
    const scale = bright / Math.max(0.2, fromBright);
    const changed = fromHsv(
      toHue,
      grey ? toStrength : toStrength * Math.min(1, strength / Math.max(0.2, fromStrength)),
      Math.min(1, toBright * scale),
    );
    changed.forEach((value, channel) => {
      const old = pixels[at + channel] ?? 0;
      pixels[at + channel] = toByte(old + (value - old) * Math.min(1, likeness));
    });
  }
}

function place(image: PixelImage, { over, left, top, share }: Extract<PixelChange, { kind: 'place' }>): void {
  for (let y = Math.max(0, -top); y < Math.min(over.height, image.height - top); y += 1) {
    for (let x = Math.max(0, -left); x < Math.min(over.width, image.width - left); x += 1) {
      layOver(image.pixels, ((top + y) * image.width + left + x) * 4, {
        from: over.pixels,
        source: (y * over.width + x) * 4,
        share,
      });
    }
  }
}

function layOver(
  pixels: Uint8Array,
  at: number,
  { from, source, share }: { readonly from: Uint8Array; readonly source: number; readonly share: number },
): void {
  const solid = ((from[source + 3] ?? 0) / 255) * share;
  const under = ((pixels[at + 3] ?? 0) / 255) * (1 - solid);
  const sum = solid + under;
  if (sum === 0) return;
  for (let channel = 0; channel < 3; channel += 1) {
    pixels[at + channel] = toByte(
      ((from[source + channel] ?? 0) * solid + (pixels[at + channel] ?? 0) * under) / sum,
    );
  }
  pixels[at + 3] = toByte(sum * 255);
}

function restore(
  { pixels }: PixelImage,
  { original, mask, share }: Extract<PixelChange, { kind: 'restore' }>,
): void {
  for (let at = 0; at < pixels.length; at += 4) {
    const open = mask ? 1 - (mask.pixels[at + 3] ?? 255) / 255 : 1;
    const back = 1 - share * open;
    for (let channel = 0; channel < 4; channel += 1) {
      const own = pixels[at + channel] ?? 0;
      pixels[at + channel] = toByte(own + ((original.pixels[at + channel] ?? 0) - own) * back);
    }
  }
}
