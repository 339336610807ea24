import { mix, shade } from './picture-colour.ts';
import type { Look } from './picture-plants.ts';
import { drawFlower, drawLeaf } from './picture-flowers.ts';
import { box, circle, ellipse, number, path, polygon, type Point } from './picture-sheet.ts';
import type { Paint } from './picture-sky.ts';

/** A sofa, a lamp, a plant, a rug and a picture on the wall. */
export function furniture(paint: Paint, y: number): string {
  const { sheet } = paint;
  const x = sheet.width * 0.56;
  const wide = Math.min(sheet.width * 0.37, sheet.unit * 52);
  return [
    rug(paint, { x: x + wide / 2, y }, wide),
    wallPicture(paint, { x: sheet.width * 0.68, y: y - sheet.unit * 52 }),
    lamp(paint, { x: x - sheet.unit * 7, y: y - sheet.unit * 30 }, y),
    sofa(paint, { x, y }, wide),
    pottedPlant(paint, { x: sheet.width * 0.06, y }),
  ].join('');
}

function dimmed({ palette }: Paint, colour: string): string {
  return mix(colour, palette.shadow, palette.darkness * 0.4);
}

function rug(paint: Paint, { x, y }: Point, wide: number): string {
  const { palette, sheet } = paint;
  const u = sheet.unit;
  const rim = dimmed(paint, palette.accents[3] ?? '#f5ead6');
  return (
    ellipse(
      { x, y: y + u * 9 },
      [wide * 0.66, u * 5.6],
      `fill="${dimmed(paint, palette.accents[1])}" opacity="0.8"`,
    ) +
    ellipse(
      { x, y: y + u * 9 },
      [wide * 0.56, u * 4.4],
      `fill="none" stroke="${rim}" stroke-width="${number(u * 0.7)}" opacity="0.8"`,
    )
  );
}

function wallPicture(paint: Paint, corner: Point): string {
  const { sheet } = paint;
  const u = sheet.unit;
  const bloom: Look = { ...paint, random: sheet.random.fork('picture bloom'), far: 0 };
  const frame = `fill="${dimmed(paint, '#fdfaf2')}" stroke="${dimmed(paint, '#6b4a2c')}" stroke-width="${number(u * 1.2)}"`;
  return `${box(corner, [u * 20, u * 24], frame)}<g transform="translate(${number(corner.x + u * 10)} ${number(corner.y + u * 22)}) scale(${number(u * 0.2)})">${drawFlower(bloom)}</g>`;
}

function lamp(paint: Paint, { x, y }: Point, floor: number): string {
  const { sheet, palette } = paint;
  const u = sheet.unit;
  const glow = sheet.radial([
    [0, '#ffdf9a', 0.7],
    [1, '#ffdf9a', 0],
  ]);
  const post = `M${number(x)} ${number(y)}V${number(floor + u * 3)}M${number(x - u * 4)} ${number(floor + u * 3)}h${number(u * 8)}`;
  const cap = [
    { x: x - u * 4, y: y - u * 3 },
    { x: x + u * 4, y: y - u * 3 },
    { x: x + u * 7, y: y + u * 6 },
    { x: x - u * 7, y: y + u * 6 },
  ];
  return [
    path(post, `stroke="${dimmed(paint, '#3b3b42')}" stroke-width="${number(u * 0.8)}"`),
    polygon(cap, `fill="${mix('#ffe9bd', palette.accents[1], 0.2)}"`),
    palette.darkness > 0.25 ? circle({ x, y: y + u * 3 }, u * 34, `fill="${glow}"`) : '',
  ].join('');
}

function sofa(paint: Paint, { x, y }: Point, wide: number): string {
  const { sheet, palette } = paint;
  const u = sheet.unit;
  const cloth = dimmed(paint, palette.accents[2] ?? '#2f7f86');
  const rounded = (left: number, top: number, [width, height, colour]: readonly [number, number, string]) =>
    `<rect x="${number(left)}" y="${number(top)}" width="${number(width)}" height="${number(height)}" rx="${number(u * 2.2)}" fill="${colour}"/>`;
  return [
    rounded(x, y - u * 17, [wide, u * 16, shade(cloth, -0.1)]),
    rounded(x + wide * 0.05, y - u * 7, [wide * 0.9, u * 10, shade(cloth, 0.1)]),
    rounded(x - u * 2, y - u * 10, [u * 7, u * 14, cloth]),
    rounded(x + wide - u * 5, y - u * 10, [u * 7, u * 14, cloth]),
    rounded(x + wide * 0.16, y - u * 14, [u * 10, u * 9, dimmed(paint, palette.accents[1])]),
    rounded(x + wide * 0.6, y - u * 14, [u * 10, u * 9, dimmed(paint, palette.accents[3] ?? '#f5ead6')]),
  ].join('');
}

function pottedPlant(paint: Paint, { x, y }: Point): string {
  const { sheet } = paint;
  const u = sheet.unit;
  const plant: Look = { ...paint, random: sheet.random.fork('plant'), far: 0, colour: '#3f8a55' };
  const leaves = [-58, -30, -8, 16, 40, 62].map(
    (turn) => `<g transform="rotate(${turn}) scale(0.62)">${drawLeaf(plant)}</g>`,
  );
  const pot = [
    { x: x - u * 5, y },
    { x: x + u * 5, y },
    { x: x + u * 4, y: y + u * 9 },
    { x: x - u * 4, y: y + u * 9 },
  ];
  return `<g transform="translate(${number(x)} ${number(y + u)}) scale(${number(u * 0.42)})">${leaves.join('')}</g>${polygon(pot, `fill="${dimmed(paint, '#b5613c')}"`)}`;
}
