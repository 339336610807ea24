import type { ImageGeneration } from '../../../core/image/image-engine.ts';
import type { PixelSize } from '../../../core/image/image.ts';
import type { ImageStep, PixelImage } from '../../../core/image/image-tools.ts';
import type { Warning } from '../../../core/warning.ts';
import { readBrief } from './picture-brief.ts';
import { toRgb } from './picture-colour.ts';
import type { PictureEdit } from './picture-edit-rules.ts';
import { impossibleEdit, readEdits } from './picture-edits.ts';
import { textBand } from './picture-finish.ts';
import { paint, sketch, type Workshop } from './picture-painting.ts';
import { borderColour } from './picture-cutting.ts';

/** A picture after its edits, and what the caller has to be told. */
export interface EditedPicture {
  readonly image: PixelImage;
  readonly warnings: readonly Warning[];
}

/** Most of a border must have one colour for it to be a plain background. */
const PLAIN_BORDER = 0.55;

/** Changes that one prompt may name. */
const MOST_EDITS = 50;

/** Makes the edits that a prompt names. Throws `unsupported_feature` (reason `edit_not_possible`) for any other. */
export async function editPicture(request: ImageGeneration, workshop: Workshop): Promise<EditedPicture> {
  const plan = planEdits(request);
  const { tools, context } = workshop;
  const [first, ...others] = await Promise.all(request.inputs.map((input) => tools.toPixels(input, context)));
  if (!first) throw new Error('There is no picture to edit.');
  const mask = request.mask && (await tools.toPixels(request.mask, context));
  let image = copyOf(first);
  let usedOthers = false;
  for (const edit of plan) {
    if (edit.kind === 'join') usedOthers = true;
    image = await applyEdit(edit, { image, others, mask, request, workshop });
  }
  const restored = await restore(image, { first, mask, strength: request.strength ?? 1 }, workshop);
  const wanted = isSameSize(request.size, first) ? restored : request.size;
  const fit = { kind: 'resize', width: wanted.width, height: wanted.height, fit: 'cover' } as const;
  return {
    image: isSameSize(wanted, restored) ? restored : await step(restored, [fit], workshop),
    warnings: others.length > 0 && !usedOthers ? [onlyFirst(request.inputs.length)] : [],
  };
}

interface Restoring {
  readonly first: PixelImage;
  readonly mask: PixelImage | undefined;
  readonly strength: number;
}

/** Goes back to the original where the mask protects it, and as far as less than the full strength is asked for. */
async function restore(
  image: PixelImage,
  { first, mask, strength }: Restoring,
  { pixels, context }: Workshop,
): Promise<PixelImage> {
  if (!isSameSize(image, first)) return image;
  if (strength === 1 && !mask) return image;
  return pixels.change(image, [{ kind: 'restore', original: first, mask, share: strength }], context);
}

function onlyFirst(count: number): Warning {
  return {
    type: 'ignored',
    setting: 'image',
    reason: `only the first of the ${count} pictures was changed; say "side by side", "stacked" or "overlay" to join them`,
  };
}

type Planned = PictureEdit | { readonly kind: 'scene' };

/** What is to be done, or the refusal of what cannot be. */
function planEdits(request: ImageGeneration): readonly Planned[] {
  const { prompt, mask, inputs } = request;
  const { edits, unexplained } = readEdits(prompt);
  if (edits.length === 0 && mask) return [fillWithScene(prompt)];
  const [open] = unexplained;
  if (open !== undefined) throw impossibleEdit(`"${open.slice(0, 120)}"`);
  if (edits.length === 0) throw impossibleEdit('the prompt names no change');
  if (edits.length > MOST_EDITS)
    throw impossibleEdit(`${edits.length} changes at once, more than ${MOST_EDITS}`);
  if (mask) refuseWithMask(edits);
  else refuseWithoutMask(edits, prompt);
  if (edits.some(({ kind }) => kind === 'join') && inputs.length < 2)
    throw impossibleEdit('joining pictures when there is only one');
  return edits;
}

function refuseWithMask(edits: readonly PictureEdit[]): void {
  const reshapes = edits.some((edit) => edit.kind === 'join' || (edit.kind === 'steps' && edit.reshapes));
  if (reshapes) throw impossibleEdit('a change of shape or size within a mask');
}

function refuseWithoutMask(edits: readonly PictureEdit[], prompt: string): void {
  if (edits.some(({ kind }) => kind === 'fill'))
    throw impossibleEdit('a fill without a mask that says where');
  if (/\bblur\w*\s+(?:the\s+)?background/i.test(prompt)) {
    throw impossibleEdit('a blurred background without a mask that leaves it open');
  }
}

function fillWithScene(prompt: string): Planned {
  if (/^\s*(?:please\s+)?(?:remove|erase|delete|take away|get rid of)\b/i.test(prompt))
    throw impossibleEdit(`"${prompt.slice(0, 120)}"`);
  if (!readBrief(prompt).understood) throw impossibleEdit(`filling the mask with "${prompt.slice(0, 120)}"`);
  return { kind: 'scene' };
}

