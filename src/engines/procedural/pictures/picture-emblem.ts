import { mix, shade } from './picture-colour.ts';
import { box, circle, number, path, polygon, type Layer } from './picture-sheet.ts';
import type { Paint } from './picture-sky.ts';
import { colourAt, ground, drawAbstract } from './picture-abstract.ts';

/** Head and shoulders, taken apart into planes of colour. It is nobody. */
export function drawPortrait(paint: Paint): Layer[] {
  const { sheet, palette } = paint;
  const random = sheet.random.fork('portrait');
  const scale = Math.min(sheet.width, sheet.height) / 100;
  const skin = mix(random.pick(['#f0c9a0', '#c98f62', '#8a5a3c'] as const), palette.accents[1], 0.12);
  const hair = mix(random.pick(['#2a2230', '#5a3424', '#8a3b2a'] as const), palette.accents[0], 0.2);
  const coat = colourAt(paint, 2);
  const halo =
    circle({ x: 50, y: 42 }, 36, `fill="${colourAt(paint, 1)}" opacity="0.85"`) +
    circle({ x: 50, y: 42 }, 29, `fill="${shade(colourAt(paint, 1), 0.35)}" opacity="0.6"`);
  const figure = [
    path('M28 22Q22 62 32 72H68Q78 62 72 22Q50 2 28 22Z', `fill="${hair}"`),
    path('M8 104Q10 80 38 75L50 82L62 75Q90 80 92 104Z', `fill="${coat}"`),
    polygon(
      [
        { x: 50, y: 82 },
        { x: 62, y: 75 },
        { x: 92, y: 104 },
        { x: 50, y: 104 },
      ],
      `fill="${shade(coat, -0.25)}"`,
    ),
    path('M42 62H58V76L50 83L42 76Z', `fill="${shade(skin, -0.22)}"`),
    path('M32 32Q32 62 50 70Q68 62 68 32Q50 16 32 32Z', `fill="${shade(skin, 0.08)}"`),
    path('M50 20Q68 20 68 34Q68 62 50 70Z', `fill="${shade(skin, -0.16)}"`),
    path('M30 36Q34 14 54 17Q70 20 70 38Q62 28 50 27Q38 28 30 36Z', `fill="${shade(hair, 0.1)}"`),
    path(
      'M37 41Q41 38 45 41M55 41Q59 38 63 41',
      `stroke="${shade(hair, -0.2)}" stroke-width="1.3" fill="none"`,
    ),
    path(
      'M38 44.5Q41 46.5 44.5 44.5M56 44.5Q59 46.5 62.5 44.5',
      `stroke="${shade(hair, -0.3)}" stroke-width="1" fill="none"`,
    ),
    path('M50 42L46.6 54Q49 56 51.4 55', `stroke="${shade(skin, -0.4)}" stroke-width="1" fill="none"`),
    path('M44 61Q50 58.4 56 61Q50 65.4 44 61Z', `fill="${mix('#b5394a', palette.accents[0], 0.4)}"`),
    circle({ x: 38, y: 54 }, 4, `fill="${palette.accents[0]}" opacity="0.28"`),
    circle({ x: 62, y: 54 }, 4, `fill="${palette.accents[0]}" opacity="0.32"`),
  ];
  const left = (sheet.width - 100 * scale) / 2;
  const top = sheet.height - 100 * scale;
  const place = (markup: string) =>
    `<g transform="translate(${number(left)} ${number(top)}) scale(${number(scale)})">${markup}</g>`;
  const [, ...ribbons] = drawAbstract(paint);
  const behind = ribbons
    .slice(0, 6)
    .map(({ markup }, index) => ({ depth: 0.1 + index * 0.02, markup: `<g opacity="0.55">${markup}</g>` }));
  return [
    { depth: 0, markup: ground(paint) },
    ...behind,
    { depth: 0.3, markup: place(halo) },
    { depth: 0.6, markup: place(figure.join('')) },
  ];
}

/** A round sign on which something may stand. */
export function drawEmblem(paint: Paint, view: readonly Layer[] | 'mark' | 'nothing'): Layer[] {
  const { sheet, palette, brief } = paint;
  const centre = { x: sheet.width / 2, y: sheet.height / 2 };
  const u = sheet.unit;
  const first = palette.accents[0];
  const paper = mix('#ffffff', palette.accents[3] ?? '#ffffff', 0.25);
  const back = box({ x: 0, y: 0 }, [sheet.width, sheet.height], `fill="${paper}"`);
  const face = sheet.linear([
    [0, shade(first, 0.2)],
    [1, shade(first, -0.22)],
  ]);
  const square =
    /^(?:[02468])$/.test(String(sheet.random.fork('emblem').below(10))) && !brief.styles.includes('minimal');
  const plate = square
    ? `<rect x="${number(centre.x - u * 36)}" y="${number(centre.y - u * 36)}" width="${number(u * 72)}" height="${number(u * 72)}" rx="${number(u * 16)}" fill="${face}"/>`
    : circle(centre, u * 37, `fill="${face}"`) +
      circle(
        centre,
        u * 33.5,
        `fill="none" stroke="${paper}" stroke-width="${number(u * 0.9)}" opacity="0.85"`,
      );
  const random = sheet.random.fork('mark');
  const sides = 3 + random.below(5);
  const mark = Array.from(
    { length: sides },
    (_, index) =>
      `<path d="M0 0Q${number(u * 9)} ${number(-u * 12)} 0 ${number(-u * 24)}Q${number(-u * 9)} ${number(-u * 12)} 0 0Z" transform="translate(${number(centre.x)} ${number(centre.y)}) rotate(${number((index * 360) / sides)})" fill="${index % 2 === 0 ? paper : shade(palette.accents[1], 0.3)}" opacity="0.95"/>`,
  );
  const signed = [
    { depth: 0, markup: back },
    { depth: 0.05, markup: plate },
  ];
  if (view === 'nothing') return signed;
  if (view === 'mark') return [...signed, { depth: 0.6, markup: mark.join('') }];
  const clip = sheet.clip(circle(centre, u * 35, ''));
  const frame = circle(
    centre,
    u * 36,
    `fill="none" stroke="${shade(first, -0.2)}" stroke-width="${number(u * 2.4)}"`,
  );
  const seenThrough = view.map(({ depth, markup }) => ({
    depth: 0.1 + depth * 0.5,
    markup: `<g clip-path="${clip}">${markup}</g>`,
  }));
  return [...signed, ...seenThrough, { depth: 0.95, markup: frame }];
}
