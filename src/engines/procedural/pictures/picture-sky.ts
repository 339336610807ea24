import { mix, shade } from './picture-colour.ts';
import type { PictureBrief } from './picture-brief.ts';
import type { Palette } from './picture-palette.ts';
import {
  box,
  circle,
  ellipse,
  number,
  path,
  polygon,
  smoothPath,
  type Layer,
  type Point,
  type Sheet,
} from './picture-sheet.ts';

/** What the parts of a picture are drawn with. */
export interface Paint {
  readonly sheet: Sheet;
  readonly palette: Palette;
  readonly brief: PictureBrief;
}

/** Where the sun or moon stands; the light comes from there. */
export interface Disc extends Point {
  readonly radius: number;
  readonly shown: boolean;
}

/** Finds a place for the sun or the moon above a horizon. */
export function placeDisc({ sheet, brief }: Paint, horizon: number): Disc {
  const random = sheet.random.fork('disc');
  const low = brief.time === 'sunset' || brief.time === 'dawn';
  const side = random.chance(0.5) ? random.between(0.2, 0.36) : random.between(0.64, 0.8);
  const named = brief.sky.has('sun') || brief.sky.has('moon');
  const overcast = brief.weather !== 'clear' && brief.weather !== 'cloudy';
  return {
    x: sheet.width * (low ? random.between(0.36, 0.64) : side),
    y: horizon * (low ? random.between(0.72, 0.86) : random.between(0.2, 0.36)),
    radius: sheet.unit * (low ? 7 : 5) * (named ? 1.25 : 1),
    shown: named || (!overcast && brief.time !== 'dusk'),
  };
}

/** Sky with everything in it, down to the horizon and a little below. */
export function drawSky(paint: Paint, horizon: number, disc: Disc): Layer[] {
  const { sheet, palette, brief } = paint;
  const [top, middle, low] = palette.sky;
  const fill = sheet.linear([
    [0, top],
    [0.55, middle],
    [1, low],
  ]);
  const base = box({ x: 0, y: 0 }, [sheet.width, horizon * 1.04 + 2], `fill="${fill}"`);
  const layers: Layer[] = [{ depth: 0, markup: base + stars(paint, horizon) + aurora(paint, horizon) }];
  if (disc.shown) layers.push({ depth: 0.01, markup: drawDisc(paint, disc) });
  if (brief.sky.has('rainbow')) layers.push({ depth: 0.03, markup: rainbow(paint, horizon) });
  layers.push(...clouds(paint, { horizon, disc }));
  if (brief.sky.has('lightning')) layers.push({ depth: 0.06, markup: lightning(paint, horizon) });
  if (brief.sky.has('fireworks')) layers.push({ depth: 0.06, markup: fireworks(paint, horizon) });
  return layers;
}

function drawDisc(paint: Paint, disc: Disc): string {
  const { sheet, palette, brief } = paint;
  const moon = brief.sky.has('moon') || (brief.time === 'night' && !brief.sky.has('sun'));
  const glow = sheet.radial([
    [0, palette.disc, moon ? 0.5 : 0.85],
    [0.25, palette.disc, 0.28],
    [1, palette.disc, 0],
  ]);
  const halo = circle(disc, disc.radius * (moon ? 4.5 : 6.5), `fill="${glow}"`);
  if (!moon) {
    const face = sheet.radial([
      [0, '#ffffff'],
      [0.75, palette.disc],
      [1, mix(palette.disc, palette.light, 0.5)],
    ]);
    return `${halo}${circle(disc, disc.radius, `fill="${face}"`)}`;
  }
  const face = sheet.radial(
    [
      [0, shade(palette.disc, 0.3)],
      [1, shade(palette.disc, -0.1)],
    ],
    { x: 0.35, y: 0.35 },
  );
  const random = sheet.random.fork('craters');
  const craters = Array.from({ length: sheet.many(7) }, () => {
    const angle = random.between(0, 6.28);
    const away = disc.radius * random.between(0.1, 0.7);
    const centre = { x: disc.x + Math.cos(angle) * away, y: disc.y + Math.sin(angle) * away };
    return circle(
      centre,
      disc.radius * random.between(0.06, 0.19),
      `fill="${shade(palette.disc, -0.25)}" opacity="0.35"`,
    );
  });
  return `${halo}${circle(disc, disc.radius, `fill="${face}"`)}${craters.join('')}`;
}

