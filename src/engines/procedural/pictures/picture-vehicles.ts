import { mix, shade } from './picture-colour.ts';
import { windowColour } from './picture-buildings.ts';
import { seen, type Look } from './picture-plants.ts';
import { box, circle, ellipse, number, path, polygon } from './picture-sheet.ts';

export function drawBoat(look: Look): string {
  const { sheet, palette, random } = look;
  const hull = seen(look.colour ?? random.pick(['#7a3b2c', '#2c4a73', '#f1ede4', '#8c2f2f'] as const), look);
  const sail = seen(look.colour ? mix('#fbf6ea', look.colour, 0.12) : '#fbf6ea', look);
  const cloth = sheet.linear(
    [
      [0, shade(sail, 0.1)],
      [1, mix(sail, palette.shadow, 0.28)],
    ],
    'right',
  );
  const mast = seen('#5a4330', look);
  return [
    path('M2 -96V-14', `stroke="${mast}" stroke-width="1.6"`),
    path('M4 -92Q38 -58 34 -20L4 -18Z', `fill="${cloth}"`),
    path('M0 -86Q-20 -52 -27 -20L0 -18Z', `fill="${mix(sail, palette.shadow, 0.14)}"`),
    path('M2 -97l12 3l-12 3Z', `fill="${seen('#cf3b30', look)}"`),
    path(
      'M-37 -15H41Q36 2 24 3H-22Q-34 1 -37 -15Z',
      `fill="${sheet.linear([
        [0, shade(hull, 0.16)],
        [1, shade(hull, -0.35)],
      ])}"`,
    ),
    path('M-37 -15H41L40.4 -12H-36.4Z', `fill="${shade(sail, -0.05)}"`),
  ].join('');
}

export function drawShip(look: Look): string {
  const { sheet } = look;
  const hull = seen(look.colour ?? '#24344f', look);
  const white = seen('#f4f2ec', look);
  const red = seen('#c0392b', look);
  const deck = (y: number, [x, width]: readonly [number, number]) =>
    box(
      { x, y },
      [width, 12],
      `fill="${sheet.linear([
        [0, white],
        [1, shade(white, -0.16)],
      ])}"`,
    );
  const holes = (y: number, [from, to]: readonly [number, number]) =>
    Array.from({ length: Math.floor((to - from) / 9) }, (_, index) =>
      circle({ x: from + 4.5 + index * 9, y }, 1.7, `fill="${windowColour(look)}"`),
    ).join('');
  const funnel = (x: number) =>
    polygon(
      [
        { x, y: -62 },
        { x: x - 2, y: -93 },
        { x: x + 13, y: -93 },
        { x: x + 14, y: -62 },
      ],
      `fill="${red}"`,
    ) + box({ x: x - 2, y: -94 }, [15.4, 6], `fill="${seen('#2a2c33', look)}"`);
  return [
    funnel(-22),
    funnel(8),
    deck(-64, [-46, 88]),
    deck(-52, [-62, 122]),
    holes(-58, [-42, 40]),
    holes(-46, [-58, 58]),
    path(
      'M-96 -42H104L88 2H-84Z',
      `fill="${sheet.linear([
        [0, shade(hull, 0.15)],
        [1, shade(hull, -0.3)],
      ])}"`,
    ),
    path('M-87 -5H90.5L88 2H-84Z', `fill="${red}"`),
    holes(-30, [-80, 86]),
    path('M66 -42V-84M-72 -42V-78', `stroke="${shade(hull, 0.2)}" stroke-width="1.6"`),
  ].join('');
}

function wheel(x: number, radius: number, look: Look): string {
  return (
    circle({ x, y: -radius }, radius, `fill="${seen('#1c1d22', look)}"`) +
    circle({ x, y: -radius }, radius * 0.56, `fill="${seen('#b9bec6', look)}"`) +
    circle({ x, y: -radius }, radius * 0.2, `fill="${seen('#565b64', look)}"`)
  );
}

function lamps(look: Look, x: number, y: number): string {
  if (look.palette.darkness < 0.3) return '';
  const beam = look.sheet.linear(
    [
      [0, '#fff2b0', 0.6],
      [1, '#fff2b0', 0],
    ],
    'right',
  );
  return polygon(
    [
      { x, y },
      { x: x + 120, y: y - 14 },
      { x: x + 120, y: y + 36 },
    ],
    `fill="${beam}"`,
  );
}

