import { mix, shade } from './picture-colour.ts';
import { circle, ellipse, number, path, polygon } from './picture-sheet.ts';
import { type Look, seen } from './picture-plants.ts';

function stem(look: Look, [height, lean]: readonly [number, number]): string {
  const green = seen('#4c8a3f', look);
  const leafShape = (side: number, y: number) =>
    path(
      `M${number(lean * 0.3)} ${y}Q${side * 10} ${y - 15} ${side * 19} ${y - 13}Q${side * 13} ${y - 2} ${number(lean * 0.3)} ${y}Z`,
      `fill="${shade(green, side < 0 ? 0.1 : -0.08)}"`,
    );
  return (
    path(
      `M0 0Q${number(lean * 0.2)} ${-height / 2} ${number(lean)} ${-height}`,
      `stroke="${green}" stroke-width="2.6" fill="none"`,
    ) +
    leafShape(-1, -18) +
    leafShape(1, -32)
  );
}

/** A flower with two rings of petals. */
export function drawFlower(look: Look): string {
  const { random, palette, sheet } = look;
  const colour = look.colour
    ? seen(look.colour, look)
    : mix(random.pick([palette.accents[0], palette.accents[1], '#f078a8'] as const), palette.haze, look.far);
  const lean = random.signed() * 8;
  const petals = 6 + random.below(4);
  const fill = sheet.linear([
    [0, shade(colour, 0.3)],
    [1, shade(colour, -0.14)],
  ]);
  const ring = (scale: number, turn: number, tint: string) =>
    Array.from(
      { length: petals },
      (_, index) =>
        `<path d="M0 0C-${9 * scale} -${8 * scale} -${8 * scale} -${23 * scale} 0 -${25 * scale}C${8 * scale} -${23 * scale} ${9 * scale} -${8 * scale} 0 0Z" transform="rotate(${number((index * 360) / petals + turn)})" fill="${tint}" stroke="${shade(colour, -0.25)}" stroke-width="0.4"/>`,
    ).join('');
  const heart = sheet.radial([
    [0, seen('#ffe27a', look)],
    [1, seen('#d9922a', look)],
  ]);
  const head =
    ring(1, 0, fill) +
    ring(0.7, 180 / petals, shade(colour, 0.16)) +
    circle({ x: 0, y: 0 }, 5.6, `fill="${heart}"`);
  return `${stem(look, [72, lean])}<g transform="translate(${number(lean)} -74)">${head}</g>`;
}

export function drawSunflower(look: Look): string {
  const { sheet } = look;
  const yellow = seen(look.colour ?? '#f6b81f', look);
  const ring = (count: number, [length, turn]: readonly [number, number], tint: string) =>
    Array.from(
      { length: count },
      (_, index) =>
        `<path d="M-3 0Q-5 -${length * 0.6} 0 -${length}Q5 -${length * 0.6} 3 0Z" transform="rotate(${number((index * 360) / count + turn)})" fill="${tint}"/>`,
    ).join('');
  const seeds = sheet.radial([
    [0, seen('#3a2413', look)],
    [0.75, seen('#5c3818', look)],
    [1, seen('#8a5a20', look)],
  ]);
  const dots = Array.from({ length: sheet.many(60) }, (_, index) => {
    const reach = Math.sqrt(index / sheet.many(60)) * 11;
    const angle = index * 2.39996;
    return circle(
      { x: Math.cos(angle) * reach, y: Math.sin(angle) * reach },
      0.6,
      `fill="${seen('#c98d3a', look)}"`,
    );
  });
  const head =
    ring(20, [27, 0], shade(yellow, -0.14)) +
    ring(20, [25, 9], yellow) +
    circle({ x: 0, y: 0 }, 12.5, `fill="${seeds}"`) +
    dots.join('');
  return `${stem(look, [70, 0])}<g transform="translate(0 -73)">${head}</g>`;
}

