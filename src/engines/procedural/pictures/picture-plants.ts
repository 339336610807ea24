import type { Random } from '../dsp/dsp-random.ts';
import { mix, shade } from './picture-colour.ts';
import { lit } from './picture-palette.ts';
import { circle, number, path } from './picture-sheet.ts';
import type { Paint } from './picture-sky.ts';

/**
 * How a thing is drawn: in a space of its own, 100 tall, its foot at the origin and upwards negative. `far` is how much
 * air is before it.
 */
export interface Look extends Paint {
  readonly random: Random;
  readonly far: number;
  readonly colour?: string;
}

/** A colour of a thing as the light and the air let it look. */
export function seen(colour: string, { palette, far }: Look): string {
  return mix(lit(colour, palette), palette.haze, far);
}

/** A tree with round leaves, or a bare one in winter. */
export function drawTree(look: Look): string {
  const { palette, brief, random } = look;
  if (brief.season === 'winter') return bareTree(look);
  const leaf = look.colour ? lit(look.colour, palette) : random.pick(palette.foliage);
  return crown(look, mix(leaf, palette.haze, look.far));
}

/** A tree in blossom. */
export function drawCherry(look: Look): string {
  return crown(look, seen(look.colour ?? '#f5a8c4', look));
}

function crown(look: Look, leaf: string): string {
  const { random, palette, sheet } = look;
  const bark = seen('#5d4030', look);
  const dark = shade(mix(leaf, palette.shadow, 0.35), -0.1);
  const bright = mix(shade(leaf, 0.14), palette.light, 0.2 * (1 - look.far));
  const trunk = path('M-3.4 0Q-2 -18 -2.4 -42L2 -42Q2 -18 4 0Z', `fill="${bark}"`);
  const boughs = path(
    'M-1 -30Q-8 -42 -14 -50M0.5 -32Q8 -44 13 -54',
    `stroke="${bark}" stroke-width="2" fill="none"`,
  );
  const blobs = Array.from({ length: sheet.many(24) }, () => {
    const angle = random.between(0, 6.283);
    const away = Math.sqrt(random.unit());
    return { x: Math.cos(angle) * away * 25, y: -65 + Math.sin(angle) * away * 24, r: random.between(7, 12) };
  });
  const layer = (dx: number, dy: number, [scale, colour]: readonly [number, string]) =>
    blobs.map(({ x, y, r }) => circle({ x: x + dx, y: y + dy }, r * scale, `fill="${colour}"`)).join('');
  const spots = blobs.map(({ x, y, r }) =>
    circle(
      { x: x - 3 + random.signed() * r * 0.5, y: y - 5 + random.signed() * r * 0.5 },
      r * 0.3,
      `fill="${bright}" opacity="0.7"`,
    ),
  );
  return `${trunk}${boughs}${layer(1.5, 2.5, [1.02, dark])}${layer(-1, -1.5, [0.86, leaf])}${layer(-3.4, -5, [0.5, bright])}${spots.join('')}`;
}

function bareTree(look: Look): string {
  const { random } = look;
  const bark = seen('#4d3b34', look);
  const branches: string[] = [];
  const grow = (x: number, y: number, [angle, length, width]: readonly [number, number, number]): void => {
    const tip = { x: x + Math.sin(angle) * length, y: y - Math.cos(angle) * length };
    branches.push(
      path(`M${number(x)} ${number(y)}L${number(tip.x)} ${number(tip.y)}`, `stroke-width="${number(width)}"`),
    );
    if (length < 5) return;
    for (const side of [-1, 1])
      grow(tip.x, tip.y, [
        angle + side * random.between(0.2, 0.55),
        length * random.between(0.66, 0.8),
        width * 0.66,
      ]);
  };
  grow(0, 0, [random.signed() * 0.06, 28, 5]);
  return `<g stroke="${bark}" fill="none" stroke-linecap="round">${branches.join('')}</g>`;
}

