import { mix, shade } from './picture-colour.ts';
import { seen, type Look } from './picture-plants.ts';
import { circle, ellipse, number, path, polygon } from './picture-sheet.ts';

/** A cat that sits with its back to us and looks into the distance. */
export function drawCat(look: Look): string {
  const fur = seen(look.colour ?? look.random.pick(['#2b2a30', '#4a3a32', '#c47a3a'] as const), look);
  const rim = mix(fur, look.palette.light, 0.35);
  const inner = shade(fur, -0.2);
  return [
    ellipse({ x: 2, y: 0 }, [36, 5], 'fill="#000010" opacity="0.3"'),
    path('M18 -8C46 -10 50 -34 40 -44C36 -48 30 -44 34 -38C40 -28 32 -18 14 -18Z', `fill="${inner}"`),
    path(
      'M-26 0C-30 -24 -22 -44 -15 -56C-10 -64 10 -64 15 -56C22 -44 30 -24 26 0C18 4 -18 4 -26 0Z',
      `fill="${fur}"`,
    ),
    path(
      'M-21 -76L-23 -100L-9 -90Q0 -93 9 -90L23 -100L21 -76C22 -62 12 -55 0 -55C-12 -55 -22 -62 -21 -76Z',
      `fill="${fur}"`,
    ),
    path(
      'M-19.5 -88L-20.5 -95L-14 -90.6ZM19.5 -88L20.5 -95L14 -90.6Z',
      `fill="${mix(fur, '#d99a9a', 0.35)}"`,
    ),
    path(
      'M-26 -2C-30 -24 -22 -44 -15 -57M-21 -74L-22.6 -98',
      `stroke="${rim}" stroke-width="1.6" fill="none" opacity="0.75"`,
    ),
    path('M0 -4V-22', `stroke="${inner}" stroke-width="1.4" opacity="0.6"`),
  ].join('');
}

/** A figure seen from behind. */
export function drawPerson(look: Look): string {
  const coat = seen(
    look.colour ?? look.random.pick(['#2f4a6d', '#7a3b34', '#3d5a45', '#c79a3b'] as const),
    look,
  );
  const trousers = seen('#2d303a', look);
  const hair = seen(look.random.pick(['#3a2a20', '#1f1c1c', '#7a5530'] as const), look);
  return [
    ellipse({ x: 0, y: 0 }, [17, 3], 'fill="#000010" opacity="0.3"'),
    path('M-9 -44L-8 -1H-1.4L0 -36L1.4 -1H8L9 -44Z', `fill="${trousers}"`),
    path(
      'M-13 -38Q-15 -66 -11 -78Q-6 -83 0 -83Q6 -83 11 -78Q15 -66 13 -38Q0 -34 -13 -38Z',
      `fill="${look.sheet.linear([
        [0, shade(coat, 0.14)],
        [1, shade(coat, -0.2)],
      ])}"`,
    ),
    path(
      'M-11.6 -76Q-19 -60 -16 -42M11.6 -76Q19 -60 16 -42',
      `stroke="${shade(coat, -0.12)}" stroke-width="5.4" fill="none" stroke-linecap="round"`,
    ),
    circle({ x: 0, y: -91 }, 8.2, `fill="${hair}"`),
    path('M-4 -84h8v4h-8Z', `fill="${seen('#c99775', look)}"`),
  ].join('');
}

/** A bird on the wing. */
export function drawBird(look: Look): string {
  const ink = seen(look.colour ?? '#2f3440', look);
  const lift = look.random.between(-12, 22);
  const pale = mix(ink, look.palette.light, 0.2);
  return `<g transform="translate(0 -50) rotate(${number(look.random.signed() * 10)})">${[
    path(
      `M-4 -2C-30 ${-22 - lift} -62 ${-34 - lift} -98 ${-14 - lift}C-70 ${-18 - lift} -38 ${4 - lift * 0.3} -6 14Z`,
      `fill="${pale}"`,
    ),
    path(
      `M2 -4C24 ${-26 - lift} 52 ${-44 - lift} 92 ${-30 - lift}C64 ${-28 - lift} 38 ${-2 - lift * 0.3} 14 12Z`,
      `fill="${ink}"`,
    ),
    path('M-44 20C-24 6 -8 -6 14 -6C28 -8 38 -6 46 0C36 8 20 14 2 15C-14 17 -28 20 -48 26Z', `fill="${ink}"`),
    polygon(
      [
        { x: 44, y: -4 },
        { x: 58, y: 2 },
        { x: 43, y: 4 },
      ],
      `fill="${seen('#e0a030', look)}"`,
    ),
    circle({ x: 37, y: -2 }, 1.6, 'fill="#ffffff"'),
  ].join('')}</g>`;
}

