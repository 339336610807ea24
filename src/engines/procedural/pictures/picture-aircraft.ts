import { mix, shade } from './picture-colour.ts';
import { windowColour } from './picture-buildings.ts';
import { seen, type Look } from './picture-plants.ts';
import { box, circle, number, path, polygon } from './picture-sheet.ts';

export function drawBalloon(look: Look): string {
  const { sheet, palette, random } = look;
  const first = seen(look.colour ?? random.pick(palette.accents), look);
  const second = mix(look.colour ? shade(look.colour, 0.62) : seen('#f8ecd0', look), palette.haze, look.far);
  const envelope =
    'M0 -100C34 -100 44 -70 36 -54C30 -42 14 -30 8 -24H-8C-14 -30 -30 -42 -36 -54C-44 -70 -34 -100 0 -100Z';
  const gores = [-30, -18, -6, 6, 18, 30].map((x, index) =>
    path(
      `M0 -101Q${x * 2.4} -70 ${number(x * 0.27)} -23L${number((x + 12) * 0.27)} -23Q${(x + 12) * 2.4} -70 0 -101Z`,
      `fill="${index % 2 === 0 ? first : second}"`,
    ),
  );
  const round = sheet.radial(
    [
      [0, '#ffffff', 0.35],
      [0.5, '#ffffff', 0],
      [1, palette.shadow, 0.45],
    ],
    { x: 0.34, y: 0.28 },
  );
  const wood = seen('#6b4a2c', look);
  return [
    `<g clip-path="${sheet.clip(path(envelope, ''))}">${path(envelope, `fill="${second}"`)}${gores.join('')}</g>`,
    path(envelope, `fill="${round}"`),
    path('M-7.4 -24L-5 -11M7.4 -24L5 -11M0 -24V-11', `stroke="${wood}" stroke-width="0.6"`),
    `<rect x="-5.6" y="-11" width="11.2" height="9.5" rx="1.6" fill="${wood}"/>`,
  ].join('');
}

export function drawPlane(look: Look): string {
  const { sheet } = look;
  const white = seen(look.colour ?? '#f5f6f8', look);
  const body = sheet.linear([
    [0, shade(white, 0.2)],
    [1, shade(white, -0.3)],
  ]);
  const dark = shade(white, -0.42);
  return `<g transform="translate(0 -50) rotate(-7)">${[
    path('M-96 -5L-118 -44H-100L-70 -12Z', `fill="${seen('#2f62b0', look)}"`),
    path('M4 -8L-26 -52H-12L44 -8Z', `fill="${dark}"`),
    path('M-108 -8Q-40 -22 70 -19Q116 -14 122 -2Q116 8 70 9Q-40 10 -108 0Z', `fill="${body}"`),
    path('M22 2L-38 54H-20L62 4Z', `fill="${shade(white, -0.22)}"`),
    path('M-92 0L-120 16H-106L-72 2Z', `fill="${dark}"`),
    ...Array.from({ length: 13 }, (_, index) =>
      box({ x: -62 + index * 11, y: -10 }, [5, 5], `fill="${windowColour(look)}"`),
    ),
    path('M96 -14Q108 -12 112 -7H98Z', `fill="${seen('#41576b', look)}"`),
  ].join('')}</g>`;
}

export function drawRocket(look: Look): string {
  const { sheet } = look;
  const white = seen('#f2f3f6', look);
  const red = seen(look.colour ?? '#d8402f', look);
  const body = sheet.linear(
    [
      [0, shade(white, -0.06)],
      [0.35, shade(white, 0.3)],
      [1, shade(white, -0.42)],
    ],
    'right',
  );
  const flame = sheet.linear([
    [0, '#fff6c2'],
    [0.4, '#ffb52e'],
    [1, '#ff4d1a', 0],
  ]);
  return `<g transform="rotate(14 0 -50)">${[
    path('M-9 -20Q-13 4 0 28Q13 4 9 -20Z', `fill="${flame}"`),
    path('M-5 -20Q-6 -2 0 10Q6 -2 5 -20Z', 'fill="#fffbe6"'),
    path('M-12 -46L-27 -22L-24 -12L-10 -24ZM12 -46L27 -22L24 -12L10 -24Z', `fill="${red}"`),
    path('M0 -104C14 -92 18 -62 12 -22H-12C-18 -62 -14 -92 0 -104Z', `fill="${body}"`),
    path('M0 -104C7 -98 11.4 -88 13 -79H-13C-11.4 -88 -7 -98 0 -104Z', `fill="${red}"`),
    circle(
      { x: 0, y: -62 },
      6.6,
      `fill="${seen('#3f8fc4', look)}" stroke="${shade(white, -0.3)}" stroke-width="2.2"`,
    ),
    box({ x: -7, y: -23 }, [14, 4], `fill="${seen('#41454f', look)}"`),
  ].join('')}</g>`;
}

export function drawKite(look: Look): string {
  const first = seen(look.colour ?? look.palette.accents[0], look);
  const second = seen(look.palette.accents[1], look);
  const bows = [0, 1, 2, 3].map((index) =>
    path(
      `M${-4 - index * 7} ${-26 + index * 10}l-6 -4v8l12 -8v8Z`,
      `fill="${index % 2 === 0 ? second : first}"`,
    ),
  );
  return `<g transform="rotate(12 0 -60)">${polygon(
    [
      { x: 0, y: -100 },
      { x: 24, y: -72 },
      { x: 0, y: -72 },
    ],
    `fill="${second}"`,
  )}${polygon(
    [
      { x: 0, y: -100 },
      { x: -24, y: -72 },
      { x: 0, y: -72 },
    ],
    `fill="${first}"`,
  )}${polygon(
    [
      { x: 24, y: -72 },
      { x: 0, y: -34 },
      { x: 0, y: -72 },
    ],
    `fill="${first}"`,
  )}${polygon(
    [
      { x: -24, y: -72 },
      { x: 0, y: -34 },
      { x: 0, y: -72 },
    ],
    `fill="${second}"`,
  )}</g>${path('M-4 -34Q-14 -20 -22 -6Q-30 6 -28 16', `stroke="${seen('#5a5a60', look)}" stroke-width="0.8" fill="none"`)}${bows.join('')}`;
}