export function drawCar(look: Look): string {
  const { sheet, random } = look;
  const paint = seen(look.colour ?? random.pick(['#c8372d', '#2f6db3', '#e0b23a', '#3c8f6a'] as const), look);
  const body = sheet.linear([
    [0, shade(paint, 0.3)],
    [0.45, paint],
    [1, shade(paint, -0.35)],
  ]);
  const glass = sheet.linear(
    [
      [0, seen('#d7ecf5', look)],
      [1, seen('#58788c', look)],
    ],
    'diagonal',
  );
  return [
    ellipse({ x: 0, y: 0 }, [122, 7], 'fill="#000010" opacity="0.35"'),
    path(
      'M-118 -24Q-122 -52 -98 -57L-66 -61Q-38 -97 -4 -98H22Q50 -97 74 -62Q106 -58 116 -46Q122 -36 118 -20Q116 -16 108 -16H-108Q-117 -16 -118 -24Z',
      `fill="${body}"`,
    ),
    path('M-54 -61Q-32 -89 -6 -90V-61Z', `fill="${glass}"`),
    path('M2 -61V-90H20Q42 -88 60 -61Z', `fill="${glass}"`),
    path(
      'M-2 -58V-22M-56 -58Q-60 -40 -50 -22M62 -58Q60 -34 52 -22',
      `stroke="${shade(paint, -0.45)}" stroke-width="1.4" fill="none"`,
    ),
    box({ x: 8, y: -52 }, [12, 2.6], `fill="${shade(paint, -0.45)}"`),
    box({ x: -48, y: -52 }, [12, 2.6], `fill="${shade(paint, -0.45)}"`),
    path(
      'M-104 -20Q-100 -50 -70 -50Q-42 -50 -38 -18ZM38 -18Q42 -50 72 -50Q100 -50 104 -20Z',
      `fill="${shade(paint, -0.7)}"`,
    ),
    wheel(-71, 25, look),
    wheel(71, 25, look),
    ellipse(
      { x: 113, y: -45 },
      [5.4, 7],
      `fill="${look.palette.darkness > 0.3 ? '#fff6c9' : seen('#fdf7e0', look)}"`,
    ),
    box({ x: -119, y: -52 }, [5, 12], `fill="${seen('#a3141b', look)}"`),
    lamps(look, 115, -45),
  ].join('');
}

export function drawBus(look: Look): string {
  const paint = seen(look.colour ?? '#d23c2f', look);
  const body = look.sheet.linear([
    [0, shade(paint, 0.2)],
    [0.6, paint],
    [1, shade(paint, -0.3)],
  ]);
  const panes = Array.from(
    { length: 6 },
    (_, index) =>
      `<rect x="${-102 + index * 33}" y="-84" width="28" height="28" rx="3" fill="${windowColour(look)}"/>`,
  );
  return [
    ellipse({ x: 0, y: 0 }, [116, 6], 'fill="#000010" opacity="0.35"'),
    `<rect x="-112" y="-98" width="224" height="84" rx="12" fill="${body}"/>`,
    ...panes,
    box({ x: -112, y: -46 }, [224, 7], `fill="${seen('#f7efe0', look)}"`),
    wheel(-66, 18, look),
    wheel(66, 18, look),
    circle({ x: 107, y: -28 }, 4.6, `fill="${seen('#fff3c4', look)}"`),
    lamps(look, 109, -28),
  ].join('');
}

export function drawBicycle(look: Look): string {
  const frame = seen(look.colour ?? '#c8372d', look);
  const dark = seen('#23252c', look);
  const ring = (x: number) =>
    `${circle({ x, y: -34 }, 32, `fill="none" stroke="${dark}" stroke-width="4"`)}${Array.from({ length: 12 }, (_, index) => path(`M${x} -34l${number(31 * Math.cos((index * Math.PI) / 6))} ${number(31 * Math.sin((index * Math.PI) / 6))}`, `stroke="${dark}" stroke-width="0.6" opacity="0.7"`)).join('')}`;
  return [
    ring(-50),
    ring(52),
    path(
      'M-50 -34L-22 -76L34 -76L2 -34ZM-50 -34H2L-24 -82M34 -76L52 -34M34 -76L30 -92',
      `fill="none" stroke="${frame}" stroke-width="4.6" stroke-linejoin="round"`,
    ),
    path('M-36 -84H-12', `stroke="${dark}" stroke-width="6" stroke-linecap="round"`),
    path('M30 -92Q44 -98 48 -86', `stroke="${dark}" stroke-width="4" fill="none" stroke-linecap="round"`),
    circle({ x: 2, y: -34 }, 8, `fill="none" stroke="${dark}" stroke-width="3"`),
  ].join('');
}
