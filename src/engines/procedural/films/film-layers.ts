import type { PixelSize } from '../../../core/image/image.ts';
import type { ImageStep, PixelImage } from '../../../core/image/image-tools.ts';
import type { PictureBrief } from '../pictures/picture-brief.ts';
import type { PictureEdit } from '../pictures/picture-edit-rules.ts';
import { finishOf } from '../pictures/picture-finish.ts';
import type { Workshop } from '../pictures/picture-painting.ts';
import type { PixelChange } from '../pictures/picture-pixels.ts';
import { composeScene } from '../pictures/picture-scene.ts';
import { toSvg, type Layer } from '../pictures/picture-sheet.ts';
import type { FilmLayer } from './film-frames.ts';

/** How much larger than a frame a drawn scene is, so that the camera has where to go. */
const OVERSIZE = 1.3;
/** A frame of each layer lies in memory: nearby layers move as one. */
const MOST_LAYERS = 4;
/** What falls is drawn anew for every frame, not once. */
const AIR_DEPTH = 0.97;

/** Draws a scene as a few pictures one behind the other. */
export async function drawLayers(
  brief: PictureBrief,
  {
    size,
    seed,
    falling,
    edits,
  }: {
    readonly size: PixelSize;
    readonly seed: number;
    readonly falling: boolean;
    readonly edits: readonly PictureEdit[];
  },
  workshop: Workshop,
): Promise<FilmLayer[]> {
  const large = {
    width: 2 * Math.round((size.width * OVERSIZE) / 2),
    height: 2 * Math.round((size.height * OVERSIZE) / 2),
  };
  const scene = composeScene(brief, { ...large, seed, detail: 1, transparent: false });
  const layers: FilmLayer[] = [];
  for (const group of grouped(scene.layers.filter(({ depth }) => !falling || depth !== AIR_DEPTH))) {
    const svg = toSvg(large, scene.definitions, group.map(({ markup }) => `<g>${markup}</g>`).join(''));
    const drawn = await workshop.tools.draw(svg, workshop.context);
    const { steps, changes } = finishOf(brief, drawn);
    const image = await finish(drawn, { steps, changes, edits }, workshop);
    layers.push({ image, depth: group.reduce((sum, { depth }) => sum + depth, 0) / group.length });
  }
  return layers;
}

/** A picture in the size of the film, changed as far as edits ask for it. */
export async function pictureLayer(
  picture: Uint8Array,
  { size, edits }: { readonly size: PixelSize; readonly edits: readonly PictureEdit[] },
  workshop: Workshop,
): Promise<FilmLayer> {
  const { tools, context } = workshop;
  const paper = { kind: 'flatten', red: 255, green: 255, blue: 255 } as const;
  const fit = { kind: 'resize', width: size.width, height: size.height, fit: 'cover' } as const;
  const { bytes } = await tools.write(picture, { format: { id: 'png' }, steps: [paper, fit] }, context);
  const image = await tools.toPixels(bytes, context);
  return { image: await finish(image, { steps: [], changes: [], edits }, workshop), depth: 1 };
}

/** Neighbours by distance, at the widest gaps apart. */
function grouped(layers: readonly Layer[]): Layer[][] {
  const gaps = layers.slice(1).map((layer, index) => layer.depth - (layers[index]?.depth ?? 0));
  const widest = gaps.toSorted((one, other) => other - one).slice(0, MOST_LAYERS - 1);
  const bound = Math.max(0.02, widest.at(-1) ?? 1);
  const groups: Layer[][] = [];
  layers.forEach((layer, index) => {
    const starts = index === 0 || ((gaps[index - 1] ?? 0) >= bound && groups.length < MOST_LAYERS);
    if (starts) groups.push([layer]);
    else groups.at(-1)?.push(layer);
  });
  return groups;
}

async function finish(
  image: PixelImage,
  {
    steps,
    changes,
    edits,
  }: {
    readonly steps: readonly ImageStep[];
    readonly changes: readonly PixelChange[];
    readonly edits: readonly PictureEdit[];
  },
  { tools, pixels, context }: Workshop,
): Promise<PixelImage> {
  let current = image;
  const all: PictureEdit[] = [
    ...(steps.length > 0 ? [{ kind: 'steps', steps: () => steps } as const] : []),
    ...changes.map((change) => ({ kind: 'pixels', change: () => change }) as const),
    ...edits,
  ];
  for (const edit of all) {
    if (edit.kind === 'steps') {
      const { bytes } = await tools.write(
        current,
        { format: { id: 'png' }, steps: edit.steps(current) },
        context,
      );
      current = await tools.toPixels(bytes, context);
    } else if (edit.kind === 'pixels')
      current = await pixels.change(current, [edit.change(current)], context);
  }
  return current;
}