function stars({ sheet, palette, brief }: Paint, horizon: number): string {
  if (palette.darkness < 0.6 && !brief.sky.has('stars')) return '';
  if (['rain', 'storm', 'fog', 'snow'].includes(brief.weather) && !brief.sky.has('stars')) return '';
  const random = sheet.random.fork('stars');
  const count = sheet.many(brief.sky.has('stars') ? 340 : 170);
  return Array.from({ length: count }, () => {
    const at = { x: random.unit() * sheet.width, y: random.unit() ** 1.4 * horizon };
    const bright = random.unit() ** 3;
    const opacity = (0.25 + 0.75 * random.unit()) * (1 - (at.y / horizon) * 0.7);
    const colour = random.pick(['#ffffff', '#dfe8ff', '#fff0d9'] as const);
    return circle(at, sheet.unit * (0.1 + 0.28 * bright), `fill="${colour}" opacity="${number(opacity)}"`);
  }).join('');
}

function aurora({ sheet, brief }: Paint, horizon: number): string {
  if (!brief.sky.has('aurora')) return '';
  const random = sheet.random.fork('aurora');
  const bands = ['#3dffb0', '#58f0d0', '#9a6bff'].map((colour, band) => {
    const fill = sheet.linear([
      [0, colour, 0],
      [0.65, colour, 0.55],
      [0.92, shade(colour, 0.4), 0.6],
      [1, colour, 0],
    ]);
    const offset = random.between(0, 50);
    const line = Array.from({ length: 25 }, (_, step) => ({
      x: (sheet.width * step) / 18 - sheet.width / 6,
      y: horizon * (0.5 + band * 0.12 + 0.22 * sheet.rough(step / 7 + offset, band * 9, 2)),
    }));
    const curtains = line.slice(1).map((point, step) => {
      const tall = horizon * (0.3 + 0.22 * Math.abs(sheet.noise(step / 2.5, band + 40)));
      const width = sheet.width / 17;
      return box({ x: point.x, y: point.y - tall }, [width, tall], `fill="${fill}"`);
    });
    return `<g filter="${sheet.blur(sheet.unit * 2.2)}" opacity="0.8">${curtains.join('')}</g>`;
  });
  return bands.join('');
}

function rainbow({ sheet }: Paint, horizon: number): string {
  const colours = ['#e5423b', '#f28b2c', '#f6d33c', '#4fb85a', '#3a8bd8', '#6a4fc4'];
  const radius = Math.min(sheet.width * 0.46, horizon * 1.05);
  const wide = sheet.unit * 1.5;
  const arcs = colours.map((colour, index) =>
    circle(
      { x: sheet.width / 2, y: horizon * 1.05 },
      radius - index * wide,
      `fill="none" stroke="${colour}" stroke-width="${number(wide * 1.15)}"`,
    ),
  );
  return `<g opacity="0.5" filter="${sheet.blur(sheet.unit * 0.5)}">${arcs.join('')}</g>`;
}

