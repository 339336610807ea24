import type { RequestContext } from '../../../core/context.ts';
import type { ImageGeneration } from '../../../core/image/image-engine.ts';
import type { ImageWish, PixelSize } from '../../../core/image/image.ts';
import type { ImageTools, PixelImage } from '../../../core/image/image-tools.ts';
import type { Warning } from '../../../core/warning.ts';
import { type PictureBrief, readBrief } from './picture-brief.ts';
import type { PixelWork } from './picture-changes.ts';
import { bandHeight, finishOf, textBand } from './picture-finish.ts';
import { composeScene, sceneSvg, type Scene } from './picture-scene.ts';

/** What pictures are made with. */
export interface Workshop {
  readonly tools: ImageTools;
  readonly pixels: PixelWork;
  readonly context: RequestContext;
}

/** A picture that is still a drawing. */
export interface Drawing {
  readonly brief: PictureBrief;
  readonly scene: Scene;
  readonly size: PixelSize;
  readonly caption?: string;
}

/** Longest part of a prompt that is read; nobody says more about one picture. */
const MOST_LETTERS = 4000;

/** Draws what a prompt says. */
export function sketch(request: Pick<ImageGeneration, 'prompt' | 'size' | 'seed'> & ImageWish): Drawing {
  const brief = readBrief(
    request.prompt.slice(0, MOST_LETTERS),
    request.negativePrompt?.slice(0, MOST_LETTERS),
  );
  const { size } = request;
  const caption = request.caption ? request.prompt.slice(0, MOST_LETTERS) : undefined;
  const height = size.height - (caption === undefined ? 0 : bandHeight(size, caption));
  const scene = composeScene(brief, {
    width: size.width,
    height,
    seed: request.seed,
    detail: detailOf(request),
    transparent: request.background === 'transparent',
  });
  return { brief, scene, size, ...(caption === undefined ? {} : { caption }) };
}

/** More steps and better quality mean more leaves, waves, windows and stars. */
function detailOf({ quality, steps }: Pick<ImageWish, 'quality' | 'steps'>): number {
  const asked = { low: 0.6, medium: 1, high: 1.5 }[quality ?? 'medium'];
  return steps === undefined ? asked : Math.min(1.8, Math.max(0.35, asked * (0.4 + steps / 40)));
}

/** A drawing as pixels, finished in its style. */
export async function paint(
  { brief, scene, size, caption }: Drawing,
  { tools, pixels, context }: Workshop,
): Promise<PixelImage> {
  const drawn = await tools.draw(sceneSvg(scene), context);
  const { steps, changes } = finishOf(brief, drawn);
  const stepped = steps.length === 0 ? drawn : await apply(drawn, { tools, context, steps });
  const finished = await pixels.change(stepped, changes, context);
  if (caption === undefined) return finished;
  const band = await tools.draw(
    textBand(caption, { width: size.width, height: size.height - finished.height }),
    context,
  );
  const sheet: PixelImage = { ...size, pixels: new Uint8Array(size.width * size.height * 4) };
  const placing = { kind: 'place', left: 0, share: 1 } as const;
  return pixels.change(
    sheet,
    [
      { ...placing, over: finished, top: 0 },
      { ...placing, over: band, top: finished.height },
    ],
    context,
  );
}

/** The farther layers of a drawing alone, out of focus: what it looks like at a share of the work. */
export async function paintPreview(
  { scene }: Drawing,
  share: number,
  { tools, context }: Workshop,
): Promise<Uint8Array> {
  const { width, height } = scene.size;
  const drawn = await tools.draw(
    sceneSvg(scene, Math.max(1, Math.round(scene.layers.length * share))),
    context,
  );
  const sigma = Math.max(0.5, Math.min(width, height) * 0.02 * (1 - share));
  const { bytes } = await tools.write(
    drawn,
    { format: { id: 'png' }, steps: [{ kind: 'blur', sigma }] },
    context,
  );
  return bytes;
}

async function apply(
  image: PixelImage,
  {
    tools,
    context,
    steps,
  }: Pick<Workshop, 'tools' | 'context'> & Pick<NonNullable<Parameters<ImageTools['write']>[1]>, 'steps'>,
): Promise<PixelImage> {
  const { bytes } = await tools.write(image, { format: { id: 'png' }, ...(steps ? { steps } : {}) }, context);
  return tools.toPixels(bytes, context);
}

/** What a caller has to be told about a prompt that was only half understood. */
export function briefWarnings({ understood, styles }: PictureBrief): Warning[] {
  const ignored = (reason: string): Warning => ({ type: 'ignored', setting: 'prompt', reason });
  return [
    ...(understood
      ? []
      : [
          ignored(
            'procedural/pictures knows nothing that it names; an abstract picture in its colours and mood was drawn',
          ),
        ]),
    ...(styles.includes('photo')
      ? [ignored('the picture is drawn: procedural/pictures makes no photographs')]
      : []),
  ];
}
