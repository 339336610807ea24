import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../context.ts';
import { wholeMedia, type MediaBytes, type MediaInput } from '../media-input.ts';
import { blamed, type MediaOpener } from '../media-opening.ts';
import type { ImageFacts, ImageStep, ImageTools } from './image-tools.ts';
import type { ImageRequest, PixelSize } from './image.ts';
import { isSameSize, reducedSize, sizeText } from './image-sizes.ts';

/** Bytes of one picture that is given. */
const MAX_INPUT_BYTES = 50 * 1024 * 1024;

/** A picture that came with a request and is one. */
export interface GivenImage {
  readonly media: MediaBytes;
  readonly facts: ImageFacts;
  /** The field that it came in. */
  readonly param: string;
}

/** Everything that came. */
export interface GivenImages {
  readonly inputs: readonly GivenImage[];
  readonly mask?: GivenImage;
}

/** What pictures are opened with. */
export interface InputParts {
  readonly opener: MediaOpener;
  readonly tools: ImageTools;
  readonly context: RequestContext;
}

/** Gets at the pictures of a request. Throws what is wrong with one, naming its field. */
export async function openGivenImages(request: ImageRequest, parts: InputParts): Promise<GivenImages> {
  const { spelling } = request;
  const inputs: GivenImage[] = [];
  for (const [place, media] of request.inputs.entries()) {
    const param = request.inputs.length > 1 ? `${spelling.inputs}[${place}]` : spelling.inputs;
    inputs.push(await openGivenImage(media, param, parts));
  }
  if (!request.mask) return { inputs };
  const mask = await openGivenImage(request.mask, spelling.mask, parts);
  checkMask(mask, inputs[0]);
  return { inputs, mask };
}

async function openGivenImage(
  input: MediaInput,
  param: string,
  { opener, tools, context }: InputParts,
): Promise<GivenImage> {
  const { signal } = context;
  const media = await opener.open(input, { param, signal, maxBytes: MAX_INPUT_BYTES });
  try {
    return { media, facts: await tools.inspect(await wholeMedia(media), context), param };
  } catch (error) {
    throw blamed(error, param);
  }
}

function checkMask({ facts, param }: GivenImage, first: GivenImage | undefined): void {
  const wrong = (message: string) => new AppError('invalid_request', message, { param, reason: 'mask' });
  if (!first) throw wrong('A mask says what of a picture may be changed, and there is no picture.');
  if (!isSameSize(facts, first.facts)) {
    throw wrong(
      `The mask is ${sizeText(facts)} and the picture ${sizeText(first.facts)}: both must be of one size.`,
    );
  }
  if (!facts.hasAlpha) {
    throw wrong('The mask has no transparency: what may be changed must be transparent in it.');
  }
}

/** Pictures as an engine gets them: upright, in PNG, and small enough. */
export interface PreparedImages {
  readonly inputs: readonly Uint8Array[];
  readonly sizes: readonly PixelSize[];
  readonly mask?: Uint8Array;
}

/** How small pictures must be. */
export interface InputLimits {
  readonly megapixels: number | undefined;
  readonly side: number;
}

/** Makes given pictures what an engine takes. A mask stays of its picture's size. */
export async function prepareImages(
  { inputs, mask }: GivenImages,
  limits: InputLimits,
  parts: Pick<InputParts, 'tools' | 'context'>,
): Promise<PreparedImages> {
  const prepared: { readonly bytes: Uint8Array; readonly size: PixelSize }[] = [];
  for (const input of inputs) prepared.push(await prepareImage(input, limits, parts));
  const ready = { inputs: prepared.map(({ bytes }) => bytes), sizes: prepared.map(({ size }) => size) };
  return mask ? { ...ready, mask: (await prepareImage(mask, limits, parts)).bytes } : ready;
}

async function prepareImage(
  { media, facts, param }: GivenImage,
  limits: InputLimits,
  { tools, context }: Pick<InputParts, 'tools' | 'context'>,
) {
  const size = reducedSize(facts, limits);
  const steps: ImageStep[] = isSameSize(size, facts)
    ? []
    : [{ kind: 'resize', width: size.width, height: size.height, fit: 'fill' }];
  try {
    const { bytes, width, height } = await tools.write(
      await wholeMedia(media),
      { format: { id: 'png' }, steps },
      context,
    );
    return { bytes, size: { width, height } };
  } catch (error) {
    throw blamed(error, param);
  }
}
