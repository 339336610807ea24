import { mix, shade } from './picture-colour.ts';
import { box, circle, ellipse, number, path, polygon, smoothPath, type Layer } from './picture-sheet.ts';
import type { Ground } from './picture-land.ts';
import type { Paint } from './picture-sky.ts';

/** Water from the horizon to the near shore, with the light of the sky on it. */
export function drawWater(paint: Paint, { horizon, disc }: Ground, to: number): Layer[] {
  const { sheet, palette, brief } = paint;
  const tall = to - horizon;
  const fill = sheet.linear([
    [0, mix(palette.water[0], palette.sky[2], 0.35)],
    [0.25, palette.water[0]],
    [1, palette.water[1]],
  ]);
  const body = box({ x: -2, y: horizon }, [sheet.width + 4, tall + 4], `fill="${fill}"`);
  const rough =
    brief.weather === 'storm' || brief.mood === 'dramatic' ? 1.7 : brief.mood === 'calm' ? 0.55 : 1;
  const glitter = disc.shown ? glints(paint, { horizon, disc }, tall) : '';
  const lamps =
    brief.scenes.includes('city') && palette.darkness > 0.3 ? lampStreaks(paint, { horizon, tall }) : '';
  return [{ depth: 0.3, markup: body + lamps + waves(paint, { horizon, tall, rough }) + glitter }];
}

/** Lights of a town on the water before it. */
function lampStreaks(
  { sheet }: Paint,
  { horizon, tall }: { readonly horizon: number; readonly tall: number },
): string {
  const random = sheet.random.fork('streaks');
  const streaks = Array.from({ length: sheet.many(46) }, () => {
    const colour = random.pick(['#ffd36e', '#ffe6a3', '#ffb45a', '#cfe6ff'] as const);
    const fill = sheet.linear([
      [0, colour, 0.75],
      [1, colour, 0],
    ]);
    return box(
      { x: random.unit() * sheet.width, y: horizon },
      [sheet.unit * random.between(0.5, 2.2), tall * random.between(0.2, 0.75)],
      `fill="${fill}" opacity="${number(random.between(0.25, 0.7))}"`,
    );
  });
  return `<g filter="${sheet.blur(sheet.unit * 0.5)}">${streaks.join('')}</g>`;
}

function waves(
  { sheet, palette }: Paint,
  { horizon, tall, rough }: { readonly horizon: number; readonly tall: number; readonly rough: number },
): string {
  const random = sheet.random.fork('waves');
  return Array.from({ length: sheet.many(230) }, () => {
    const near = random.unit() ** 1.6;
    const y = horizon + tall * (0.015 + 0.985 * near);
    const x = random.between(-0.05, 1.05) * sheet.width;
    const wide = sheet.unit * (1.2 + 13 * near) * random.between(0.5, 1.3);
    const high = sheet.unit * (0.08 + 0.75 * near) * rough;
    const bright = random.chance(0.55);
    const colour = bright ? mix(palette.water[0], palette.sky[2], 0.55) : shade(palette.water[1], -0.12);
    const d = `M${number(x - wide)} ${number(y)}Q${number(x - wide * 0.4)} ${number(y - high)} ${number(x)} ${number(y - high * 0.4)}Q${number(x + wide * 0.5)} ${number(y + high * 0.1)} ${number(x + wide)} ${number(y)}Q${number(x)} ${number(y + high * 0.5)} ${number(x - wide)} ${number(y)}Z`;
    return path(d, `fill="${colour}" opacity="${number((bright ? 0.42 : 0.34) * (1 - near * 0.35))}"`);
  }).join('');
}

function glints({ sheet, palette }: Paint, { horizon, disc }: Ground, tall: number): string {
  const random = sheet.random.fork('glints');
  const column = sheet.linear([
    [0, palette.disc, 0.5],
    [1, palette.disc, 0],
  ]);
  const spread = disc.radius * 2.4;
  const glow = polygon(
    [
      { x: disc.x - spread * 0.5, y: horizon },
      { x: disc.x + spread * 0.5, y: horizon },
      { x: disc.x + spread * 1.7, y: horizon + tall },
      { x: disc.x - spread * 1.7, y: horizon + tall },
    ],
    `fill="${column}" filter="${sheet.blur(sheet.unit * 2)}" opacity="0.7"`,
  );
  const sparks = Array.from({ length: sheet.many(130) }, () => {
    const near = random.unit() ** 1.3;
    const at = {
      x: disc.x + random.normal() * spread * (0.28 + near * 0.6),
      y: horizon + tall * (0.01 + near * 0.96),
    };
    return ellipse(
      at,
      [sheet.unit * (0.5 + 2.6 * near) * random.between(0.5, 1.2), sheet.unit * (0.07 + 0.2 * near)],
      `fill="${palette.disc}" opacity="${number(0.9 - near * 0.55)}"`,
    );
  });
  return glow + sparks.join('');
}

