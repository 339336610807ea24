import { mix, shade } from './picture-colour.ts';
import { box, circle, ellipse, number, path, polygon, type Layer } from './picture-sheet.ts';
import type { Ground } from './picture-land.ts';
import type { Paint } from './picture-sky.ts';

/** Rows of buildings against the sky, their windows lit in the dark. */
export function drawCity(paint: Paint, { horizon }: Ground): Layer[] {
  const { sheet } = paint;
  const rows = paint.brief.styles.includes('minimal') ? 2 : 3;
  return Array.from({ length: rows }, (_, row) => {
    const near = row / Math.max(1, rows - 1);
    const foot = horizon + sheet.unit * 1.5 * row;
    return { depth: 0.1 + 0.16 * near, markup: buildings(paint, { foot, near, row }) };
  });
}

function buildings(
  paint: Paint,
  { foot, near, row }: { readonly foot: number; readonly near: number; readonly row: number },
): string {
  const { sheet, palette } = paint;
  const random = sheet.random.fork('city', row);
  const wide = sheet.unit * (6.5 + near * 3.5);
  const reach = Math.min(foot * 0.86, sheet.unit * 74);
  const parts: string[] = [];
  let x = -wide * random.unit();
  while (x < sheet.width) {
    const width = wide * random.between(0.65, 1.4);
    const middle = 1 - Math.abs((x + width / 2) / sheet.width - 0.5) * 1.1;
    const tall = reach * (0.22 + 0.78 * random.unit() ** 1.7) * middle * (1.05 - 0.5 * near) + sheet.unit * 5;
    const stone = mix(palette.rock[1], random.pick(palette.accents), 0.16);
    const wall = mix(mix(stone, palette.shadow, 0.12 + near * 0.22), palette.haze, 0.62 - near * 0.5);
    parts.push(
      building(paint, {
        x,
        width,
        foot,
        tall,
        wall,
        near,
        style: random.below(5),
        name: parts.length + row * 100,
      }),
    );
    x += width + (random.chance(0.35) ? sheet.unit * random.between(0, 1.5) : 0);
  }
  return parts.join('');
}

interface Building {
  readonly x: number;
  readonly width: number;
  readonly foot: number;
  readonly tall: number;
  readonly wall: string;
  readonly near: number;
  readonly style: number;
  readonly name: number;
}

function building(paint: Paint, { x, width, foot, tall, wall, near, style, name }: Building): string {
  const { sheet, palette } = paint;
  const top = foot - tall;
  const face = sheet.linear(
    [
      [0, mix(shade(wall, 0.12), palette.light, 0.1)],
      [0.55, wall],
      [1, shade(wall, -0.2)],
    ],
    'right',
  );
  const roof =
    [
      '',
      polygon(
        [
          { x, y: top + 1 },
          { x: x + width / 2, y: top - width * 0.55 },
          { x: x + width, y: top + 1 },
        ],
        `fill="${shade(wall, -0.1)}"`,
      ),
      box({ x: x + width * 0.2, y: top - width * 0.35 }, [width * 0.6, width * 0.36], `fill="${wall}"`) +
        path(
          `M${number(x + width / 2)} ${number(top - width * 0.34)}v${number(-width * 0.7)}`,
          `stroke="${shade(wall, -0.2)}" stroke-width="${number(sheet.unit * 0.25)}"`,
        ),
      polygon(
        [
          { x, y: top + 1 },
          { x: x + width, y: top - width * 0.4 },
          { x: x + width, y: top + 1 },
        ],
        `fill="${wall}"`,
      ),
      path(
        `M${number(x + width * 0.7)} ${number(top)}v${number(-width * 0.5)}`,
        `stroke="${shade(wall, -0.2)}" stroke-width="${number(sheet.unit * 0.2)}"`,
      ),
    ][style] ?? '';
  return (
    box({ x, y: top }, [width + 0.6, tall + sheet.unit * 4], `fill="${face}"`) +
    roof +
    windows(paint, { x, width, foot, tall, wall, near, style, name })
  );
}

