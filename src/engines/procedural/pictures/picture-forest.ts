import { mix, shade } from './picture-colour.ts';
import { box, ellipse, number, path, type Layer } from './picture-sheet.ts';
import type { Paint } from './picture-sky.ts';
import { drawPine, drawTree, type Look } from './picture-plants.ts';
import type { Ground } from './picture-land.ts';

/** Trees behind trees, the farther the paler; a path of light between them. */
export function drawForest(paint: Paint, ground: Ground): Layer[] {
  const { sheet, palette, brief } = paint;
  const rows = brief.scene === 'forest' ? 4 : 2;
  const pines = brief.season === 'winter' || brief.subjects.some(({ kind }) => kind === 'pine');
  const leafy = brief.season === 'autumn' || brief.season === 'spring';
  const conifers = pines || (!leafy && sheet.random.fork('conifers').chance(0.5));
  return Array.from({ length: rows }, (_, row) => {
    const near = row / Math.max(1, rows - 1);
    const random = sheet.random.fork('forest', row);
    const foot = ground.horizon + (sheet.height - ground.horizon) * 0.42 * near;
    const tall =
      (brief.scene === 'forest' ? sheet.height * 0.34 : sheet.height * 0.12) * (0.62 + 0.75 * near);
    const count = sheet.many((sheet.width / tall) * (4.4 - 2.4 * near));
    const trees = Array.from({ length: count }, (__, index) => {
      const x = (sheet.width * (index + random.between(-0.2, 1.2))) / count;
      const open = brief.scene === 'forest' && near > 0.3 ? Math.abs(x / sheet.width - 0.5) : 1;
      if (open < 0.1 + near * 0.12) return '';
      const size = tall * random.between(0.72, 1.2);
      const look: Look = { ...paint, random: random.fork(index), far: 0.66 - near * 0.62 };
      const tree = (conifers && random.chance(0.9)) || random.chance(0.15) ? drawPine(look) : drawTree(look);
      return `<g transform="translate(${number(x)} ${number(foot + random.unit() * sheet.unit * 2.5)}) scale(${number(size / 100)})">${tree}</g>`;
    });
    const veil = sheet.linear([
      [0, palette.haze, 0],
      [1, palette.haze, 0.5 - near * 0.4],
    ]);
    const mist = box({ x: 0, y: foot - tall }, [sheet.width, tall * 1.1], `fill="${veil}"`);
    const shadow = sheet.linear([
      [0, mix(palette.ground[1], palette.haze, 0.4 - near * 0.35)],
      [1, shade(palette.ground[1], -0.3)],
    ]);
    const floor = box(
      { x: -2, y: foot - sheet.unit * 0.5 },
      [sheet.width + 4, sheet.height - foot + sheet.unit],
      `fill="${shadow}"`,
    );
    const litter = near > 0.9 && brief.scene === 'forest' ? forestFloor(paint, foot) : '';
    return { depth: 0.2 + near * 0.4, markup: `${floor}${litter}${trees.join('')}${near < 0.9 ? mist : ''}` };
  });
}

/** A path into the wood, and what lies beside it. */
function forestFloor({ sheet, palette, brief }: Paint, y: number): string {
  const random = sheet.random.fork('floor');
  const [w, h] = [sheet.width, sheet.height];
  const earth =
    brief.season === 'winter'
      ? '#e3ebf3'
      : mix(mix('#a98a62', palette.light, 0.2), palette.shadow, palette.darkness * 0.65);
  const trail = path(
    `M${number(w * 0.485)} ${number(y - h * 0.09)}C${number(w * 0.56)} ${number(y)} ${number(w * 0.3)} ${number(y + h * 0.09)} ${number(w * 0.28)} ${h + 2}H${number(w * 0.74)}C${number(w * 0.62)} ${number(y + h * 0.1)} ${number(w * 0.62)} ${number(y + h * 0.02)} ${number(w * 0.515)} ${number(y - h * 0.09)}Z`,
    `fill="${sheet.linear([
      [0, mix(earth, palette.haze, 0.35)],
      [1, shade(earth, -0.2)],
    ])}" opacity="0.85"`,
  );
  if (brief.season === 'winter') return trail;
  const scraps = Array.from({ length: sheet.many(260) }, () => {
    const near = random.unit();
    const at = { x: random.unit() * w, y: y + (h - y) * near };
    const size = sheet.unit * (0.3 + 0.9 * near);
    const colour = shade(random.pick(palette.foliage), random.between(-0.35, 0.15));
    return ellipse(
      at,
      [size, size * 0.45],
      `fill="${colour}" opacity="0.8" transform="rotate(${number(random.signed() * 50)} ${number(at.x)} ${number(at.y)})"`,
    );
  });
  return trail + scraps.join('');
}
