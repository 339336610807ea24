import { shade } from './picture-colour.ts';
import { box, circle, ellipse, number, path, type Layer } from './picture-sheet.ts';
import type { Paint } from './picture-sky.ts';

/** Stars, clouds of gas and planets. */
export function drawSpace(paint: Paint): Layer[] {
  const { sheet, palette, brief } = paint;
  const random = sheet.random.fork('space');
  const [w, h] = [sheet.width, sheet.height];
  const gas =
    brief.colours.length > 0 ? palette.accents : (['#6a3bd1', '#1f7fd6', '#d13b8f', '#1fb5b5'] as const);
  const back = box(
    { x: 0, y: 0 },
    [w, h],
    `fill="${sheet.linear(
      [
        [0, '#05060f'],
        [0.5, '#0b0d22'],
        [1, '#04050c'],
      ],
      'diagonal',
    )}"`,
  );
  const clouds = Array.from({ length: sheet.many(26) }, (_, index) => {
    const along = random.unit();
    const centre = { x: w * along, y: h * (0.8 - 0.6 * along) + random.normal() * h * 0.12 };
    const r = sheet.unit * random.between(12, 34);
    const fill = sheet.radial([
      [0, gas[index % gas.length] ?? '#6a3bd1', 0.34],
      [1, gas[index % gas.length] ?? '#6a3bd1', 0],
    ]);
    return ellipse(
      centre,
      [r * 1.4, r],
      `fill="${fill}" transform="rotate(-30 ${number(centre.x)} ${number(centre.y)})"`,
    );
  });
  const stars = Array.from({ length: sheet.many(480) }, () => {
    const bright = random.unit() ** 5;
    return circle(
      { x: random.unit() * w, y: random.unit() * h },
      sheet.unit * (0.09 + 0.4 * bright),
      `fill="${random.pick(['#ffffff', '#cfe0ff', '#ffe9c9', '#ffd6d6'] as const)}" opacity="${number(0.35 + 0.65 * random.unit())}"`,
    );
  });
  const flares = Array.from({ length: 6 }, () => {
    const at = { x: random.unit() * w, y: random.unit() * h };
    const r = sheet.unit * random.between(1.4, 3.2);
    return `${circle(
      at,
      r * 1.2,
      `fill="${sheet.radial([
        [0, '#ffffff', 0.8],
        [1, '#bcd4ff', 0],
      ])}"`,
    )}${path(`M${number(at.x - r * 2)} ${number(at.y)}h${number(r * 4)}M${number(at.x)} ${number(at.y - r * 2)}v${number(r * 4)}`, `stroke="#ffffff" stroke-width="${number(sheet.unit * 0.12)}" opacity="0.7"`)}`;
  });
  return [
    { depth: 0, markup: back },
    { depth: 0.05, markup: `<g filter="${sheet.blur(sheet.unit * 1.5)}">${clouds.join('')}</g>` },
    { depth: 0.1, markup: stars.join('') + flares.join('') },
    ...planets(paint),
  ];
}

function planets({ sheet, brief }: Paint): Layer[] {
  const random = sheet.random.fork('planets');
  if (brief.styles.includes('minimal') && brief.subjects.length > 0) return [];
  const kinds = ['#d99a5b', '#5b8fd9', '#b5536a', '#7fb08a'] as const;
  const places = [
    [0.72, 0.36, 17],
    [0.2, 0.7, 7],
    [0.36, 0.18, 3.6],
  ] as const;
  return places.map(([x, y, size], index) => {
    const centre = {
      x: sheet.width * (x + random.signed() * 0.06),
      y: sheet.height * (y + random.signed() * 0.05),
    };
    const r = sheet.unit * size;
    const colour =
      (index === 0 ? brief.colours[0] : undefined) ??
      kinds[(index + random.below(2)) % kinds.length] ??
      '#d99a5b';
    const face = circle(centre, r, `fill="${colour}"`);
    const clip = sheet.clip(circle(centre, r, ''));
    const bands = Array.from({ length: 11 }, (_, band) => {
      const at = centre.y - r + (2 * r * band) / 11;
      const wave = r * 0.1 * random.signed();
      return path(
        `M${number(centre.x - r)} ${number(at)}Q${number(centre.x)} ${number(at + r * 0.16 + wave)} ${number(centre.x + r)} ${number(at + wave)}`,
        `stroke="${shade(colour, random.between(-0.3, 0.35))}" stroke-width="${number(r * random.between(0.06, 0.2))}" fill="none" opacity="0.6"`,
      );
    });
    const dark = sheet.radial(
      [
        [0, '#ffffff', 0.28],
        [0.45, '#000000', 0.05],
        [0.85, '#00000a', 0.8],
        [1, '#00000a', 0.92],
      ],
      { x: 0.28, y: 0.26 },
    );
    const ring = (half: string) =>
      index === 0
        ? `<g transform="rotate(-18 ${number(centre.x)} ${number(centre.y)})" fill="none" opacity="0.85">${path(`M${number(centre.x - r * 1.75)} ${number(centre.y)}A${number(r * 1.75)} ${number(r * 0.42)} 0 0 ${half} ${number(centre.x + r * 1.75)} ${number(centre.y)}`, `stroke="#e8d3ad" stroke-width="${number(r * 0.13)}" opacity="0.8"`)}${path(`M${number(centre.x - r * 1.5)} ${number(centre.y)}A${number(r * 1.5)} ${number(r * 0.34)} 0 0 ${half} ${number(centre.x + r * 1.5)} ${number(centre.y)}`, `stroke="#b99a70" stroke-width="${number(r * 0.1)}" opacity="0.7"`)}</g>`
        : '';
    const glow = circle(
      centre,
      r * 1.12,
      `fill="${sheet.radial([
        [0, colour, 0.6],
        [0.86, colour, 0.35],
        [1, colour, 0],
      ])}"`,
    );
    return {
      depth: 0.3 + index * 0.1,
      markup: `${glow}${ring('1')}${face}<g clip-path="${clip}">${bands.join('')}</g>${circle(centre, r * 1.005, `fill="${dark}"`)}${ring('0')}`,
    };
  });
}
