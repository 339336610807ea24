import type { ImageStep } from '../../../core/image/image-tools.ts';
import type { PixelSize } from '../../../core/image/image.ts';
import type { PictureBrief } from './picture-brief.ts';
import type { PixelChange } from './picture-pixels.ts';
import { escapeText, number, toSvg } from './picture-sheet.ts';

/** What makes a drawing look as if it were done in another way: steps of the picture tools, then changes of pixels. */
export interface Finish {
  readonly steps: readonly ImageStep[];
  readonly changes: readonly PixelChange[];
}

/** How a picture of certain styles is finished. */
export function finishOf({ styles }: PictureBrief, { width, height }: PixelSize): Finish {
  const short = Math.min(width, height);
  const steps: ImageStep[] = [];
  const changes: PixelChange[] = [];
  if (styles.includes('watercolour')) {
    steps.push(...brushed({ width, height }, 9), { kind: 'modulate', saturation: 0.82, brightness: 1.06 });
    changes.push({ kind: 'paper', share: 0.9 });
  }
  if (styles.includes('oil')) {
    steps.push(...brushed({ width, height }, 11), { kind: 'sharpen', sigma: 2 });
    steps.push({ kind: 'modulate', saturation: 1.2 });
    changes.push({ kind: 'paper', share: 0.35 });
  }
  if (styles.includes('poster'))
    steps.push(
      { kind: 'median', size: 3 },
      { kind: 'modulate', saturation: 1.25 },
      { kind: 'contrast', factor: 1.12 },
    );
  if (styles.includes('pixel'))
    changes.push(
      { kind: 'pixelate', size: Math.max(2, Math.round(short / 72)) },
      { kind: 'posterise', levels: 8 },
    );
  if (styles.includes('line')) changes.push({ kind: 'lines' });
  if (styles.includes('monochrome')) steps.push({ kind: 'grey' });
  if (styles.includes('vintage')) {
    steps.push({ kind: 'sepia' });
    changes.push({ kind: 'paper', share: 0.3 }, { kind: 'vignette', share: 0.8 });
  }
  return { steps, changes };
}

/** A brush has a size of its own, so it works on a picture of this size; a wide median would take far longer, too. */
const CANVAS_SIDE = 768;

/** As if painted with a brush, whose size is in pixels of the canvas. */
function brushed({ width, height }: PixelSize, size: number): ImageStep[] {
  const scale = Math.min(1, CANVAS_SIDE / Math.max(width, height));
  const canvas = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
  return [
    { kind: 'resize', ...canvas, fit: 'fill' },
    { kind: 'median', size },
    { kind: 'resize', width, height, fit: 'fill' },
  ];
}

/** Width of a letter of the font against its size, on average. */
const LETTER = 0.58;

/** Text on a band of its own, as large as it fits; what is too long ends in dots. */
export function textBand(text: string, { width, height }: PixelSize): string {
  const { lines, size } = fitText(text.trim().replace(/\s+/g, ' '), { width, height });
  const first = height / 2 - ((lines.length - 1) * size * 1.25) / 2 + size * 0.35;
  const rows = lines.map(
    (line, index) =>
      `<text x="${number(width / 2)}" y="${number(first + index * size * 1.25)}" text-anchor="middle">${escapeText(line)}</text>`,
  );
  const style = `font-family="DejaVu Sans" font-size="${number(size)}" fill="#ffffff"`;
  return toSvg(
    { width, height },
    '',
    `<rect width="${width}" height="${height}" fill="#14151b" fill-opacity="0.78"/><g ${style}>${rows.join('')}</g>`,
  );
}

/** How tall the band below a picture is that carries its caption. */
export function bandHeight({ width, height }: PixelSize, text: string): number {
  const lines = Math.min(3, Math.ceil((text.length * LETTER * height * 0.04) / (width * 0.9)));
  return Math.max(8, Math.round(Math.min(height * 0.3, height * (0.035 + 0.05 * Math.max(1, lines)))));
}

function fitText(
  text: string,
  { width, height }: PixelSize,
): { readonly lines: readonly string[]; readonly size: number } {
  for (const count of [1, 2, 3]) {
    const size = Math.min(height * 0.62, (height * 0.86) / (count * 1.25));
    const lines = wrap(text, Math.max(1, Math.floor((width * 0.94) / (size * LETTER))));
    if (lines.length <= count) return { lines, size };
  }
  const size = Math.max(4, height * 0.2);
  const lines = wrap(text, Math.max(4, Math.floor((width * 0.94) / (size * LETTER))));
  const most = 3;
  return {
    lines:
      lines.length <= most
        ? lines
        : [...lines.slice(0, most - 1), `${(lines[most - 1] ?? '').slice(0, -1)}…`],
    size,
  };
}

function wrap(text: string, letters: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text
    .split(' ')
    .flatMap((one) =>
      Array.from({ length: Math.ceil(one.length / letters) }, (_, part) =>
        one.slice(part * letters, (part + 1) * letters),
      ),
    )) {
    if (line && line.length + 1 + word.length > letters) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return line ? [...lines, line] : lines;
}