function windows(
  { sheet, palette, brief }: Paint,
  { x, width, foot, tall, wall, near, name }: Building,
): string {
  if (brief.styles.includes('minimal')) return '';
  const random = sheet.random.fork('windows', name);
  const step = sheet.unit * (1.5 + near * 0.9);
  const columns = Math.max(1, Math.floor((width - step * 0.6) / step));
  const rows = Math.max(1, Math.floor((tall - step) / (step * 1.35)));
  const share = 0.18 + palette.darkness * 0.5;
  const margin = (width - columns * step) / 2;
  const lampLit: string[] = [];
  const glass: string[] = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const at = `M${number(x + margin + (column + 0.22) * step)} ${number(foot - tall + step * (0.7 + row * 1.35))}h${number(step * 0.56)}v${number(step * 0.78)}h${number(-step * 0.56)}Z`;
      if (random.chance(share) && palette.darkness > 0.1) lampLit.push(at);
      else glass.push(at);
    }
  }
  const lamp = mix(
    random.pick(['#ffd36e', '#ffe6a3', '#ffc15a', '#cfe6ff'] as const),
    palette.haze,
    0.42 - near * 0.4,
  );
  const pane = palette.darkness > 0.3 ? shade(wall, -0.22) : mix(wall, palette.sky[1], 0.5);
  return path(glass.join(''), `fill="${pane}" opacity="0.75"`) + path(lampLit.join(''), `fill="${lamp}"`);
}

/** A road that runs away from us, with kerbs and lamps. */
export function drawStreet(paint: Paint, { horizon }: Ground): Layer[] {
  const { sheet, palette } = paint;
  const [w, h] = [sheet.width, sheet.height];
  const asphalt = mix(mix('#5c606b', palette.shadow, 0.2 + palette.darkness * 0.5), palette.haze, 0.12);
  const wet = paint.brief.weather === 'rain' || paint.brief.weather === 'storm';
  const pavement = shade(asphalt, 0.24);
  const vanish = { x: w / 2, y: horizon };
  const floor = box(
    { x: -2, y: horizon },
    [w + 4, h - horizon + 2],
    `fill="${sheet.linear([
      [0, mix(pavement, palette.haze, 0.4)],
      [1, pavement],
    ])}"`,
  );
  const road = polygon(
    [
      { x: vanish.x - sheet.unit * 2, y: horizon },
      { x: vanish.x + sheet.unit * 2, y: horizon },
      { x: w * 1.12, y: h + 2 },
      { x: -w * 0.12, y: h + 2 },
    ],
    `fill="${sheet.linear([
      [0, mix(asphalt, palette.haze, 0.45)],
      [0.4, asphalt],
      [1, shade(asphalt, wet ? 0.06 : -0.2)],
    ])}"`,
  );
  const dashes = Array.from({ length: 9 }, (_, index) => {
    const at = (share: number) => horizon + (h - horizon) * share ** 2.2;
    const [from, to] = [at((index + 0.1) / 9), at((index + 0.6) / 9)];
    const half = (y: number) => ((y - horizon) / (h - horizon)) * sheet.unit * 1.7 + 0.4;
    return polygon(
      [
        { x: vanish.x - half(from), y: from },
        { x: vanish.x + half(from), y: from },
        { x: vanish.x + half(to), y: to },
        { x: vanish.x - half(to), y: to },
      ],
      `fill="${mix('#f4ecd2', palette.shadow, palette.darkness * 0.4)}" opacity="0.85"`,
    );
  });
  const lamps = [0.16, 0.34, 0.62].flatMap((near) =>
    [-1, 1].map((side) => streetLamp(paint, { horizon, near, side })),
  );
  return [
    { depth: 0.3, markup: floor + road + dashes.join('') },
    { depth: 0.45, markup: lamps.join('') },
  ];
}

function streetLamp(
  { sheet, palette }: Paint,
  { horizon, near, side }: { readonly horizon: number; readonly near: number; readonly side: number },
): string {
  const y = horizon + (sheet.height - horizon) * near;
  const x = sheet.width / 2 + side * (sheet.unit * 4 + sheet.width * 0.62 * near);
  const tall = sheet.unit * (7 + 52 * near);
  const post = mix('#2b2f3a', palette.haze, 0.5 - near * 0.5);
  const head = { x: x - side * tall * 0.16, y: y - tall };
  const glow =
    palette.darkness > 0.3
      ? circle(
          head,
          tall * 0.28,
          `fill="${sheet.radial([
            [0, '#ffe9a8', 0.85],
            [0.25, '#ffd680', 0.3],
            [1, '#ffd680', 0],
          ])}"`,
        )
      : '';
  return (
    path(
      `M${number(x)} ${number(y)}V${number(y - tall * 0.9)}Q${number(x)} ${number(y - tall)} ${number(head.x)} ${number(head.y)}`,
      `stroke="${post}" stroke-width="${number(tall * 0.024 + 0.4)}" fill="none"`,
    ) +
    glow +
    ellipse(
      head,
      [tall * 0.05, tall * 0.022],
      `fill="${palette.darkness > 0.3 ? '#fff6d6' : shade(post, 0.3)}"`,
    )
  );
}