interface Editing {
  readonly image: PixelImage;
  readonly others: readonly PixelImage[];
  readonly mask: PixelImage | undefined;
  readonly request: ImageGeneration;
  readonly workshop: Workshop;
}

async function applyEdit(edit: Planned, editing: Editing): Promise<PixelImage> {
  const { image, workshop } = editing;
  const { pixels, context } = workshop;
  switch (edit.kind) {
    case 'steps':
      return step(image, edit.steps(image), workshop);
    case 'pixels': {
      const change = edit.change(image);
      if (change.kind === 'cut-background' && borderColour(image).share < PLAIN_BORDER) {
        throw impossibleEdit('removing a background that is not plain');
      }
      return pixels.change(image, [change], context);
    }
    case 'text':
      return writeText(image, edit, workshop);
    case 'join':
      return joinPictures(edit.how, editing);
    case 'fill':
      return pixels.change(
        image,
        [{ kind: 'place', over: plain(image, edit.colour), left: 0, top: 0, share: 1 }],
        context,
      );
    case 'scene':
      return fillScene(editing);
  }
}

async function step(
  image: PixelImage,
  steps: readonly ImageStep[],
  { tools, context }: Workshop,
): Promise<PixelImage> {
  const { bytes } = await tools.write(image, { format: { id: 'png' }, steps }, context);
  return tools.toPixels(bytes, context);
}

async function writeText(
  image: PixelImage,
  { text, at }: Extract<PictureEdit, { kind: 'text' }>,
  { tools, pixels, context }: Workshop,
): Promise<PixelImage> {
  const height = Math.max(8, Math.round(image.height * 0.14));
  const over = await tools.draw(
    textBand(text, { width: image.width, height: Math.min(height, image.height) }),
    context,
  );
  const top = { top: 0, middle: Math.round((image.height - height) / 2), bottom: image.height - height }[at];
  return pixels.change(image, [{ kind: 'place', over, left: 0, top, share: 1 }], context);
}

async function joinPictures(
  how: 'beside' | 'below' | 'over',
  { image, others, workshop }: Editing,
): Promise<PixelImage> {
  const { pixels, context } = workshop;
  const [beside, below] = [how === 'beside', how === 'below'];
  const fitted = await Promise.all(
    others.map((other) => {
      const width = beside
        ? Math.max(1, Math.round((other.width * image.height) / other.height))
        : image.width;
      const height = below
        ? Math.max(1, Math.round((other.height * image.width) / other.width))
        : image.height;
      return step(
        other,
        [{ kind: 'resize', width, height, fit: how === 'over' ? 'cover' : 'fill' }],
        workshop,
      );
    }),
  );
  if (how === 'over') {
    const placed = fitted.map(
      (over, index) => ({ kind: 'place', over, left: 0, top: 0, share: 1 / (index + 2) }) as const,
    );
    return pixels.change(image, placed, context);
  }
  const all = [image, ...fitted];
  const size = all.reduce(
    (sum, { width, height }) => ({
      width: beside ? sum.width + width : image.width,
      height: below ? sum.height + height : image.height,
    }),
    { width: 0, height: 0 },
  );
  let at = 0;
  const placed = all.map((over) => {
    const change = { kind: 'place', over, left: beside ? at : 0, top: below ? at : 0, share: 1 } as const;
    at += beside ? over.width : over.height;
    return change;
  });
  return pixels.change({ ...size, pixels: new Uint8Array(size.width * size.height * 4) }, placed, context);
}

/** Draws the prompt as large as what the mask leaves open, and puts it there. */
async function fillScene({ image, mask, request, workshop }: Editing): Promise<PixelImage> {
  const { left, top, width, height } = openBox(mask ?? image);
  const drawing = sketch({ ...request, caption: false, size: { width, height } });
  const over = await paint(drawing, workshop);
  return workshop.pixels.change(image, [{ kind: 'place', over, left, top, share: 1 }], workshop.context);
}

/** The smallest box around everything that is transparent. */
function openBox({
  pixels,
  width,
  height,
}: PixelImage): PixelSize & { readonly left: number; readonly top: number } {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let at = 0; at < width * height; at += 1) {
    if ((pixels[at * 4 + 3] ?? 255) >= 255) continue;
    const x = at % width;
    const y = Math.floor(at / width);
    [left, top, right, bottom] = [
      Math.min(left, x),
      Math.min(top, y),
      Math.max(right, x),
      Math.max(bottom, y),
    ];
  }
  if (right < 0) throw impossibleEdit('a mask that leaves nothing open');
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

function plain({ width, height }: PixelSize, colour: string): PixelImage {
  const { red, green, blue } = toRgb(colour);
  const pixels = new Uint8Array(width * height * 4);
  for (let at = 0; at < pixels.length; at += 4) pixels.set([red, green, blue, 255], at);
  return { width, height, pixels };
}

function copyOf({ width, height, pixels }: PixelImage): PixelImage {
  return { width, height, pixels: Uint8Array.from(pixels) };
}

function isSameSize(one: PixelSize, other: PixelSize): boolean {
  return one.width === other.width && one.height === other.height;
}
