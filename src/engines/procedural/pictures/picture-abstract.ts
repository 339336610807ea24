import { mix, saturate, shade, turnHue } from './picture-colour.ts';
import { box, circle, ellipse, number, path, polygon, smoothPath, type Layer } from './picture-sheet.ts';
import type { Paint } from './picture-sky.ts';

export function colourAt({ palette }: Paint, index: number): string {
  return palette.accents[index % palette.accents.length] ?? palette.accents[0];
}

export function ground({ sheet, palette, brief }: Paint): string {
  const [first, second] =
    brief.colours.length > 0
      ? [shade(palette.accents[0], 0.78), shade(palette.accents[1], 0.6)]
      : [palette.sky[2], palette.sky[1]];
  return box(
    { x: 0, y: 0 },
    [sheet.width, sheet.height],
    `fill="${sheet.linear(
      [
        [0, first],
        [1, second],
      ],
      'diagonal',
    )}"`,
  );
}

/** Ribbons that flow along a field of noise. */
export function drawAbstract(paint: Paint): Layer[] {
  const { sheet } = paint;
  const random = sheet.random.fork('abstract');
  const bands = Array.from({ length: sheet.many(13) }, (_, index) => {
    const from = random.between(-0.1, 1.1) * sheet.height;
    const wide = sheet.unit * random.between(2, 13);
    const line = (offset: number) =>
      Array.from({ length: 13 }, (__, step) => ({
        x: (sheet.width * (step - 0.5)) / 11.5,
        y: from + offset + sheet.unit * 26 * sheet.rough(step / 5 + index * 0.13, index * 0.37, 2),
      }));
    const [upper, lower] = [line(-wide), line(wide)];
    const colour = turnHue(colourAt(paint, index), random.signed() * 9);
    const fill = sheet.linear(
      [
        [0, shade(colour, 0.28)],
        [0.5, colour],
        [1, shade(colour, -0.28)],
      ],
      random.chance(0.5) ? 'right' : 'diagonal',
    );
    const body = `${smoothPath(upper)}${smoothPath(lower.toReversed()).replace('M', 'L')}Z`;
    const shadow = path(
      body,
      `fill="#05060c" opacity="0.14" transform="translate(0 ${number(sheet.unit * 1.3)})"`,
    );
    const edge = path(
      smoothPath(upper),
      `stroke="${shade(colour, 0.62)}" stroke-width="${number(sheet.unit * 0.22)}" fill="none" opacity="0.8"`,
    );
    return {
      depth: 0.15 + (0.7 * index) / 13,
      markup: shadow + path(body, `fill="${fill}" opacity="0.93"`) + edge,
    };
  });
  const dots = Array.from({ length: sheet.many(22) }, (_, index) =>
    circle(
      { x: random.unit() * sheet.width, y: random.unit() * sheet.height },
      sheet.unit * random.betweenOctaves(0.3, 2.4),
      `fill="${shade(colourAt(paint, index), 0.3)}" opacity="0.85"`,
    ),
  );
  return [{ depth: 0, markup: ground(paint) }, ...bands, { depth: 0.92, markup: dots.join('') }];
}

/** Circles, arcs, bars and triangles, set against one another. */
export function drawGeometric(paint: Paint): Layer[] {
  const { sheet, palette } = paint;
  const random = sheet.random.fork('geometric');
  const paper = mix('#f4ead7', palette.accents[3] ?? '#f4ead7', 0.5);
  const u = sheet.unit;
  const shapes = Array.from({ length: sheet.many(16) }, (_, index): Layer => {
    const centre = {
      x: sheet.width * random.between(0.08, 0.92),
      y: sheet.height * random.between(0.08, 0.92),
    };
    const size = u * random.betweenOctaves(4, 26) * (index < 3 ? 1.2 : 0.8);
    const colour = colourAt(paint, index + random.below(2));
    const turn = random.below(8) * 45;
    const forms = [
      circle({ x: 0, y: 0 }, size, `fill="${colour}"`),
      path(
        `M${number(-size)} 0A${number(size)} ${number(size)} 0 0 1 ${number(size)} 0Z`,
        `fill="${colour}"`,
      ),
      polygon(
        [
          { x: -size, y: size * 0.7 },
          { x: size, y: size * 0.7 },
          { x: 0, y: -size },
        ],
        `fill="${colour}"`,
      ),
      box({ x: -size * 1.8, y: -size * 0.12 }, [size * 3.6, size * 0.24], `fill="${shade(colour, -0.1)}"`),
      box({ x: -size * 0.75, y: -size * 0.75 }, [size * 1.5, size * 1.5], `fill="${colour}"`),
      circle(
        { x: 0, y: 0 },
        size * 0.8,
        `fill="none" stroke="${colour}" stroke-width="${number(size * 0.28)}"`,
      ),
    ];
    const form = forms[random.below(forms.length)] ?? forms[0] ?? '';
    return {
      depth: 0.15 + (0.75 * index) / 16,
      markup: `<g transform="translate(${number(centre.x)} ${number(centre.y)}) rotate(${turn})" opacity="0.9">${form}</g>`,
    };
  });
  const lines = Array.from(
    { length: 5 },
    () => `M${number(random.unit() * sheet.width)} 0L${number(random.unit() * sheet.width)} ${sheet.height}`,
  );
  return [
    {
      depth: 0,
      markup:
        box({ x: 0, y: 0 }, [sheet.width, sheet.height], `fill="${paper}"`) +
        path(
          lines.join(''),
          `stroke="${mix(palette.shadow, paper, 0.35)}" stroke-width="${number(u * 0.3)}" opacity="0.7"`,
        ),
    },
    ...shapes,
  ];
}