/** A beach or bank between the water and the one who looks. */
export function drawShore(paint: Paint, y: number): Layer {
  const { sheet, palette, brief } = paint;
  const sandy = brief.scenes.includes('sea') || brief.scene === 'sea';
  const sand =
    brief.season === 'winter' ? '#e9eff5' : sandy ? (brief.parts.ground ?? '#ecd2a0') : palette.ground[0];
  const top = mix(mix(sand, palette.light, 0.15), palette.shadow, palette.darkness * 0.6);
  const line = Array.from({ length: 9 }, (_, step) => ({
    x: (sheet.width * step) / 8,
    y: y + sheet.unit * 4 * sheet.noise(step / 3, 77),
  }));
  const land = `${smoothPath(line)}V${sheet.height + 2}H-2V${number(line[0]?.y ?? y)}Z`;
  const foam = path(
    smoothPath(line),
    `stroke="${mix('#ffffff', palette.shadow, palette.darkness * 0.4)}" stroke-width="${number(sheet.unit * 1.3)}" fill="none" opacity="0.75"`,
  );
  const wet = path(
    smoothPath(line.map((point) => ({ x: point.x, y: point.y + sheet.unit * 1.5 }))),
    `stroke="${shade(top, -0.28)}" stroke-width="${number(sheet.unit * 3)}" fill="none" opacity="0.45"`,
  );
  const random = sheet.random.fork('shore');
  const grains = Array.from({ length: sheet.many(120) }, () =>
    ellipse(
      { x: random.unit() * sheet.width, y: y + sheet.unit * 6 + random.unit() * (sheet.height - y) },
      [sheet.unit * random.between(0.1, 0.35), sheet.unit * 0.12],
      `fill="${shade(top, random.chance(0.5) ? -0.3 : 0.3)}" opacity="0.5"`,
    ),
  );
  return {
    depth: 0.62,
    markup:
      path(
        land,
        `fill="${sheet.linear([
          [0, top],
          [1, shade(top, -0.25)],
        ])}"`,
      ) +
      wet +
      foam +
      grains.join(''),
  };
}

/** A rock that rises from the water, for what cannot stand on it. */
export function drawIslet(
  { sheet, palette }: Paint,
  { x, y, wide }: { readonly x: number; readonly y: number; readonly wide: number },
): string {
  const rock = mix(palette.rock[1], palette.ground[1], 0.35);
  const random = sheet.random.fork('islet', Math.round(x));
  const top = Array.from({ length: 13 }, (_, step) => {
    const share = step / 12;
    return {
      x: x - wide + 2 * wide * share,
      y: y - Math.sin(Math.PI * share) ** 0.55 * wide * 0.16 + random.signed() * wide * 0.025,
    };
  });
  const foam = ellipse(
    { x, y: y + wide * 0.14 },
    [wide * 1.12, wide * 0.07],
    `fill="${mix('#ffffff', palette.shadow, palette.darkness * 0.5)}" opacity="0.6"`,
  );
  const body = polygon(
    [...top, { x: x + wide * 1.08, y: y + wide * 0.14 }, { x: x - wide * 1.08, y: y + wide * 0.14 }],
    `fill="${sheet.linear([
      [0, mix(shade(rock, 0.2), palette.light, 0.12)],
      [1, shade(rock, -0.35)],
    ])}"`,
  );
  const grass = path(
    smoothPath(top.map((point) => ({ x: point.x, y: point.y + wide * 0.012 }))),
    `stroke="${palette.foliage[1]}" stroke-width="${number(wide * 0.04)}" fill="none" stroke-linecap="round"`,
  );
  return foam + body + grass;
}