export function drawTulip(look: Look): string {
  const { random, palette, sheet } = look;
  const colour = look.colour
    ? seen(look.colour, look)
    : mix(random.pick([palette.accents[0], palette.accents[1], '#e85d88'] as const), palette.haze, look.far);
  const lean = random.signed() * 6;
  const side = sheet.linear([
    [0, shade(colour, 0.12)],
    [1, shade(colour, -0.28)],
  ]);
  const front = sheet.linear([
    [0, shade(colour, 0.28)],
    [1, shade(colour, -0.1)],
  ]);
  const head = [
    path('M-4 0C-22 -6 -19 -30 -13 -38C-8 -30 -3 -20 0 -2Z', `fill="${side}"`),
    path('M4 0C22 -6 19 -30 13 -38C8 -30 3 -20 0 -2Z', `fill="${side}"`),
    path('M0 1C-17 -3 -12 -28 0 -40C12 -28 17 -3 0 1Z', `fill="${front}"`),
  ];
  return `${stem(look, [60, lean])}<g transform="translate(${number(lean)} -60)">${head.join('')}</g>`;
}

export function drawMushroom(look: Look): string {
  const { sheet } = look;
  const red = seen(look.colour ?? '#cf3526', look);
  const cap = sheet.radial(
    [
      [0, shade(red, 0.3)],
      [0.6, red],
      [1, shade(red, -0.35)],
    ],
    { x: 0.35, y: 0.25 },
  );
  const foot = sheet.linear(
    [
      [0, seen('#fffaf0', look)],
      [1, seen('#cdbfa6', look)],
    ],
    'right',
  );
  const spots = [
    [-24, -66, 6],
    [-4, -82, 7],
    [18, -70, 6.5],
    [34, -54, 4],
    [-38, -52, 4],
    [3, -60, 4.5],
  ].map(([x = 0, y = 0, r = 1]) => ellipse({ x, y }, [r, r * 0.8], `fill="${seen('#fff8ea', look)}"`));
  return [
    path('M-13 0Q-9 -28 -11 -46L11 -46Q9 -28 14 0Q0 5 -13 0Z', `fill="${foot}"`),
    ellipse({ x: 0, y: -44 }, [42, 8], `fill="${seen('#d9c3a3', look)}"`),
    path('M-48 -44C-46 -84 -22 -97 0 -97C22 -97 46 -84 48 -44C30 -36 -30 -36 -48 -44Z', `fill="${cap}"`),
    ...spots,
  ].join('');
}

export function drawLeaf(look: Look): string {
  const green = seen(look.colour ?? '#3f9a55', look);
  const fill = look.sheet.linear(
    [
      [0, shade(green, 0.22)],
      [1, shade(green, -0.2)],
    ],
    'diagonal',
  );
  const veins = [0.25, 0.42, 0.59, 0.76].flatMap((share) =>
    [-1, 1].map(
      (side) =>
        `M0 ${number(-12 - share * 76)}Q${side * 12} ${number(-20 - share * 76)} ${number(side * 26 * Math.sin(Math.PI * share))} ${number(-27 - share * 70)}`,
    ),
  );
  return [
    path('M0 -6C-46 -24 -40 -74 0 -100C40 -74 46 -24 0 -6Z', `fill="${fill}"`),
    path(
      `M0 2V-94${veins.join('')}`,
      `stroke="${shade(green, 0.45)}" stroke-width="1.8" fill="none" stroke-linecap="round"`,
    ),
  ].join('');
}

export function drawPumpkin(look: Look): string {
  const orange = seen(look.colour ?? '#e8791e', look);
  const ribs = [-34, 34, -20, 20, 0].map((x, index) =>
    ellipse(
      { x, y: -36 },
      [22 - Math.abs(x) * 0.16, 36 - Math.abs(x) * 0.12],
      `fill="${shade(orange, index * 0.045 - 0.2)}"`,
    ),
  );
  const face =
    look.brief.mood === 'scary'
      ? polygon(
          [
            { x: -26, y: -46 },
            { x: -10, y: -40 },
            { x: -24, y: -34 },
          ],
          'fill="#ffd75a"',
        ) +
        polygon(
          [
            { x: 26, y: -46 },
            { x: 10, y: -40 },
            { x: 24, y: -34 },
          ],
          'fill="#ffd75a"',
        ) +
        path(
          'M-28 -24L-16 -20L-10 -26L0 -18L10 -26L16 -20L28 -24Q20 -6 0 -6Q-20 -6 -28 -24Z',
          'fill="#ffd75a"',
        )
      : '';
  return `${ribs.join('')}${path('M-5 -68Q-4 -84 6 -94L12 -90Q4 -82 5 -68Z', `fill="${seen('#5b7a33', look)}"`)}${face}`;
}
