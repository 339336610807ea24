import { countCodePoints } from '../../base/code-points.ts';
import { toAppError } from '../../base/errors.ts';
import type {
  ImageRequest,
  ImageResult,
  ImageResultEvent,
  MadeImage,
  PixelSize,
} from '../../core/image/image.ts';
import { errorBody } from './openai-errors.ts';

/** Rules of thumb, for nothing here counts in tokens: four characters of English are about one of the vendor's. */
const CHARACTERS_PER_TOKEN = 4;

/** What the vendor counts for a picture of 1024 x 1024; others count by their pixels. */
const TOKENS = { low: 272, medium: 1056, high: 4160 } as const;
const TOKEN_PIXELS = 1024 * 1024;

/** What is told of the pictures of one request. */
export interface ImageTelling {
  readonly request: ImageRequest;
  readonly result: ImageResult;
  /** Seconds since 1970. */
  readonly createdAt: number;
}

/** The finished pictures, in the order of their numbers. */
export async function finishedImages(events: AsyncIterable<ImageResultEvent>): Promise<readonly MadeImage[]> {
  const images: MadeImage[] = [];
  for await (const event of events) if (event.type === 'image-end') images.push(event);
  return images.toSorted((a, b) => a.index - b.index);
}

/** The vendor's answer about finished pictures; each is told by its bytes or its address. */
export function imagesAnswer(
  images: readonly MadeImage[],
  items: readonly ({ readonly b64_json: string } | { readonly url: string })[],
  telling: ImageTelling,
) {
  const [first] = images;
  return {
    created: telling.createdAt,
    ...(first ? traits(first, telling) : {}),
    data: items,
    usage: usageOf(images, telling),
  };
}

/** The bytes of a picture as the vendor's clients want them: bare base64. */
export function base64Of({ bytes }: Pick<MadeImage, 'bytes'>): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** What a picture has become where the caller left it to the server. */
function traits({ width, height }: PixelSize, { request, result }: ImageTelling) {
  const ignored = result.warnings.some(({ type, setting }) => type === 'ignored' && setting === 'background');
  return {
    background: request.background === 'transparent' && !ignored ? 'transparent' : 'opaque',
    output_format: request.format.id,
    quality: request.quality ?? 'medium',
    size: `${width}x${height}`,
  };
}

/** About what the vendor would have counted: words by their length, pictures by pixels and quality. */
function usageOf(images: readonly PixelSize[], { request, result }: ImageTelling) {
  const text = Math.ceil(countCodePoints(request.prompt) / CHARACTERS_PER_TOKEN);
  const given = sum(result.inputs.map((size) => tokensOf(size, 'low')));
  const made = sum(images.map((size) => tokensOf(size, request.quality ?? 'medium')));
  return {
    input_tokens: text + given,
    input_tokens_details: { text_tokens: text, image_tokens: given },
    output_tokens: made,
    output_tokens_details: { text_tokens: 0, image_tokens: made },
    total_tokens: text + given + made,
  };
}

function tokensOf({ width, height }: PixelSize, quality: keyof typeof TOKENS): number {
  return Math.round((TOKENS[quality] * width * height) / TOKEN_PIXELS);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** Pictures as this vendor's server-sent events. When one fails, an error event ends them, and clients throw it. */
export async function* imageEvents(telling: Promise<ImageTelling>): AsyncGenerator<string> {
  try {
    const told = await telling;
    const kind = told.request.inputs.length > 0 ? 'image_edit' : 'image_generation';
    for await (const made of told.result.events) yield toEvent(kind, made, told);
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code !== 'cancelled') yield `event: error\ndata: ${JSON.stringify(errorBody(error))}\n\n`;
  }
}

function toEvent(kind: string, made: ImageResultEvent, telling: ImageTelling): string {
  const type = `${kind}.${made.type === 'image-end' ? 'completed' : 'partial_image'}`;
  const content = {
    type,
    b64_json: base64Of(made),
    ...(made.type === 'image-end' ? {} : { partial_image_index: made.previewIndex }),
    created_at: telling.createdAt,
    ...traits(made, telling),
    ...(made.type === 'image-end' ? { usage: usageOf([made], telling) } : {}),
  };
  return `event: ${type}\ndata: ${JSON.stringify(content)}\n\n`;
}