/** Below the surface: rays of light, rocks, weeds and bubbles. */
export function drawUnderwater(paint: Paint): Layer[] {
  const { sheet, palette } = paint;
  const random = sheet.random.fork('underwater');
  const deep = paint.brief.colours.length > 0 ? palette.water : (['#35b4cf', '#062a54'] as const);
  const back = box(
    { x: 0, y: 0 },
    [sheet.width, sheet.height],
    `fill="${sheet.linear([
      [0, shade(deep[0], 0.35)],
      [0.35, deep[0]],
      [1, deep[1]],
    ])}"`,
  );
  const ray = sheet.linear([
    [0, '#ffffff', 0.42],
    [1, '#ffffff', 0],
  ]);
  const rays = Array.from({ length: 7 }, () => {
    const x = sheet.width * random.between(0.05, 0.95);
    const wide = sheet.unit * random.between(2, 7);
    const lean = sheet.height * random.between(-0.3, 0.15);
    return polygon(
      [
        { x, y: -5 },
        { x: x + wide, y: -5 },
        { x: x + wide * 2.6 + lean, y: sheet.height * 0.85 },
        { x: x - wide + lean, y: sheet.height * 0.85 },
      ],
      `fill="${ray}" opacity="0.6"`,
    );
  });
  const far = seabed(paint, { y: sheet.height * 0.8, colour: mix(deep[1], deep[0], 0.35), name: 1 });
  const near = seabed(paint, { y: sheet.height * 0.91, colour: mix(deep[1], '#caa878', 0.3), name: 2 });
  return [
    { depth: 0, markup: `${back}<g filter="${sheet.blur(sheet.unit * 1.1)}">${rays.join('')}</g>` },
    { depth: 0.2, markup: far + weeds(paint, [sheet.height * 0.83, 0.55]) },
    { depth: 0.75, markup: corals(paint) + near + weeds(paint, [sheet.height * 0.95, 1]) },
    { depth: 0.9, markup: bubbles(paint) },
  ];
}

function seabed(
  { sheet }: Paint,
  { y, colour, name }: { readonly y: number; readonly colour: string; readonly name: number },
): string {
  const line = Array.from({ length: 15 }, (_, step) => ({
    x: (sheet.width * step) / 14,
    y: y + sheet.unit * 6 * sheet.rough(step / 3, name * 21, 2),
  }));
  return path(
    `${smoothPath(line)}V${sheet.height + 2}H-2V${number(line[0]?.y ?? y)}Z`,
    `fill="${sheet.linear([
      [0, shade(colour, 0.15)],
      [1, shade(colour, -0.4)],
    ])}"`,
  );
}

function weeds({ sheet, palette }: Paint, [foot, near]: readonly [number, number]): string {
  const random = sheet.random.fork('weeds', near);
  return Array.from({ length: sheet.many(15) }, () => {
    const x = random.unit() * sheet.width;
    const tall = sheet.height * random.between(0.1, 0.3) * near;
    const sway = sheet.unit * random.between(2, 5) * near;
    const colour = mix(
      random.pick(['#2f8f6a', '#1f6f5c', '#7aa83a', '#8a4f7d'] as const),
      '#0d4a70',
      0.55 - near * 0.4,
    );
    const blade = `M${number(x)} ${number(foot)}C${number(x + sway)} ${number(foot - tall * 0.35)} ${number(x - sway)} ${number(foot - tall * 0.65)} ${number(x + sway * 0.5)} ${number(foot - tall)}`;
    return path(
      blade,
      `stroke="${mix(colour, palette.shadow, 0.1)}" stroke-width="${number(sheet.unit * random.between(0.8, 1.7) * near)}" fill="none" stroke-linecap="round"`,
    );
  }).join('');
}

function corals({ sheet }: Paint): string {
  const random = sheet.random.fork('corals');
  return Array.from({ length: sheet.many(6) }, () => {
    const foot = { x: random.unit() * sheet.width, y: sheet.height * random.between(0.9, 0.95) };
    const colour = random.pick(['#e8596b', '#f0894a', '#c45ab3', '#f2b84b'] as const);
    const branches: string[] = [];
    const grow = (x: number, y: number, [angle, length, width]: readonly [number, number, number]): void => {
      const tip = { x: x + Math.sin(angle) * length, y: y - Math.cos(angle) * length };
      branches.push(
        `<path d="M${number(x)} ${number(y)}L${number(tip.x)} ${number(tip.y)}" stroke-width="${number(width)}"/>`,
      );
      if (length < sheet.unit * 1.6) return;
      for (const side of [-0.5, 0.5])
        grow(tip.x, tip.y, [angle + side + random.signed() * 0.25, length * 0.74, width * 0.8]);
    };
    grow(foot.x, foot.y, [random.signed() * 0.2, sheet.unit * random.between(4, 6), sheet.unit * 1.5]);
    return `<g stroke="${mix(colour, '#1f5b86', 0.22)}" stroke-linecap="round">${branches.join('')}</g>`;
  }).join('');
}

function bubbles({ sheet }: Paint): string {
  const random = sheet.random.fork('bubbles');
  return Array.from({ length: sheet.many(34) }, () => {
    const r = sheet.unit * random.betweenOctaves(0.3, 1.8);
    const at = { x: random.unit() * sheet.width, y: random.unit() * sheet.height };
    return (
      circle(
        at,
        r,
        `fill="#ffffff" fill-opacity="0.12" stroke="#ffffff" stroke-opacity="0.6" stroke-width="${number(r * 0.14)}"`,
      ) + circle({ x: at.x - r * 0.35, y: at.y - r * 0.35 }, r * 0.2, 'fill="#ffffff" opacity="0.8"')
    );
  }).join('');
}