/** One tile, repeated so that its edges meet. */
export function drawPattern(paint: Paint): Layer[] {
  const { sheet, palette } = paint;
  const random = sheet.random.fork('pattern');
  const columns = Math.max(3, Math.round((sheet.width / sheet.unit) * 0.07));
  const size = sheet.width / columns;
  const rows = Math.ceil(sheet.height / size);
  const kind = random.below(4);
  const tiles: string[] = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      tiles.push(
        `<g transform="translate(${number((column + 0.5) * size)} ${number((row + 0.5) * size)}) scale(${number(size / 100)})">${tile(paint, kind, row + column)}</g>`,
      );
    }
  }
  const base = mix(palette.accents[3] ?? '#f5ead6', '#ffffff', 0.25);
  return [
    { depth: 0, markup: box({ x: 0, y: 0 }, [sheet.width, rows * size], `fill="${base}"`) },
    { depth: 0.5, markup: tiles.join('') },
  ];
}

function tile(paint: Paint, kind: number, index: number): string {
  const first = colourAt(paint, index % 2);
  const second = colourAt(paint, 2 + (index % 2));
  const third = colourAt(paint, 1);
  const petal = (turn: number, colour: string) =>
    `<path d="M0 0Q24 -24 0 -48Q-24 -24 0 0Z" transform="rotate(${turn})" fill="${colour}"/>`;
  const kinds = [
    [0, 90, 180, 270].map((turn) => petal(turn, first)).join('') +
      [45, 135, 225, 315].map((turn) => petal(turn, second)).join('') +
      circle({ x: 0, y: 0 }, 9, `fill="${third}"`),
    path(
      'M-50 -50A50 50 0 0 1 0 0A50 50 0 0 1 -50 -50ZM50 50A50 50 0 0 1 0 0A50 50 0 0 1 50 50Z',
      `fill="${first}"`,
    ) +
      path(
        'M50 -50A50 50 0 0 1 0 0A50 50 0 0 1 50 -50ZM-50 50A50 50 0 0 1 0 0A50 50 0 0 1 -50 50Z',
        `fill="${second}"`,
      ) +
      circle({ x: 0, y: 0 }, 8, `fill="${third}"`),
    [46, 36, 26, 16, 7]
      .map((r, ring) => path(`M${-r} 50A${r} ${r} 0 0 1 ${r} 50Z`, `fill="${colourAt(paint, ring + index)}"`))
      .join('') +
      [46, 36, 26, 16, 7]
        .map((r, ring) =>
          path(`M${-r} 0A${r} ${r} 0 0 1 ${r} 0Z`, `fill="${colourAt(paint, ring + index + 1)}"`),
        )
        .join(''),
    polygon(
      [
        { x: 0, y: -50 },
        { x: 50, y: 0 },
        { x: 0, y: 50 },
        { x: -50, y: 0 },
      ],
      `fill="${first}"`,
    ) +
      polygon(
        [
          { x: 0, y: -30 },
          { x: 30, y: 0 },
          { x: 0, y: 30 },
          { x: -30, y: 0 },
        ],
        `fill="${second}"`,
      ) +
      polygon(
        [
          { x: 0, y: -12 },
          { x: 12, y: 0 },
          { x: 0, y: 12 },
          { x: -12, y: 0 },
        ],
        `fill="${third}"`,
      ),
  ];
  return kinds[kind] ?? '';
}

/** Colours that run into one another. */
export function drawGradient(paint: Paint): Layer[] {
  const { sheet } = paint;
  const random = sheet.random.fork('gradient');
  const back = box(
    { x: 0, y: 0 },
    [sheet.width, sheet.height],
    `fill="${sheet.linear(
      [
        [0, colourAt(paint, 0)],
        [1, colourAt(paint, 1)],
      ],
      'diagonal',
    )}"`,
  );
  const wide = Math.max(sheet.width, sheet.height);
  const glows = Array.from({ length: 9 }, (_, index) => {
    const colour = saturate(colourAt(paint, index), 1.1);
    const fill = sheet.radial([
      [0, colour, 0.85],
      [1, colour, 0],
    ]);
    return {
      depth: 0.1 + index * 0.08,
      markup: ellipse(
        { x: random.unit() * sheet.width, y: random.unit() * sheet.height },
        [wide * random.between(0.25, 0.5), wide * random.between(0.2, 0.45)],
        `fill="${fill}"`,
      ),
    };
  });
  return [{ depth: 0, markup: back }, ...glows];
}
