import { mix, shade } from './picture-colour.ts';
import { seen, type Look } from './picture-plants.ts';
import { drawFlower, drawTulip } from './picture-flowers.ts';
import { box, circle, ellipse, number, path, polygon } from './picture-sheet.ts';

/** The shadow that a thing on a table throws to the right. */
function shadow({ sheet, palette }: Look, [rx, ry]: readonly [number, number]): string {
  const fill = sheet.radial([
    [0, palette.shadow, 0.55],
    [0.55, palette.shadow, 0.38],
    [1, palette.shadow, 0],
  ]);
  return ellipse({ x: rx * 0.35, y: -ry * 0.2 }, [rx * 1.45, ry * 1.3], `fill="${fill}"`);
}

function glossy(look: Look, colour: string): string {
  return look.sheet.radial(
    [
      [0, shade(colour, 0.55)],
      [0.35, shade(colour, 0.08)],
      [0.8, shade(colour, -0.22)],
      [1, shade(colour, -0.42)],
    ],
    { x: 0.32, y: 0.26 },
  );
}

export function drawApple(look: Look): string {
  const skin = seen(look.colour ?? look.random.pick(['#c9302c', '#8db33a', '#d8503a'] as const), look);
  return [
    shadow(look, [46, 9]),
    path(
      'M0 -78C14 -92 50 -88 50 -50C50 -18 26 0 12 0Q0 -5 -12 0C-26 0 -50 -18 -50 -50C-50 -88 -14 -92 0 -78Z',
      `fill="${glossy(look, skin)}"`,
    ),
    ellipse({ x: 0, y: -78 }, [12, 4], `fill="${shade(skin, -0.4)}" opacity="0.6"`),
    path(
      'M0 -76Q0 -92 8 -100',
      `stroke="${seen('#5a3a22', look)}" stroke-width="3.4" fill="none" stroke-linecap="round"`,
    ),
    path('M3 -86Q20 -104 36 -94Q24 -80 3 -86Z', `fill="${seen('#5f9a3c', look)}"`),
    ellipse({ x: -22, y: -62 }, [7, 12], 'fill="#ffffff" opacity="0.35" transform="rotate(18 -22 -62)"'),
  ].join('');
}

export function drawPear(look: Look): string {
  const skin = seen(look.colour ?? '#b9b23c', look);
  return [
    shadow(look, [38, 8]),
    path(
      'M0 -92C14 -92 16 -72 22 -58C30 -44 40 -38 40 -22C40 -6 22 0 0 0C-22 0 -40 -6 -40 -22C-40 -38 -30 -44 -22 -58C-16 -72 -14 -92 0 -92Z',
      `fill="${glossy(look, skin)}"`,
    ),
    path(
      'M0 -90Q2 -98 9 -101',
      `stroke="${seen('#5a3a22', look)}" stroke-width="3" fill="none" stroke-linecap="round"`,
    ),
    ellipse({ x: -13, y: -44 }, [5, 14], 'fill="#ffffff" opacity="0.28" transform="rotate(14 -13 -44)"'),
  ].join('');
}

export function drawOrange(look: Look): string {
  const skin = seen(look.colour ?? '#ee8a1d', look);
  const pores = Array.from({ length: look.sheet.many(46) }, () => {
    const angle = look.random.between(0, 6.28);
    const away = 42 * Math.sqrt(look.random.unit());
    return circle(
      { x: Math.cos(angle) * away, y: -48 + Math.sin(angle) * away },
      0.9,
      `fill="${shade(skin, -0.25)}" opacity="0.5"`,
    );
  });
  return [
    shadow(look, [44, 9]),
    circle({ x: 0, y: -48 }, 48, `fill="${glossy(look, skin)}"`),
    ...pores,
    ellipse({ x: 6, y: -92 }, [5, 2.4], `fill="${seen('#5c7a2c', look)}"`),
  ].join('');
}

export function drawLemon(look: Look): string {
  const skin = seen(look.colour ?? '#f1d22f', look);
  return (
    shadow(look, [66, 11]) +
    path(
      'M-84 -46Q-72 -52 -62 -68Q-34 -102 12 -98Q52 -94 66 -66Q74 -54 88 -50Q76 -42 66 -30Q44 2 0 0Q-46 -2 -64 -28Q-72 -40 -84 -46Z',
      `fill="${glossy(look, skin)}"`,
    )
  );
}

export function drawBottle(look: Look): string {
  const glass = seen(look.colour ?? '#2f6b4a', look);
  const fill = look.sheet.linear(
    [
      [0, shade(glass, -0.35)],
      [0.2, shade(glass, 0.3)],
      [0.4, glass],
      [1, shade(glass, -0.5)],
    ],
    'right',
  );
  return [
    shadow(look, [19, 5]),
    path(
      'M-14 0V-52C-14 -64 -5 -66 -5 -76V-95H5V-76C5 -66 14 -64 14 -52V0Q0 4 -14 0Z',
      `fill="${fill}" opacity="0.95"`,
    ),
    box({ x: -5.8, y: -100 }, [11.6, 10], `fill="${seen('#8a5a34', look)}"`),
    box({ x: -14, y: -42 }, [28, 22], `fill="${seen('#f3e8cd', look)}"`),
    path('M-9 -35h18M-9 -30h18M-6 -25h12', `stroke="${shade(glass, -0.2)}" stroke-width="1"`),
    path('M-9.4 -54V-4', 'stroke="#ffffff" stroke-width="2" opacity="0.35"'),
  ].join('');
}