/** A conifer, with snow on its branches in winter. */
export function drawPine(look: Look): string {
  const { random, palette, brief, sheet } = look;
  const green = look.colour
    ? lit(look.colour, palette)
    : mix(palette.foliage[2], brief.season === 'autumn' ? '#2d5a3c' : palette.foliage[2], 0.8);
  const leaf = mix(green, palette.haze, look.far);
  const dark = mix(leaf, palette.shadow, 0.32 * (1 - look.far));
  const snowy = brief.season === 'winter' || brief.weather === 'snow';
  const tiers = Math.max(4, sheet.many(7));
  const rows = Array.from({ length: tiers }, (_, tier) => {
    const share = tier / (tiers - 1);
    const y = -98 + share * 78;
    const wide = 4 + share * 24 + random.signed() * 2;
    const tall = 15 + share * 7;
    const lower = y + tall;
    const side = (direction: number, colour: string) =>
      path(
        `M0 ${number(y - 3)}Q${number(direction * wide * 0.4)} ${number(y + tall * 0.55)} ${number(direction * wide)} ${number(lower)}Q${number(direction * wide * 0.5)} ${number(lower - 3)} 0 ${number(lower - 1)}Z`,
        `fill="${colour}"`,
      );
    const cover = path(
      `M0 ${number(y - 3)}Q${number(-wide * 0.4)} ${number(y + tall * 0.55)} ${number(-wide)} ${number(lower)}Q${number(-wide * 0.45)} ${number(lower - tall * 0.5)} ${number(wide * 0.1)} ${number(y + tall * 0.4)}Z`,
      `fill="${mix(seen('#f6fafd', look), leaf, 0.08)}"`,
    );
    return side(-1, mix(leaf, palette.light, 0.12 * (1 - look.far))) + side(1, dark) + (snowy ? cover : '');
  });
  return (
    path('M-2.5 0L-1.6 -16L1.6 -16L2.5 0Z', `fill="${seen('#4c3629', look)}"`) + rows.toReversed().join('')
  );
}

export function drawPalm(look: Look): string {
  const { random } = look;
  const bark = seen('#7a5a3c', look);
  const leaf = seen(look.colour ?? '#3d8a4b', look);
  const lean = random.signed() * 14;
  const trunk = path(
    `M-3 0Q${number(lean * 0.1 - 2)} -45 ${number(lean - 1.4)} -78L${number(lean + 1.4)} -78Q${number(lean * 0.1 + 3)} -42 3.4 0Z`,
    `fill="${bark}"`,
  );
  const fronds = Array.from({ length: 9 }, (_, index) => {
    const angle = -2.9 + (index / 8) * 2.66;
    const reach = 33 + random.signed() * 4;
    const tip = { x: lean + Math.cos(angle) * reach, y: -78 + Math.sin(angle) * reach * 0.62 + 13 };
    const bend = { x: lean + Math.cos(angle) * reach * 0.55, y: -78 + Math.sin(angle) * reach * 0.75 - 5 };
    const d = `M${number(lean)} -78Q${number(bend.x)} ${number(bend.y - 3)} ${number(tip.x)} ${number(tip.y)}Q${number(bend.x)} ${number(bend.y + 5)} ${number(lean)} -76Z`;
    return path(d, `fill="${shade(leaf, index % 2 === 0 ? -0.16 : 0.06)}"`);
  });
  const nuts = [-3, 1, 4].map((x) => circle({ x: lean + x, y: -75 }, 2.4, `fill="${seen('#5a3d22', look)}"`));
  return trunk + fronds.join('') + nuts.join('');
}

export function drawCactus(look: Look): string {
  const { sheet } = look;
  const green = seen(look.colour ?? '#4f8a4d', look);
  const dark = mix(green, look.palette.shadow, 0.35);
  const fill = sheet.linear(
    [
      [0, shade(green, 0.18)],
      [0.5, green],
      [1, dark],
    ],
    'right',
  );
  const trunk = `<rect x="-9" y="-96" width="18" height="97" rx="9" fill="${fill}"/>`;
  const arm = (side: number, [low, high]: readonly [number, number]) =>
    path(
      `M${side * 6} ${low}H${side * 22}Q${side * 24} ${low} ${side * 24} ${low - 4}V${high}`,
      `fill="none" stroke="${side < 0 ? shade(green, 0.06) : dark}" stroke-width="11" stroke-linecap="round" stroke-linejoin="round"`,
    );
  const ribs = [-4, 0, 4].map((x) =>
    path(`M${x} -90V-2`, `stroke="${dark}" stroke-width="0.8" opacity="0.6"`),
  );
  return arm(-1, [-38, -66]) + arm(1, [-50, -80]) + trunk + ribs.join('');
}
