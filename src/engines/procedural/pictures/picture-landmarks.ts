import { shade } from './picture-colour.ts';
import { seen, type Look } from './picture-plants.ts';
import { circle, number, path, polygon } from './picture-sheet.ts';
import { windowColour, rect } from './picture-buildings.ts';

export function drawLighthouse(look: Look): string {
  const { sheet, palette } = look;
  const white = seen('#f3f1ea', look);
  const red = seen(look.colour ?? '#cf3b30', look);
  const tower = 'M-12 0L-7.5 -74H7.5L12 0Z';
  const stripes = [0, 1, 2].map((index) => rect([-14, -70 + index * 26, 28, 13], `fill="${red}"`)).join('');
  const round = sheet.linear(
    [
      [0, '#ffffff', 0.25],
      [0.4, '#ffffff', 0],
      [1, '#000018', 0.42],
    ],
    'right',
  );
  const light = palette.darkness > 0.3 ? beams(look) : '';
  const dark = seen('#3a3f4a', look);
  return [
    light,
    path(tower, `fill="${white}"`),
    `<g clip-path="${sheet.clip(path(tower, ''))}">${stripes}</g>`,
    path(tower, `fill="${round}"`),
    rect([-10.5, -77, 21, 3.4], `fill="${dark}"`),
    rect(
      [-6, -89, 12, 12],
      `fill="${palette.darkness > 0.3 ? '#fff0a8' : seen('#cfe3ea', look)}" stroke="${dark}" stroke-width="1"`,
    ),
    path('M-8 -89L0 -98L8 -89Z', `fill="${red}"`),
    circle({ x: 0, y: -98.6 }, 1.3, `fill="${dark}"`),
    rect([-2.6, -56, 5.2, 7], `fill="${windowColour(look)}"`),
    rect([-3, -9, 6, 9], `fill="${dark}"`),
  ].join('');
}

/** Light to both sides, less of it where it points away. */
function beams({ sheet }: Look): string {
  const beam = sheet.linear(
    [
      [0, '#fff3b8', 0.75],
      [1, '#fff3b8', 0],
    ],
    'right',
  );
  const beamBack = sheet.linear(
    [
      [0, '#fff3b8', 0],
      [1, '#fff3b8', 0.75],
    ],
    'right',
  );
  return (
    polygon(
      [
        { x: 0, y: -83 },
        { x: 190, y: -104 },
        { x: 190, y: -62 },
      ],
      `fill="${beam}" opacity="0.75"`,
    ) +
    polygon(
      [
        { x: 0, y: -83 },
        { x: -190, y: -98 },
        { x: -190, y: -70 },
      ],
      `fill="${beamBack}" opacity="0.55"`,
    )
  );
}

export function drawCastle(look: Look): string {
  const { sheet } = look;
  const stone = seen(look.colour ?? '#a79f96', look);
  const roof = seen('#40588a', look);
  const wall = sheet.linear(
    [
      [0, shade(stone, 0.14)],
      [1, shade(stone, -0.24)],
    ],
    'right',
  );
  const pane = windowColour(look);
  const battlements = (x: number, y: number, width: number) =>
    Array.from({ length: Math.floor(width / 6) }, (_, index) =>
      rect([x + index * 6, y - 4, 3.4, 4.5], `fill="${stone}"`),
    ).join('');
  const tower = (x: number, [top, width]: readonly [number, number], pointed: boolean) =>
    [
      rect([x - width / 2, top, width, -top], `fill="${wall}"`),
      pointed
        ? polygon(
            [
              { x: x - width * 0.66, y: top },
              { x, y: top - width * 1.35 },
              { x: x + width * 0.66, y: top },
            ],
            `fill="${sheet.linear(
              [
                [0, shade(roof, 0.2)],
                [1, shade(roof, -0.2)],
              ],
              'right',
            )}"`,
          )
        : battlements(x - width / 2, top, width),
      rect([x - 1.6, top + 9, 3.2, 7], `fill="${pane}"`),
      pointed
        ? path(
            `M${x} ${number(top - width * 1.35)}v-7l8 2.6l-8 2.8`,
            `fill="${seen('#cf3b30', look)}" stroke="${shade(stone, -0.4)}" stroke-width="0.7"`,
          )
        : '',
    ].join('');
  return [
    tower(-22, [-62, 15], true),
    tower(24, [-56, 14], true),
    rect([-46, -38, 92, 38], `fill="${wall}"`),
    battlements(-46, -38, 92),
    tower(0, [-72, 19], true),
    tower(-48, [-50, 17], true),
    tower(48, [-46, 17], false),
    path('M-8 0V-16Q0 -27 8 -16V0Z', `fill="${shade(stone, -0.62)}"`),
    ...[-32, -20, 20, 32].map((x) => rect([x - 1.4, -26, 2.8, 7], `fill="${pane}"`)),
  ].join('');
}

