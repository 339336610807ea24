import { mix, shade } from './picture-colour.ts';
import { seen, type Look } from './picture-plants.ts';
import { box, circle, ellipse, number, path, polygon } from './picture-sheet.ts';

const WINDOW = '#9cc4dc';

/** Glass by day, lamplight by night. */
export function windowColour(look: Look): string {
  const { palette, far } = look;
  return palette.darkness > 0.3 ? mix('#ffd978', palette.haze, far * 0.5) : seen(WINDOW, look);
}

export function rect(
  [x, y, width, height]: readonly [number, number, number, number],
  attributes: string,
): string {
  return box({ x, y }, [width, height], attributes);
}

export function drawHouse(look: Look): string {
  const { sheet, random, palette } = look;
  const wall = seen(look.colour ?? random.pick(['#e9dcc3', '#d8c3a0', '#e6e2da', '#c96f4a'] as const), look);
  const roof = seen(
    look.colour ? shade(look.colour, -0.45) : random.pick(['#a4452f', '#6d3b33', '#4a5566'] as const),
    look,
  );
  const face = sheet.linear([
    [0, shade(wall, 0.12)],
    [1, shade(wall, -0.14)],
  ]);
  const pane = windowColour(look);
  const frame = seen('#f4efe4', look);
  const glass = (x: number, y: number) =>
    `${rect([x, y, 16, 15], `fill="${pane}" stroke="${frame}" stroke-width="1.8"`)}${path(`M${x + 8} ${y}v15M${x} ${y + 7.5}h16`, `stroke="${frame}" stroke-width="1"`)}`;
  const smoke =
    palette.darkness < 0.9
      ? [0, 1, 2]
          .map((puff) =>
            circle(
              { x: 29 + puff * 5, y: -97 - puff * 9 },
              4 + puff * 2,
              `fill="${mix('#ffffff', palette.haze, 0.4)}" opacity="${number(0.4 - puff * 0.1)}"`,
            ),
          )
          .join('')
      : '';
  const snow = look.brief.season === 'winter' || look.brief.weather === 'snow';
  return [
    rect([22, -93, 10, 26], `fill="${shade(roof, -0.2)}"`),
    smoke,
    rect([-52, -52, 104, 52], `fill="${face}"`),
    polygon(
      [
        { x: -62, y: -50 },
        { x: -38, y: -90 },
        { x: 38, y: -90 },
        { x: 62, y: -50 },
      ],
      `fill="${sheet.linear([
        [0, shade(snow ? seen('#f4f8fc', look) : roof, 0.08)],
        [1, shade(snow ? seen('#d5e0ec', look) : roof, -0.16)],
      ])}"`,
    ),
    rect([-62, -51, 124, 3], `fill="${shade(roof, -0.3)}"`),
    rect([-9, -30, 18, 30], `fill="${shade(roof, -0.08)}"`),
    circle({ x: 5, y: -14 }, 1.2, `fill="${frame}"`),
    glass(-41, -38),
    glass(25, -38),
  ].join('');
}

export function drawTent(look: Look): string {
  const cloth = seen(look.colour ?? '#e0702c', look);
  const glow = look.palette.darkness > 0.4 ? '#ffd47a' : shade(cloth, -0.5);
  return [
    polygon(
      [
        { x: -16, y: -100 },
        { x: 60, y: -84 },
        { x: 104, y: 0 },
        { x: 58, y: 0 },
      ],
      `fill="${shade(cloth, -0.22)}"`,
    ),
    polygon(
      [
        { x: -90, y: 0 },
        { x: -16, y: -100 },
        { x: 58, y: 0 },
      ],
      `fill="${look.sheet.linear([
        [0, shade(cloth, 0.22)],
        [1, cloth],
      ])}"`,
    ),
    polygon(
      [
        { x: -38, y: 0 },
        { x: -16, y: -78 },
        { x: 12, y: 0 },
      ],
      `fill="${glow}"`,
    ),
    path('M-16 -78L-16 0', `stroke="${shade(cloth, -0.3)}" stroke-width="2"`),
  ].join('');
}

export function drawPyramid(look: Look): string {
  const sand = seen(look.colour ?? '#d9ac68', look);
  const courses = Array.from({ length: 15 }, (_, index) => {
    const y = -6 - index * 6.2;
    const half = (-(y + 100) / -100) * 88;
    return path(
      `M${number(-half)} ${number(y)}H${number(half * 1.18)}`,
      `stroke="${shade(sand, -0.4)}" stroke-width="0.5" opacity="0.4"`,
    );
  });
  return [
    polygon(
      [
        { x: -92, y: 0 },
        { x: 0, y: -100 },
        { x: 22, y: 0 },
      ],
      `fill="${look.sheet.linear([
        [0, shade(sand, 0.2)],
        [1, sand],
      ])}"`,
    ),
    polygon(
      [
        { x: 22, y: 0 },
        { x: 0, y: -100 },
        { x: 104, y: 0 },
      ],
      `fill="${mix(shade(sand, -0.38), look.palette.haze, 0.15)}"`,
    ),
    ...courses,
  ].join('');
}

export function drawSnowman(look: Look): string {
  const { sheet } = look;
  const ball = sheet.radial(
    [
      [0, seen('#ffffff', look)],
      [0.7, seen('#e6eef7', look)],
      [1, seen('#a9bdd4', look)],
    ],
    { x: 0.36, y: 0.3 },
  );
  const coal = seen('#22242c', look);
  const scarf = seen(look.colour ?? '#cf3b30', look);
  return [
    path(
      'M12 -52L40 -68M33 -64l3 -8M-12 -52L-40 -64',
      `stroke="${seen('#5a3d28', look)}" stroke-width="2" fill="none"`,
    ),
    circle({ x: 0, y: -22 }, 24, `fill="${ball}"`),
    circle({ x: 0, y: -52 }, 17.5, `fill="${ball}"`),
    circle({ x: 0, y: -75 }, 12.5, `fill="${ball}"`),
    path('M-13 -66Q0 -58 13 -66L13 -61Q0 -53 -13 -61Z', `fill="${scarf}"`),
    path('M7 -62L13 -42L6 -43L3 -60Z', `fill="${shade(scarf, -0.18)}"`),
    ...[-54, -46, -24].map((y) => circle({ x: 0, y }, 1.6, `fill="${coal}"`)),
    circle({ x: -4.4, y: -78 }, 1.5, `fill="${coal}"`),
    circle({ x: 4.4, y: -78 }, 1.5, `fill="${coal}"`),
    polygon(
      [
        { x: 0, y: -75.6 },
        { x: 13, y: -72.6 },
        { x: 0, y: -72 },
      ],
      `fill="${seen('#ee7f22', look)}"`,
    ),
    ellipse({ x: 0, y: -85 }, [14, 2.6], `fill="${coal}"`),
    rect([-8.6, -100, 17.2, 15], `fill="${coal}"`),
    rect([-8.6, -90, 17.2, 3.6], `fill="${scarf}"`),
  ].join('');
}
