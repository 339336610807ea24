import { mix, shade } from './picture-colour.ts';
import { ellipse, number, path, polygon, smoothPath, type Layer, type Point } from './picture-sheet.ts';
import type { Disc, Paint } from './picture-sky.ts';

/** Where land begins and ends. */
export interface Ground {
  readonly horizon: number;
  readonly disc: Disc;
}

/** A line across the picture as rough as mountains or as soft as hills. */
function crest(
  { sheet }: Paint,
  {
    y,
    tall,
    wide,
    name,
  }: { readonly y: number; readonly tall: number; readonly wide: number; readonly name: number },
): Point[] {
  const steps = Math.max(40, Math.round(sheet.width / (sheet.unit * 1.2)));
  return Array.from({ length: steps + 1 }, (_, step) => {
    const x = (sheet.width * step) / steps;
    return { x, y: y - tall * (0.5 + 0.5 * sheet.rough(x / wide + name * 31.7, name * 7.1, 3)) };
  });
}

function below({ sheet }: Paint, line: readonly Point[]): Point[] {
  return [
    { x: -2, y: line[0]?.y ?? 0 },
    ...line,
    { x: sheet.width + 2, y: line.at(-1)?.y ?? 0 },
    { x: sheet.width + 2, y: sheet.height + 2 },
    { x: -2, y: sheet.height + 2 },
  ];
}

/** Rows of hills, the farther the paler. */
export function drawHills(paint: Paint, { horizon }: Ground): Layer[] {
  const { sheet, palette } = paint;
  return [0, 1, 2].map((row) => {
    const near = row / 3;
    const y = horizon + sheet.height * 0.035 * row;
    const line = crest(paint, {
      y,
      tall: sheet.height * (0.13 - 0.03 * row),
      wide: sheet.width * (0.5 - 0.05 * row),
      name: row,
    });
    const top = mix(palette.ground[0], palette.haze, 0.68 - near * 0.6);
    const fill = sheet.linear([
      [0, mix(top, palette.light, 0.12)],
      [0.3, top],
      [1, mix(palette.ground[1], palette.haze, 0.4 - near * 0.35)],
    ]);
    const trees = row === 0 ? '' : hedges(paint, { line, near, y, name: row });
    return { depth: 0.12 + near * 0.2, markup: `${polygon(below(paint, line), `fill="${fill}"`)}${trees}` };
  });
}

function hedges(
  paint: Paint,
  {
    line,
    near,
    name,
  }: { readonly line: readonly Point[]; readonly near: number; readonly y: number; readonly name: number },
): string {
  const { sheet, palette, brief } = paint;
  if (brief.styles.includes('minimal')) return '';
  const random = sheet.random.fork('hedges', name);
  const tint = mix(palette.foliage[2], palette.haze, 0.5 - near * 0.4);
  return line
    .filter((_, index) => index % 2 === 0 && sheet.noise(index / 9, name * 50) > 0.15)
    .map(({ x, y }) => {
      const r = sheet.unit * random.between(0.5, 1.1) * (0.7 + near);
      return ellipse(
        { x: x + random.signed() * r, y: y + r * 0.2 },
        [r, r * random.between(0.9, 1.5)],
        `fill="${shade(tint, random.between(-0.12, 0.1))}"`,
      );
    })
    .join('');
}