export function drawCup(look: Look): string {
  const china = seen(look.colour ?? look.random.pick(['#f3efe6', '#c85a3e', '#3f7a8a'] as const), look);
  const fill = look.sheet.linear(
    [
      [0, shade(china, 0.25)],
      [0.35, china],
      [1, shade(china, -0.38)],
    ],
    'right',
  );
  const steam = [-14, 2, 18].map((x) =>
    path(
      `M${x} -100C${x - 12} -114 ${x + 12} -124 ${x} -142`,
      `stroke="#ffffff" stroke-width="4" fill="none" opacity="0.3" stroke-linecap="round"`,
    ),
  );
  return [
    shadow(look, [58, 10]),
    ellipse({ x: 0, y: -5 }, [72, 11], `fill="${shade(china, -0.12)}"`),
    ellipse({ x: 0, y: -8 }, [64, 8.4], `fill="${shade(china, 0.12)}"`),
    path(
      'M46 -76Q84 -82 78 -52Q72 -28 34 -30',
      `stroke="${shade(china, -0.16)}" stroke-width="9" fill="none"`,
    ),
    path('M-50 -88C-50 -40 -34 -10 -22 -8H22C34 -10 50 -40 50 -88Z', `fill="${fill}"`),
    ellipse({ x: 0, y: -88 }, [50, 10], `fill="${shade(china, 0.2)}"`),
    ellipse({ x: 0, y: -86.6 }, [44, 7.6], `fill="${seen('#4a2b18', look)}"`),
    ...steam,
  ].join('');
}

export function drawCandle(look: Look): string {
  const wax = seen(look.colour ?? '#f4ead2', look);
  const fill = look.sheet.linear(
    [
      [0, shade(wax, 0.1)],
      [1, shade(wax, -0.3)],
    ],
    'right',
  );
  const glow = look.sheet.radial([
    [0, '#ffdf8a', 0.75],
    [0.4, '#ffb94a', 0.22],
    [1, '#ffb94a', 0],
  ]);
  return [
    shadow(look, [20, 5]),
    ellipse({ x: 0, y: -1 }, [22, 4.6], `fill="${seen('#a98038', look)}"`),
    `<rect x="-10" y="-68" width="20" height="67" rx="2" fill="${fill}"/>`,
    path('M-10 -66q3 14 5 2q3 9 5 -2q4 16 6 0l4 -2v-2h-20Z', `fill="${shade(wax, 0.3)}"`),
    path('M0 -68V-75', `stroke="${seen('#2a2420', look)}" stroke-width="1.4"`),
    circle({ x: 0, y: -84 }, 46, `fill="${glow}"`),
    path('M0 -100C8 -88 7 -76 0 -74C-7 -76 -8 -88 0 -100Z', 'fill="#ffc247"'),
    path('M0 -91C4 -84 3.6 -77 0 -75C-3.6 -77 -4 -84 0 -91Z', 'fill="#fffbe0"'),
  ].join('');
}

export function drawBook(look: Look): string {
  const cover = seen(look.colour ?? look.random.pick(['#7d2f34', '#2f4f6d', '#3f6b4a'] as const), look);
  return [
    shadow(look, [150, 22]),
    polygon(
      [
        { x: -140, y: -100 },
        { x: 130, y: -100 },
        { x: 160, y: -60 },
        { x: -130, y: -60 },
      ],
      `fill="${shade(cover, 0.12)}"`,
    ),
    path('M-130 -60H160V-6H-130Q-152 -30 -130 -60Z', `fill="${seen('#efe4c8', look)}"`),
    path('M-128 -46H158M-128 -34H158M-128 -20H158', `stroke="${seen('#b9a982', look)}" stroke-width="2"`),
    path('M-130 -60H160V-68L-132 -66Q-164 -30 -130 0H160V-8H-130Q-150 -32 -130 -60Z', `fill="${cover}"`),
  ].join('');
}

export function drawVase(look: Look): string {
  const { sheet, random } = look;
  const clay = seen(look.colour ?? look.palette.accents[2] ?? '#3f7a8a', look);
  const fill = sheet.linear(
    [
      [0, shade(clay, 0.28)],
      [0.35, clay],
      [1, shade(clay, -0.42)],
    ],
    'right',
  );
  const blooms = [
    [-13, 0.47, -20],
    [11, 0.5, 19],
    [-4, 0.56, -7],
    [5, 0.52, 7],
    [0, 0.6, 0],
  ].map(([x = 0, scale = 1, turn = 0], index) => {
    const { colour: _, ...rest } = look;
    const bloom: Look = { ...rest, random: random.fork('bloom', index) };
    const drawn = index % 2 === 0 ? drawFlower(bloom) : drawTulip(bloom);
    return `<g transform="translate(${number(x * 0.45)} -38) rotate(${turn}) scale(${scale})">${drawn}</g>`;
  });
  return [
    shadow(look, [22, 5]),
    ...blooms,
    path(
      'M-8 -46C-6 -38 -21 -34 -21 -18C-21 -6 -12 0 -9 0H9C12 0 21 -6 21 -18C21 -34 6 -38 8 -46Z',
      `fill="${fill}"`,
    ),
    ellipse({ x: 0, y: -46 }, [8, 1.8], `fill="${shade(clay, -0.45)}"`),
    path(
      'M-20 -22Q0 -16 20 -22',
      `stroke="${mix(shade(clay, 0.5), clay, 0.3)}" stroke-width="1.6" fill="none" opacity="0.7"`,
    ),
  ].join('');
}

export function drawHeart(look: Look): string {
  const red = seen(look.colour ?? '#dc2f4b', look);
  return path(
    'M0 -4C-60 -42 -56 -96 -24 -98C-10 -98 -2 -88 0 -80C2 -88 10 -98 24 -98C56 -96 60 -42 0 -4Z',
    `fill="${glossy(look, red)}"`,
  );
}
