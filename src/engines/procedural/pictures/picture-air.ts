import { mix, shade } from './picture-colour.ts';
import { box, circle, number, path, type Layer } from './picture-sheet.ts';
import type { Paint } from './picture-sky.ts';

/** What falls in front of everything: rain or snow, and fog in the air. */
export function drawAir(paint: Paint, horizon: number): Layer[] {
  const { brief } = paint;
  if (brief.weather === 'fog')
    return [
      { depth: 0.55, markup: fog(paint, horizon) },
      { depth: 0.9, markup: fog(paint, horizon * 1.25) },
    ];
  if (brief.weather === 'rain' || brief.weather === 'storm') return [{ depth: 0.97, markup: rain(paint) }];
  return brief.weather === 'snow' ? [{ depth: 0.97, markup: snow(paint) }] : [];
}

export function rain({ sheet, palette }: Paint): string {
  const random = sheet.random.fork('rain');
  const strokes = Array.from({ length: sheet.many(260) }, () => {
    const length = sheet.unit * random.between(2.5, 7);
    const from = { x: random.unit() * sheet.width * 1.1, y: random.between(-0.05, 1) * sheet.height };
    const opacity = number(random.between(0.15, 0.5));
    return path(
      `M${number(from.x)} ${number(from.y)}l${number(-length * 0.22)} ${number(length)}`,
      `stroke-width="${number(sheet.unit * random.between(0.08, 0.2))}" opacity="${opacity}"`,
    );
  });
  return `<g stroke="${shade(palette.light, 0.4)}" fill="none">${strokes.join('')}</g>`;
}

export function snow({ sheet }: Paint): string {
  const random = sheet.random.fork('snow');
  return Array.from({ length: sheet.many(240) }, () => {
    const near = random.unit() ** 2;
    const at = { x: random.unit() * sheet.width, y: random.unit() * sheet.height };
    return circle(
      at,
      sheet.unit * (0.18 + 0.75 * near),
      `fill="#ffffff" opacity="${number(random.between(0.55, 0.95) - near * 0.3)}"`,
    );
  }).join('');
}

export function fog({ sheet, palette }: Paint, y: number): string {
  const veil = mix(palette.haze, '#ffffff', 0.15);
  const fill = sheet.linear([
    [0, veil, 0],
    [0.45, veil, 0.72],
    [1, veil, 0.1],
  ]);
  return box({ x: 0, y: y - sheet.height * 0.28 }, [sheet.width, sheet.height * 0.5], `fill="${fill}"`);
}