function lightning({ sheet }: Paint, horizon: number): string {
  const random = sheet.random.fork('lightning');
  const bolt = (start: Point, [length, width]: readonly [number, number]): string => {
    const points: Point[] = [start];
    for (let step = 1; step <= 10; step += 1) {
      const last = points.at(-1) ?? start;
      points.push({ x: last.x + random.signed() * length * 0.07, y: start.y + (length * step) / 10 });
    }
    const d = `M${points.map(({ x, y }) => `${number(x)} ${number(y)}`).join('L')}`;
    const stroke = `fill="none" stroke-linejoin="round" stroke="#eef3ff"`;
    return `${path(d, `${stroke} stroke-width="${number(width * 5)}" opacity="0.25" filter="${sheet.blur(sheet.unit)}"`)}${path(d, `${stroke} stroke-width="${number(width)}"`)}`;
  };
  const start = { x: sheet.width * random.between(0.3, 0.7), y: horizon * 0.1 };
  const branch = { x: start.x, y: horizon * 0.4 };
  return bolt(start, [horizon * 0.88, sheet.unit * 0.55]) + bolt(branch, [horizon * 0.35, sheet.unit * 0.25]);
}

function fireworks({ sheet, palette }: Paint, horizon: number): string {
  const random = sheet.random.fork('fireworks');
  const colours = ['#ffd166', '#ff6b6b', '#7bdff2', '#b388ff', '#9dff8f'] as const;
  return Array.from({ length: 5 }, (_, index) => {
    const centre = { x: sheet.width * (0.14 + 0.18 * index), y: horizon * random.between(0.15, 0.55) };
    const reach = sheet.unit * random.between(9, 17);
    const colour = mix(random.pick(colours), palette.disc, 0.1);
    const rays = Array.from({ length: sheet.many(34) }, (__, ray) => {
      const angle = (ray / sheet.many(34)) * 6.283 + random.signed() * 0.06;
      const length = reach * random.between(0.72, 1);
      const tip = {
        x: centre.x + Math.cos(angle) * length,
        y: centre.y + Math.sin(angle) * length + reach * 0.08,
      };
      const d = `M${number(centre.x + Math.cos(angle) * reach * 0.14)} ${number(centre.y + Math.sin(angle) * reach * 0.14)}Q${number(centre.x + Math.cos(angle) * length * 0.6)} ${number(centre.y + Math.sin(angle) * length * 0.6)} ${number(tip.x)} ${number(tip.y)}`;
      return (
        path(d, `fill="none" stroke="${colour}" stroke-width="${number(sheet.unit * 0.22)}" opacity="0.8"`) +
        circle(tip, sheet.unit * 0.35, `fill="${shade(colour, 0.5)}"`)
      );
    });
    const glow = sheet.radial([
      [0, colour, 0.55],
      [1, colour, 0],
    ]);
    return circle(centre, reach * 1.1, `fill="${glow}"`) + rays.join('');
  }).join('');
}

function clouds(paint: Paint, { horizon, disc }: { readonly horizon: number; readonly disc: Disc }): Layer[] {
  const { sheet, palette, brief } = paint;
  const cover = { clear: 0.35, cloudy: 1, rain: 1.3, storm: 1.5, snow: 1, fog: 0.4 }[brief.weather];
  if (brief.styles.includes('minimal') && brief.weather === 'clear') return [];
  if (palette.darkness > 0.6 && brief.weather === 'clear' && !brief.sky.has('clouds')) return [];
  const random = sheet.random.fork('clouds');
  const count = Math.max(2, Math.round((7 * cover * sheet.width) / Math.max(sheet.width, sheet.height)));
  return Array.from({ length: count }, (_, index) => {
    const near = index / count;
    const centre = {
      x: sheet.width * random.between(-0.05, 1.05),
      y: horizon * (0.8 - 0.68 * near + random.signed() * 0.06),
    };
    const wide = sheet.unit * (10 + 26 * near) * random.between(0.8, 1.25);
    return { depth: 0.03 + 0.05 * near, markup: cloud(paint, { centre, wide, disc, name: index }) };
  });
}

interface CloudShape {
  readonly centre: Point;
  readonly wide: number;
  readonly disc: Disc;
  readonly name: number;
}

