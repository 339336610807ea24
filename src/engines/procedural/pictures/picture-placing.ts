import type { PictureBrief, SubjectWish } from './picture-brief.ts';
import type { Random } from '../dsp/dsp-random.ts';
import { DRAWINGS } from './picture-drawing.ts';
import type { Look } from './picture-plants.ts';
import { ellipse, number, type Layer } from './picture-sheet.ts';
import type { Paint } from './picture-sky.ts';
import { SUBJECTS } from './picture-subjects.ts';
import { drawIslet } from './picture-water.ts';

/** What is drawn already, and where things may stand in it. */
export interface Stage {
  readonly layers: readonly Layer[];
  /** Where things stand: from the horizon to the nearest. */
  readonly from: number;
  readonly to: number;
  readonly surface: 'ground' | 'water' | 'none';
  /** Height of the line that parts sky and ground. */
  readonly horizon: number;
  /** Whether there is nothing but the things. */
  readonly bare?: true;
  /** From where land begins in a picture of water. */
  readonly shore?: number;
}

/** Puts the things that a prompt names where they belong. */
export function placeSubjects(paint: Paint, stage: Stage): Layer[] {
  const { brief } = paint;
  return brief.subjects.flatMap((wish, index) => {
    const share = brief.subjects.length > 1 ? (index + 0.5) / brief.subjects.length : 0.5;
    return Array.from({ length: wish.count }, (_, one) =>
      placeOne(paint, stage, { wish, index, one, share }),
    );
  });
}

interface Placing {
  readonly wish: SubjectWish;
  /** Of this kind among the kinds. */
  readonly index: number;
  /** Of this one among its kind. */
  readonly one: number;
  /** Where its kind has its middle, 0 to 1. */
  readonly share: number;
}

function placeOne(paint: Paint, stage: Stage, placing: Placing): Layer {
  const { sheet, brief } = paint;
  const { wish, index, one } = placing;
  const { place, tall } = SUBJECTS[wish.kind];
  const random = sheet.random.fork('subject', wish.kind, one, index);
  const depth = depthOf(placing, random);
  const size = sheet.unit * 100 * tall * scaleOf(placing, { brief, stage, depth });
  const x = sideOf(placing, paint);
  const y = heightOf(paint, stage, { placing, depth, size, random });
  const far = place === 'table' || stage.surface === 'none' ? 0 : Math.max(0, 0.34 - depth * 0.5);
  const look: Look = {
    ...paint,
    random: random.fork('look'),
    far,
    ...(wish.colour ? { colour: wish.colour } : {}),
  };
  const drawn = DRAWINGS[wish.kind](look);
  const sideways = mayFace(wish.kind) && random.chance(0.4) ? -1 : 1;
  const scale = number(size / 100);
  const thing = `<g data-subject="${wish.kind}" transform="translate(${number(x)} ${number(y)}) scale(${sideways < 0 ? `-${scale}` : scale} ${scale})">${drawn}</g>`;
  const layerDepth =
    place === 'sky' && stage.surface !== 'none' ? 0.1 + 0.3 * depth : 0.34 + 0.5 * depth + index * 0.001;
  return { depth: layerDepth, markup: `${foot(paint, stage, { wish, x, y, size, drawn })}${thing}` };
}

interface Scaling {
  readonly brief: PictureBrief;
  readonly stage: Stage;
  readonly depth: number;
}

/** Many are smaller than one, near ones larger than far ones. */
function scaleOf({ wish }: Placing, { brief, stage, depth }: Scaling): number {
  if (stage.bare && wish.count === 1 && brief.subjects.length === 1) return 1.9;
  const few = brief.subjects.length > 2 ? 0.82 : 1;
  const crowd = wish.count > 1 ? Math.max(0.34, 0.86 - wish.count * 0.05) : few;
  const close = wish.distance === 'near' ? 1.45 : 1;
  const alone = stage.surface === 'none' && SUBJECTS[wish.kind].place !== 'depths' ? 1.25 : 1;
  return crowd * (0.5 + 0.55 * depth) * close * alone;
}

/** Things without writing on them may look either way. */
function mayFace(kind: SubjectWish['kind']): boolean {
  return ['boat', 'ship', 'car', 'bus', 'bicycle', 'plane', 'bird', 'whale', 'cat', 'kite'].includes(kind);
}

function depthOf({ wish, one }: Placing, random: Random): number {
  if (wish.distance === 'far') return random.between(0, 0.16);
  if (wish.distance === 'near') return random.between(0.85, 1);
  if (wish.count === 1) return 0.62;
  return Math.min(1, 0.18 + 0.7 * (((one * 0.618) % 1) + random.signed() * 0.06));
}

