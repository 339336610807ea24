import type { PixelSize } from '../../../core/image/image.ts';
import type { PictureBrief } from './picture-brief.ts';
import { Random } from '../dsp/dsp-random.ts';
import { drawAbstract, drawGeometric, drawGradient, drawPattern } from './picture-abstract.ts';
import { drawEmblem, drawPortrait } from './picture-emblem.ts';
import { drawRoom, drawTable } from './picture-inside.ts';
import { drawSpace } from './picture-space.ts';
import { choosePalette } from './picture-palette.ts';
import { Sheet, toSvg, type Layer } from './picture-sheet.ts';
import { setOutdoors } from './picture-outdoors.ts';
import type { Paint } from './picture-sky.ts';
import { drawUnderwater } from './picture-water.ts';
import type { SceneKind } from './picture-words.ts';
import { type Stage, placeSubjects } from './picture-placing.ts';

/** A picture taken apart by distance, from far to near. */
export interface Scene {
  readonly size: PixelSize;
  readonly definitions: string;
  readonly layers: readonly Layer[];
}

/** How a picture is drawn. */
export interface DrawingOptions extends PixelSize {
  readonly seed: number;
  /** How richly, 1 = as usual. */
  readonly detail: number;
  readonly transparent: boolean;
}

/** Composes a picture. The same brief, size, detail and seed give the same picture, letter by letter. */
export function composeScene(
  brief: PictureBrief,
  { width, height, seed, detail, transparent }: DrawingOptions,
): Scene {
  const sheet = new Sheet(
    { width, height },
    detail * (brief.styles.includes('minimal') ? 0.5 : 1),
    new Random(seed, 'picture'),
  );
  const paint: Paint = { sheet, palette: choosePalette(brief), brief };
  const stage = transparent ? emptyStage(paint) : setStage(paint);
  const subjects = placeSubjects(paint, stage);
  const layers = [...stage.layers, ...subjects].toSorted((one, other) => one.depth - other.depth);
  return { size: { width, height }, definitions: sheet.definitions, layers };
}

/** A scene, or its farther layers alone, as one drawing. */
export function sceneSvg({ size, definitions, layers }: Scene, upTo = layers.length): string {
  return toSvg(
    size,
    definitions,
    layers
      .slice(0, upTo)
      .map(({ markup }) => `<g>${markup}</g>`)
      .join(''),
  );
}

function emptyStage({ sheet }: Paint): Stage {
  return {
    layers: [],
    from: sheet.height * 0.7,
    to: sheet.height * 0.92,
    surface: 'none',
    horizon: sheet.height * 0.6,
    bare: true,
  };
}

function setStage(paint: Paint): Stage {
  const { sheet, brief } = paint;
  const h = sheet.height;
  const sight = SIGHTS[brief.scene];
  if (!sight) return setOutdoors(paint);
  const { draw, from, to } = sight;
  return { layers: draw(paint), from: h * from, to: h * to, surface: 'none', horizon: h * from };
}

interface Sight {
  readonly draw: (paint: Paint) => readonly Layer[];
  /** Where things stand in it, of its height. */
  readonly from: number;
  readonly to: number;
}

/** Everything that has no sky above and no ground below; the rest is outdoors. */
const SIGHTS: Readonly<Partial<Record<SceneKind, Sight>>> = {
  abstract: { draw: drawAbstract, from: 0.7, to: 0.9 },
  geometric: { draw: drawGeometric, from: 0.7, to: 0.9 },
  pattern: { draw: drawPattern, from: 0.7, to: 0.9 },
  gradient: { draw: drawGradient, from: 0.7, to: 0.9 },
  portrait: { draw: drawPortrait, from: 0.8, to: 0.95 },
  emblem: { draw: (paint) => drawEmblem(paint, emblemView(paint)), from: 0.7, to: 0.72 },
  space: { draw: drawSpace, from: 0.6, to: 0.85 },
  underwater: { draw: drawUnderwater, from: 0.82, to: 0.95 },
  room: { draw: drawRoom, from: 0.84, to: 0.95 },
  table: { draw: drawTable, from: 0.72, to: 0.86 },
};

/** What is on a sign besides things: a view where a place is named, else a mark of its own. */
function emblemView(paint: Paint): readonly Layer[] | 'mark' | 'nothing' {
  const { brief } = paint;
  const scenes = brief.scenes.filter((one) => one !== 'emblem');
  const [scene] = scenes;
  if (scene) return setStage({ ...paint, brief: { ...brief, scene, scenes, subjects: [] } }).layers;
  return brief.subjects.length > 0 || brief.sky.size > 0 ? 'nothing' : 'mark';
}