/** A heap of soft puffs on a flat base, lit from the side where the light is. */
function cloud({ sheet, palette, brief }: Paint, { centre, wide, disc, name }: CloudShape): string {
  const random = sheet.random.fork('cloud', name);
  const dark = brief.weather === 'storm' ? 0.55 : brief.weather === 'rain' ? 0.4 : 0.18;
  const low = mix(mix(palette.sky[1], palette.sky[2], 0.4), palette.shadow, dark);
  const bright = mix(
    shade(palette.light, 0.5),
    palette.sky[1],
    Math.min(0.9, palette.darkness * 0.75 + (dark > 0.5 ? 0.72 : dark > 0.3 ? 0.4 : 0)),
  );
  const side = Math.sign(disc.x - centre.x) || 1;
  const opacity = brief.weather === 'clear' ? 0.88 : 0.95;
  const puffs = Array.from({ length: sheet.many(15) }, () => {
    const along = random.signed() * (1 - 0.25 * random.unit());
    const tall = (1 - along * along) * wide * 0.36;
    return {
      x: centre.x + along * wide,
      y: centre.y - random.unit() * tall,
      r: wide * random.between(0.14, 0.26) * (1.15 - 0.6 * Math.abs(along)),
    };
  });
  // Soft by their paint: a filter would take as long as the whole rest.
  const body = (dx: number, dy: number, [scale, colour]: readonly [number, string]) => {
    const soft = sheet.radial([
      [0, colour, opacity],
      [0.55, colour, opacity * 0.92],
      [1, colour, 0],
    ]);
    return puffs
      .map(({ x, y, r }) => circle({ x: x + dx * r, y: y + dy * r }, r * scale * 1.25, `fill="${soft}"`))
      .join('');
  };
  const shadow = sheet.radial([
    [0, low, opacity * 0.9],
    [0.6, low, opacity * 0.6],
    [1, low, 0],
  ]);
  const flat = ellipse(
    { x: centre.x, y: centre.y + wide * 0.06 },
    [wide * 1.15, wide * 0.2],
    `fill="${shadow}"`,
  );
  return `${flat}${body(0, 0.15, [1.02, low])}${body(side * 0.12, -0.16, [0.84, mix(low, bright, 0.72)])}${body(side * 0.26, -0.36, [0.52, bright])}`;
}

/** Small strokes of birds far away. */
export function farBirds({ sheet, palette }: Paint, horizon: number): string {
  const random = sheet.random.fork('far birds');
  const centre = { x: sheet.width * random.between(0.25, 0.75), y: horizon * random.between(0.3, 0.5) };
  return Array.from({ length: 5 }, () => {
    const size = sheet.unit * random.between(0.9, 1.7);
    const at = {
      x: centre.x + random.signed() * sheet.unit * 11,
      y: centre.y + random.signed() * sheet.unit * 5,
    };
    const wing = smoothPath([
      { x: at.x - size, y: at.y - size * 0.3 },
      { x: at.x - size * 0.45, y: at.y - size * 0.45 },
      at,
      { x: at.x + size * 0.45, y: at.y - size * 0.45 },
      { x: at.x + size, y: at.y - size * 0.3 },
    ]);
    return path(
      wing,
      `fill="none" stroke="${mix(palette.shadow, palette.haze, 0.2)}" stroke-width="${number(size * 0.16)}" stroke-linecap="round"`,
    );
  }).join('');
}

/** Rays that stand around the sun, for drawings that are flat. */
export function flatRays({ sheet, palette }: Paint, disc: Disc): string {
  return Array.from({ length: 12 }, (_, index) => {
    const angle = (index / 12) * 2 * Math.PI;
    const at = (reach: number, turn: number): Point => ({
      x: disc.x + Math.cos(angle + turn) * reach,
      y: disc.y + Math.sin(angle + turn) * reach,
    });
    const far = Math.max(sheet.width, sheet.height) * 1.3;
    return polygon([disc, at(far, -0.12), at(far, 0.12)], `fill="${palette.light}" opacity="0.16"`);
  }).join('');
}