/** Dunes with a sharp crest between light and shadow. */
export function drawDunes(paint: Paint, { horizon, disc }: Ground): Layer[] {
  const { sheet, palette, brief } = paint;
  const sand = brief.parts.ground ?? '#e0b16a';
  const glow = mix(mix(sand, palette.light, 0.25), palette.shadow, palette.darkness * 0.6);
  const dark = mix(mix('#a4683a', palette.sky[1], 0.18), palette.shadow, palette.darkness * 0.6);
  return [0, 1, 2, 3].map((row) => {
    const near = row / 3;
    const random = sheet.random.fork('dune', row);
    const y = horizon + (sheet.height - horizon) * near * 0.72;
    const tall = sheet.height * (0.07 + 0.06 * near);
    const top = { x: sheet.width * random.between(0.25, 0.75), y: y - tall };
    const left = [
      { x: -2, y: y - tall * random.between(0, 0.35) },
      { x: top.x * 0.5, y: y - tall * random.between(0.25, 0.5) },
      top,
    ];
    const right = [
      top,
      { x: (top.x + sheet.width) / 2, y: y - tall * random.between(0.3, 0.55) },
      { x: sheet.width + 2, y: y - tall * random.between(0, 0.4) },
    ];
    const veil = (colour: string) => mix(colour, palette.haze, 0.5 - near * 0.5);
    const bright = sheet.linear([
      [0, veil(shade(glow, 0.12))],
      [1, veil(glow)],
    ]);
    const shadow = sheet.linear([
      [0, veil(dark)],
      [1, veil(mix(glow, dark, 0.5))],
    ]);
    const whole = path(
      `${smoothPath(left)}${smoothPath(right).replace('M', 'L')}V${sheet.height + 2}H-2Z`,
      `fill="${bright}"`,
    );
    const lee = disc.x < top.x ? 1 : -1;
    const foot = { x: top.x - lee * sheet.width * 0.1, y: y + sheet.height * 0.28 };
    const bow = `Q${number(top.x + lee * sheet.width * 0.05)} ${number((top.y + foot.y) / 2)} ${number(foot.x)} ${number(foot.y)}`;
    const edge = lee > 0 ? smoothPath(right) : smoothPath(left.toReversed());
    const side = lee > 0 ? sheet.width + 2 : -2;
    const shaded = path(
      `${edge}L${side} ${number(foot.y)}L${number(foot.x)} ${number(foot.y)}${reverseBow(bow, top)}Z`,
      `fill="${shadow}" opacity="0.75"`,
    );
    return { depth: 0.12 + near * 0.5, markup: `${whole}${shaded}` };
  });
}

function reverseBow(bow: string, to: Point): string {
  const control = bow.slice(1).split(' ').slice(0, 2).join(' ');
  return `Q${control} ${number(to.x)} ${number(to.y)}`;
}

/** Grass, snow or earth up to the feet. */
export function drawMeadow(paint: Paint, { horizon }: Ground): Layer[] {
  const { sheet, palette, brief } = paint;
  const top = horizon + sheet.height * 0.07;
  const line = crest(paint, { y: top, tall: sheet.height * 0.06, wide: sheet.width * 0.9, name: 11 });
  const fill = sheet.linear([
    [0, mix(palette.ground[0], palette.haze, 0.12)],
    [1, shade(palette.ground[1], -0.12)],
  ]);
  const flat = brief.styles.includes('minimal');
  return [
    { depth: 0.4, markup: polygon(below(paint, line), `fill="${fill}"`) + (flat ? '' : tufts(paint, top)) },
  ];
}

function tufts(paint: Paint, top: number): string {
  const { sheet, palette, brief } = paint;
  const random = sheet.random.fork('tufts');
  const blooming = brief.season === 'spring' || (brief.mood === 'happy' && brief.season !== 'winter');
  return Array.from({ length: sheet.many(420) }, () => {
    const near = random.unit() ** 0.7;
    const at = { x: random.unit() * sheet.width, y: top + (sheet.height - top) * near };
    const size = sheet.unit * (0.5 + 2.6 * near);
    if (blooming && random.chance(0.35)) {
      const colour = random.pick(palette.accents);
      return ellipse(at, [size * 0.22, size * 0.17], `fill="${colour}"`);
    }
    const colour = mix(
      palette.ground[1],
      random.chance(0.5) ? palette.light : palette.shadow,
      random.between(0.05, 0.3),
    );
    const lean = random.signed() * size * 0.3;
    const blade = `M${number(at.x)} ${number(at.y)}q${number(lean * 0.3)} ${number(-size * 0.6)} ${number(lean)} ${number(-size)}`;
    return path(
      blade,
      `stroke="${colour}" stroke-width="${number(size * 0.09)}" fill="none" opacity="0.65" stroke-linecap="round"`,
    );
  }).join('');
}
