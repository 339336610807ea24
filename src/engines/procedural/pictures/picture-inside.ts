import { mix, shade } from './picture-colour.ts';
import { box, number, path, polygon, type Layer, type Point } from './picture-sheet.ts';
import type { Paint } from './picture-sky.ts';
import { drawHills } from './picture-land.ts';
import { furniture } from './picture-furniture.ts';

/** A room with a window, and what is outside of it. */
export function drawRoom(paint: Paint): Layer[] {
  const { sheet, palette } = paint;
  const [w, h] = [sheet.width, sheet.height];
  const wallColour = mix(
    mix(paint.brief.colours[0] ?? palette.accents[3] ?? '#efe3cf', palette.accents[1], 0.12),
    palette.shadow,
    palette.darkness * 0.45,
  );
  const floorY = h * 0.7;
  const wall = box(
    { x: 0, y: 0 },
    [w, floorY + 1],
    `fill="${sheet.linear([
      [0, shade(wallColour, -0.08)],
      [1, shade(wallColour, 0.12)],
    ])}"`,
  );
  const skirting = box(
    { x: 0, y: floorY - sheet.unit * 2 },
    [w, sheet.unit * 2],
    `fill="${shade(wallColour, 0.35)}"`,
  );
  return [
    {
      depth: 0.1,
      markup:
        wall +
        skirting +
        windowView(paint, { x: w * 0.1, y: h * 0.14 }, [Math.min(w * 0.4, h * 0.46), h * 0.36]),
    },
    { depth: 0.3, markup: boards(paint, floorY) + sunPatch(paint, floorY) },
    { depth: 0.5, markup: furniture(paint, floorY) },
  ];
}

function windowView(
  paint: Paint,
  corner: { readonly x: number; readonly y: number },
  [wide, tall]: readonly [number, number],
): string {
  const { sheet, palette } = paint;
  const [top, middle, low] = palette.sky;
  const frame = mix('#f7f2e8', palette.shadow, palette.darkness * 0.4);
  const sky = box(
    corner,
    [wide, tall],
    `fill="${sheet.linear([
      [0, top],
      [0.6, middle],
      [1, low],
    ])}"`,
  );
  const hills = drawHills(paint, {
    horizon: corner.y + tall * 0.78,
    disc: { x: corner.x, y: 0, radius: 1, shown: false },
  })
    .map(({ markup }) => markup)
    .join('');
  const clip = sheet.clip(box(corner, [wide, tall], ''));
  const bar = number(sheet.unit * 1.1);
  return [
    `<g clip-path="${clip}">${sky}${hills}</g>`,
    box(corner, [wide, tall], `fill="none" stroke="${frame}" stroke-width="${number(sheet.unit * 2)}"`),
    path(
      `M${number(corner.x + wide / 2)} ${number(corner.y)}v${number(tall)}M${number(corner.x)} ${number(corner.y + tall * 0.4)}h${number(wide)}`,
      `stroke="${frame}" stroke-width="${bar}"`,
    ),
    box(
      { x: corner.x - sheet.unit * 3, y: corner.y + tall },
      [wide + sheet.unit * 6, sheet.unit * 2.4],
      `fill="${shade(frame, -0.1)}"`,
    ),
    curtain(paint, { x: corner.x - sheet.unit * 4, y: corner.y }, [tall, 1]),
    curtain(paint, { x: corner.x + wide + sheet.unit * 4, y: corner.y }, [tall, -1]),
  ].join('');
}

/** Cloth that hangs beside a window; `lean` is the side to which it spreads. */
function curtain(
  { sheet, palette }: Paint,
  { x, y }: Point,
  [tall, lean]: readonly [number, number],
): string {
  const u = sheet.unit;
  const cloth = mix(palette.accents[0], palette.shadow, palette.darkness * 0.4);
  const folds = [0, 1, 2].map((fold) =>
    path(
      `M${number(x + lean * u * (2 + fold * 2.4))} ${number(y - u * 3)}v${number(tall + u * 7)}`,
      `stroke="${shade(cloth, -0.2)}" stroke-width="${number(u * 0.5)}" opacity="0.6"`,
    ),
  );
  const outline = [
    { x, y: y - u * 4 },
    { x: x + lean * u * 10, y: y - u * 4 },
    { x: x + lean * u * 8, y: y + tall + u * 5 },
    { x, y: y + tall + u * 5 },
  ];
  return polygon(outline, `fill="${cloth}" opacity="0.93"`) + folds.join('');
}

