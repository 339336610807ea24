import type { PixelImage } from '../../../core/image/image-tools.ts';
import { toByte, type Rgb } from './picture-colour.ts';

/** Makes transparent what joins the border and looks like it, and softens the edge that remains. */
export function cutBackground(image: PixelImage, tolerance: number): void {
  const { pixels, width } = image;
  const base = borderColour(image);
  const away = (at: number) =>
    Math.hypot(
      (pixels[at * 4] ?? 0) - base.red,
      (pixels[at * 4 + 1] ?? 0) - base.green,
      (pixels[at * 4 + 2] ?? 0) - base.blue,
    );
  const outside = floodFromBorder(image, (at) => away(at) <= tolerance);
  outside.forEach((out, at) => {
    if (out === 1) pixels[at * 4 + 3] = 0;
    else if ([at - 1, at + 1, at - width, at + width].some((beside) => outside[beside] === 1)) {
      const solid = toByte(255 * Math.min(1, away(at) / (tolerance * 2.2)));
      pixels[at * 4 + 3] = Math.min(pixels[at * 4 + 3] ?? 255, solid);
    }
  });
}

/** Marks with 1 what can be reached from the border through places of one kind. */
function floodFromBorder({ width, height }: PixelImage, passes: (at: number) => boolean): Uint8Array {
  const reached = new Uint8Array(width * height);
  const queue: number[] = [];
  const visit = (x: number, y: number) => {
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    const at = y * width + x;
    if (reached[at] === 1 || !passes(at)) return;
    reached[at] = 1;
    queue.push(at);
  };
  eachBorderPlace({ width, height }, visit);
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const x = at % width;
    const y = (at - x) / width;
    visit(x - 1, y);
    visit(x + 1, y);
    visit(x, y - 1);
    visit(x, y + 1);
  }
  return reached;
}

function eachBorderPlace(
  { width, height }: Pick<PixelImage, 'width' | 'height'>,
  visit: (x: number, y: number) => void,
): void {
  for (let x = 0; x < width; x += 1) for (const y of [0, height - 1]) visit(x, y);
  for (let y = 0; y < height; y += 1) for (const x of [0, width - 1]) visit(x, y);
}

/** The colour that most of a picture's border has, and how much of the border has it, 0 to 1. */
export function borderColour({ pixels, width, height }: PixelImage): Rgb & { readonly share: number } {
  const bins = new Map<number, { count: number; red: number; green: number; blue: number }>();
  let total = 0;
  const count = (x: number, y: number) => {
    const at = (y * width + x) * 4;
    const [red = 0, green = 0, blue = 0] = pixels.subarray(at, at + 3);
    const bin = ((red + 16) >> 5) * 81 + ((green + 16) >> 5) * 9 + ((blue + 16) >> 5);
    const known = bins.get(bin) ?? { count: 0, red: 0, green: 0, blue: 0 };
    bins.set(bin, {
      count: known.count + 1,
      red: known.red + red,
      green: known.green + green,
      blue: known.blue + blue,
    });
    total += 1;
  };
  eachBorderPlace({ width, height }, count);
  const most = Array.from(bins.values()).reduce((one, other) => (other.count > one.count ? other : one));
  return {
    red: most.red / most.count,
    green: most.green / most.count,
    blue: most.blue / most.count,
    share: most.count / total,
  };
}