const SIDES = { left: [0.1, 0.38], right: [0.62, 0.9], centre: [0.36, 0.64], any: [0.1, 0.9] } as const;

/** Scenes in which the one thing that there is stands in the middle. */
const CENTRED: readonly string[] = ['emblem', 'table', 'portrait'];

function sideOf(placing: Placing, paint: Paint): number {
  const { wish, index, one, share } = placing;
  const { sheet, brief } = paint;
  const [low, high] = SIDES[wish.side ?? 'any'];
  if (wish.count > 1) return sideInRow(placing, paint, [low, high]);
  if (wish.side) return sheet.width * (wish.side === 'centre' ? 0.5 : (low + high) / 2);
  if (brief.subjects.length > 1) {
    const random = sheet.random.fork('side', wish.kind, one, index);
    return sheet.width * (share * 0.8 + 0.1 + random.signed() * 0.03 + (index % 2 === 0 ? -0.01 : 0.01));
  }
  return (
    sheet.width * (CENTRED.includes(brief.scene) ? 0.5 : sheet.random.fork('third').pick([0.4, 0.5, 0.6]))
  );
}

function sideInRow(
  { wish, index, one, share }: Placing,
  { sheet, brief }: Paint,
  [low, high]: readonly [number, number],
): number {
  const random = sheet.random.fork('side', wish.kind, one, index);
  const free = wish.side !== undefined || brief.subjects.length === 1;
  const from = free ? low : Math.max(low, share - 0.32);
  const to = free ? high : Math.min(high, share + 0.32);
  return sheet.width * (from + (to - from) * ((one + 0.5 + random.signed() * 0.22) / wish.count));
}

interface Standing {
  readonly placing: Placing;
  readonly depth: number;
  readonly size: number;
  readonly random: Random;
}

function heightOf(paint: Paint, stage: Stage, standing: Standing): number {
  const {
    placing: { wish, one },
    depth,
    size,
    random,
  } = standing;
  const { sheet } = paint;
  const { place } = SUBJECTS[wish.kind];
  if (isAlone(paint.brief, stage, wish)) return sheet.height * 0.5 + size * 0.5;
  if (place === 'sky' && stage.surface !== 'none') {
    return stage.horizon * (wish.count === 1 ? 0.56 : random.between(0.3, 0.78)) + size * 0.3;
  }
  if (place === 'depths' || place === 'sky') {
    return sheet.height * (0.3 + 0.42 * ((one * 0.618 + random.unit() * 0.2) % 1)) + size * 0.4;
  }
  const { shore } = stage;
  if (shore !== undefined && place === 'ground' && wish.kind !== 'lighthouse') {
    return shore + sheet.unit * 8 + (sheet.height - shore) * 0.55 * depth;
  }
  return stage.from + (stage.to - stage.from) * depth;
}

/** Whether a thing hangs in the middle of the picture, for want of anything on which it could stand. */
function isAlone({ scene }: PictureBrief, { surface, bare }: Stage, { kind, count }: SubjectWish): boolean {
  if (scene === 'emblem' || bare) return count === 1;
  if (surface !== 'none' || count > 1 || scene === 'room' || scene === 'underwater') return false;
  return SUBJECTS[kind].place !== 'table';
}

interface Footing {
  readonly wish: SubjectWish;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly drawn: string;
}

/** What ties a thing to where it stands: its shadow, its mirror image, or a rock of its own. */
function foot(paint: Paint, stage: Stage, { wish, x, y, size, drawn }: Footing): string {
  const { sheet, palette } = paint;
  const { place } = SUBJECTS[wish.kind];
  if (stage.surface === 'water' && wish.kind === 'lighthouse')
    return drawIslet(paint, { x, y, wide: size * 0.42 });
  if (stage.surface === 'water' && place === 'water') {
    const scale = number(size / 100);
    return `<g transform="translate(${number(x)} ${number(y + size * 0.03)}) scale(${scale} -${number((size / 100) * 0.42)})" opacity="0.26">${drawn}</g>`;
  }
  if (place !== 'ground' || stage.surface === 'none') return '';
  const shade = sheet.radial([
    [0, palette.shadow, 0.42],
    [0.5, palette.shadow, 0.3],
    [1, palette.shadow, 0],
  ]);
  return ellipse({ x: x + size * 0.05, y }, [size * 0.38, size * 0.05], `fill="${shade}"`);
}