function boards({ sheet, palette }: Paint, y: number): string {
  const wood = mix('#a8754a', palette.shadow, palette.darkness * 0.55);
  const floor = box(
    { x: 0, y },
    [sheet.width, sheet.height - y + 2],
    `fill="${sheet.linear([
      [0, shade(wood, 0.1)],
      [1, shade(wood, -0.22)],
    ])}"`,
  );
  const vanish = { x: sheet.width / 2, y: y - sheet.height * 0.35 };
  const lines = Array.from({ length: 17 }, (_, index) => {
    const bottom = sheet.width * (index / 8 - 0.5);
    const share = (y - vanish.y) / (sheet.height - vanish.y);
    return `M${number(vanish.x + (bottom - vanish.x) * share)} ${number(y)}L${number(bottom)} ${sheet.height}`;
  });
  return (
    floor +
    path(
      lines.join(''),
      `stroke="${shade(wood, -0.4)}" stroke-width="${number(sheet.unit * 0.3)}" opacity="0.55"`,
    )
  );
}

function sunPatch({ sheet, palette }: Paint, y: number): string {
  if (palette.darkness > 0.5) return '';
  const [w, u] = [sheet.width, sheet.unit];
  return polygon(
    [
      { x: w * 0.22, y: y + u * 3 },
      { x: w * 0.52, y: y + u * 3 },
      { x: w * 0.68, y: y + u * 18 },
      { x: w * 0.3, y: y + u * 18 },
    ],
    `fill="${palette.light}" opacity="0.3"`,
  );
}

/** A table before a plain wall. */
export function drawTable(paint: Paint): Layer[] {
  const { sheet, palette, brief } = paint;
  const dark =
    brief.time === 'night' ||
    brief.mood === 'dramatic' ||
    brief.mood === 'mysterious' ||
    brief.mood === 'cosy';
  const wallColour = brief.colours[0] ?? (dark ? '#3a2c2b' : '#b9b09d');
  const y = sheet.height * 0.64;
  const wood = mix(dark ? '#6b4126' : '#b07d4b', palette.shadow, palette.darkness * 0.4);
  const light = sheet.radial(
    [
      [0, shade(wallColour, 0.34)],
      [1, shade(wallColour, dark ? -0.45 : -0.22)],
    ],
    { x: 0.25, y: 0.2 },
  );
  const wall = box(
    { x: -sheet.width * 0.3, y: -sheet.height * 0.3 },
    [sheet.width * 1.6, sheet.height * 1.4],
    `fill="${light}"`,
  );
  const top = box(
    { x: -2, y },
    [sheet.width + 4, sheet.height - y + 2],
    `fill="${sheet.linear([
      [0, shade(wood, 0.16)],
      [0.75, wood],
      [1, shade(wood, -0.4)],
    ])}"`,
  );
  const grain = Array.from({ length: sheet.many(36) }, (_, index) => {
    const at = y + (sheet.height - y) * ((index + 0.5) / sheet.many(36)) ** 1.3;
    const wave = sheet.unit * 0.7 * sheet.noise(index * 1.7, 4);
    return path(
      `M-2 ${number(at)}Q${number(sheet.width * 0.3)} ${number(at + wave)} ${number(sheet.width * 0.5)} ${number(at)}T${number(sheet.width + 2)} ${number(at + wave)}`,
      `stroke="${shade(wood, index % 2 === 0 ? -0.3 : 0.14)}" stroke-width="${number(sheet.unit * 0.24)}" fill="none" opacity="0.4"`,
    );
  });
  const edge = box(
    { x: -2, y: y - sheet.unit * 0.3 },
    [sheet.width + 4, sheet.unit * 0.6],
    `fill="${shade(wood, 0.35)}" opacity="0.7"`,
  );
  return [
    { depth: 0.05, markup: wall },
    { depth: 0.4, markup: top + grain.join('') + edge },
  ];
}