export function drawChurch(look: Look): string {
  const { sheet } = look;
  const wall = seen(look.colour ?? '#ece6d8', look);
  const roof = seen('#7a4a3a', look);
  const face = sheet.linear(
    [
      [0, shade(wall, 0.1)],
      [1, shade(wall, -0.2)],
    ],
    'right',
  );
  const arch = (x: number, y: number) =>
    path(`M${x - 3} ${y}v-9q3 -6 6 0v9Z`, `fill="${windowColour(look)}"`);
  return [
    rect([-8, -34, 60, 34], `fill="${face}"`),
    polygon(
      [
        { x: -12, y: -33 },
        { x: -4, y: -53 },
        { x: 48, y: -53 },
        { x: 57, y: -33 },
      ],
      `fill="${roof}"`,
    ),
    rect([-34, -62, 28, 62], `fill="${face}"`),
    polygon(
      [
        { x: -37, y: -61 },
        { x: -20, y: -96 },
        { x: -3, y: -61 },
      ],
      `fill="${shade(roof, -0.1)}"`,
    ),
    path('M-20 -96v-7M-22.4 -100.6h4.8', `stroke="${seen('#c9a23a', look)}" stroke-width="1.2"`),
    circle({ x: -20, y: -50 }, 5, `fill="${seen('#fffdf5', look)}" stroke="${roof}" stroke-width="1.2"`),
    path('M-20 -50v-3.6M-20 -50h2.4', `stroke="${roof}" stroke-width="0.8"`),
    path('M-25 0v-14q5 -8 10 0v14Z', `fill="${shade(roof, -0.2)}"`),
    arch(4, -10),
    arch(20, -10),
    arch(36, -10),
  ].join('');
}

export function drawWindmill(look: Look): string {
  const { sheet, random } = look;
  const wall = seen(look.colour ?? '#efe6d4', look);
  const wood = seen('#5e4632', look);
  const turn = random.between(8, 40);
  const face = sheet.linear(
    [
      [0, shade(wall, 0.15)],
      [1, shade(wall, -0.25)],
    ],
    'right',
  );
  const sails = [0, 90, 180, 270].map(
    (angle) =>
      `<g transform="rotate(${number(angle + turn)})">${path('M0 0V-44', `stroke="${wood}" stroke-width="1.8"`)}${rect([1, -43, 9.5, 33], `fill="${seen('#faf5e8', look)}" stroke="${wood}" stroke-width="0.8" opacity="0.92"`)}${path('M1 -35h9.5M1 -27h9.5M1 -19h9.5', `stroke="${wood}" stroke-width="0.6"`)}</g>`,
  );
  return [
    path('M-19 0L-11 -58H11L19 0Z', `fill="${face}"`),
    path('M-13 -57Q0 -80 13 -57Z', `fill="${wood}"`),
    path('M-5 0v-12q5 -5 10 0v12Z', `fill="${wood}"`),
    rect([-3, -40, 6, 8], `fill="${windowColour(look)}"`),
    `<g transform="translate(0 -59)">${sails.join('')}${circle({ x: 0, y: 0 }, 2.6, `fill="${shade(wood, -0.3)}"`)}</g>`,
  ].join('');
}