export function drawButterfly(look: Look): string {
  const { random, palette, sheet } = look;
  const wing = seen(
    look.colour ?? random.pick([palette.accents[0], palette.accents[1], '#e8852a'] as const),
    look,
  );
  const dark = seen('#2a2026', look);
  const fill = sheet.radial([
    [0, shade(wing, 0.35)],
    [0.75, wing],
    [1, shade(wing, -0.35)],
  ]);
  const half = [
    path(
      'M0 -50C14 -92 52 -108 62 -92C70 -76 44 -50 2 -46Z',
      `fill="${fill}" stroke="${dark}" stroke-width="2.4"`,
    ),
    path(
      'M2 -46C30 -48 50 -34 46 -18C40 -2 14 -18 1 -40Z',
      `fill="${fill}" stroke="${dark}" stroke-width="2.4"`,
    ),
    circle({ x: 44, y: -82 }, 5, `fill="${shade(wing, 0.7)}"`),
    circle({ x: 34, y: -26 }, 4, `fill="${shade(wing, 0.7)}"`),
  ].join('');
  return `<g transform="rotate(${number(random.signed() * 24)} 0 -50)">${half}<g transform="scale(-1 1)">${half}</g>${ellipse({ x: 0, y: -46 }, [3, 19], `fill="${dark}"`)}${path('M0 -64Q-6 -80 -13 -84M0 -64Q6 -80 13 -84', `stroke="${dark}" stroke-width="1.2" fill="none"`)}</g>`;
}

export function drawFish(look: Look): string {
  const { random, palette, sheet } = look;
  const skin = seen(
    look.colour ?? random.pick([palette.accents[0], palette.accents[1], '#f08a24', '#f4c430'] as const),
    look,
  );
  const body = sheet.linear([
    [0, shade(skin, 0.3)],
    [0.6, skin],
    [1, shade(skin, -0.3)],
  ]);
  const flip = random.chance(0.5) ? -1 : 1;
  const shape = 'M74 -50C52 -86 -10 -92 -52 -52C-10 -10 52 -14 74 -50Z';
  const bands = [-18, 16, 48].map((x) =>
    path(
      `M${x} -100Q${x + 9} -50 ${x} 0h8Q${x + 18} -50 ${x + 8} -100Z`,
      `fill="${shade(skin, 0.75)}" opacity="0.85"`,
    ),
  );
  return `<g transform="scale(${flip} 1)">${[
    path('M-46 -52L-92 -84Q-80 -52 -90 -20Z', `fill="${shade(skin, -0.15)}"`),
    path('M-16 -76Q8 -106 34 -78Z', `fill="${shade(skin, -0.22)}"`),
    path('M0 -24Q10 -2 26 -20Z', `fill="${shade(skin, -0.22)}"`),
    path(shape, `fill="${body}"`),
    `<g clip-path="${sheet.clip(path(shape, ''))}">${bands.join('')}</g>`,
    circle({ x: 54, y: -58 }, 7, 'fill="#ffffff"'),
    circle({ x: 56, y: -58 }, 3.8, 'fill="#14161c"'),
    path('M8 -46Q22 -38 12 -30Q4 -38 8 -46Z', `fill="${shade(skin, -0.3)}"`),
  ].join('')}</g>`;
}

export function drawJellyfish(look: Look): string {
  const { random, sheet } = look;
  const glow = seen(look.colour ?? random.pick(['#e58ad0', '#8fb7ff', '#ffb3a0'] as const), look);
  const bell = sheet.radial(
    [
      [0, shade(glow, 0.6), 0.95],
      [0.6, glow, 0.75],
      [1, glow, 0.35],
    ],
    { x: 0.45, y: 0.3 },
  );
  const arms = Array.from({ length: 9 }, (_, index) => {
    const x = -20 + index * 5;
    const wave = random.between(4, 9) * (index % 2 === 0 ? 1 : -1);
    return path(
      `M${x} -58C${x + wave} -44 ${x - wave} -30 ${number(x + wave * 0.4)} ${number(-14 + random.unit() * 14)}`,
      `stroke="${glow}" stroke-width="${number(random.between(0.9, 2.4))}" fill="none" opacity="0.65"`,
    );
  });
  return [
    ...arms,
    path(
      'M-28 -58C-34 -88 -16 -100 0 -100C16 -100 34 -88 28 -58Q21 -64 14 -58Q7 -64 0 -58Q-7 -64 -14 -58Q-21 -64 -28 -58Z',
      `fill="${bell}"`,
    ),
    ellipse({ x: -7, y: -86 }, [8, 5], 'fill="#ffffff" opacity="0.45"'),
  ].join('');
}

/** A whale that comes up: its back, its tail and its breath. */
export function drawWhale(look: Look): string {
  const skin = seen(look.colour ?? '#3b5a78', look);
  const fill = look.sheet.linear([
    [0, shade(skin, 0.22)],
    [1, shade(skin, -0.35)],
  ]);
  const spray = seen('#e9f4fa', look);
  return [
    path(
      'M38 -52Q36 -76 26 -88M40 -52Q40 -80 40 -98M42 -52Q46 -76 56 -86',
      `stroke="${spray}" stroke-width="3" fill="none" stroke-linecap="round" opacity="0.8"`,
    ),
    path('M-96 2C-92 -10 -98 -40 -112 -60Q-96 -58 -88 -46Q-82 -60 -64 -64Q-78 -40 -76 2Z', `fill="${fill}"`),
    path('M-52 2C-30 -34 10 -56 50 -50C82 -46 98 -24 102 2Z', `fill="${fill}"`),
    circle({ x: 78, y: -17 }, 2.4, 'fill="#10141c"'),
    path('M98 -8Q78 -2 58 -8', `stroke="${shade(skin, -0.4)}" stroke-width="1.6" fill="none"`),
  ].join('');
}
