import { AppError } from '../../base/errors.ts';
import type { ImageFormatRequest, ImageRequest, ImageWish } from '../../core/image/image.ts';
import type { Warning } from '../../core/warning.ts';
import { askedIn } from '../asked-settings.ts';
import { invalidFields } from '../parse-body.ts';
import type { ImageBody } from './openai-image-body.ts';
import { excessOf, imageParameters, sizeIn, type ImageFields } from './openai-image-fields.ts';

/** The model that serves when none is named. */
const DEFAULT_MODEL = 'gpt-image-2';

/** The vendor's usual film of a few frames. */
const FRAMES = { usual: 9, usualMs: 200, stepMs: 10 };

/** The vendor's levels in our words. */
const QUALITY = {
  low: 'low',
  medium: 'medium',
  standard: 'medium',
  high: 'high',
  hd: 'high',
  xhigh: 'high',
  max: 'high',
} as const satisfies Readonly<Record<string, NonNullable<ImageWish['quality']>>>;

/** A request for pictures in our words. */
export interface ImageTask {
  readonly request: ImageRequest;
  /** What the caller sent in vain. */
  readonly warnings: readonly Warning[];
}

/** Translates what was checked. Throws `invalid_request` or `unsupported_feature` naming the field. */
export function toImageTask(
  fields: ImageFields,
  body: Pick<ImageBody, 'pictures' | 'spelling' | 'mask'>,
): ImageTask {
  const model = fields.model ?? DEFAULT_MODEL;
  refuseImpossible(fields, model);
  const format = formatOf(fields);
  return {
    request: {
      ...wishOf(fields, format),
      model,
      count: fields.n ?? 1,
      format,
      inputs: body.pictures,
      ...(body.mask ? { mask: body.mask } : {}),
      previews: fields.stream ? (fields.partial_images ?? 0) : 0,
      asked: askedSettings(fields, format),
      spelling: { prompt: 'prompt', model: 'model', inputs: body.spelling, mask: 'mask', size: 'size' },
    },
    warnings: uselessFields(fields, format),
  };
}

function refuseImpossible(fields: ImageFields, model: string): void {
  const { prompt, n, background, output_format: format } = fields;
  const excess = excessOf(prompt, model);
  if (excess) {
    const message = `must be at most ${excess.most} characters`;
    const issue = {
      path: ['prompt'],
      kind: 'too_long',
      message,
      limit: excess.most,
      received: prompt,
    } as const;
    throw invalidFields([issue]);
  }
  if (model === 'dall-e-3' && (n ?? 1) > 1) {
    const message = 'must be 1 for dall-e-3: send a request for each picture';
    throw invalidFields([{ path: ['n'], kind: 'too_big', message, limit: 1, received: n }]);
  }
  if (format === 'svg') {
    throw new AppError(
      'unsupported_feature',
      'Nothing here makes drawings in SVG: ask for png, jpeg, webp or gif.',
      {
        param: 'output_format',
      },
    );
  }
  if (background === 'transparent' && format === 'jpeg') {
    const message = 'must be opaque or auto for jpeg, which knows no transparency: ask for png or webp';
    throw invalidFields([{ path: ['background'], kind: 'malformed', message }]);
  }
}

function formatOf({ output_format: id, output_compression: quality }: ImageFields): ImageFormatRequest {
  // SVG is refused before.
  const known = id === 'svg' ? 'png' : (id ?? 'png');
  const compresses = known === 'jpeg' || known === 'webp';
  return { id: known, ...(compresses && typeof quality === 'number' ? { quality } : {}) };
}

function wishOf(fields: ImageFields, format: ImageFormatRequest): ImageWish {
  const { quality, background } = fields;
  const size = sizeIn(fields.size);
  return {
    prompt: fields.prompt,
    ...(size ? { size } : {}),
    ...(quality && quality !== 'auto' ? { quality: QUALITY[quality] } : {}),
    ...(background && background !== 'auto' ? { background } : {}),
    ...(format.id === 'gif' ? { animation: animationOf(fields) } : {}),
    ...filled('seed', fields.seed),
    ...filled('steps', fields.steps),
    ...filled('guidance', fields.guidance_scale),
    ...filled('negativePrompt', fields.negative_prompt || undefined),
    ...filled('strength', fields.strength),
    ...filled('caption', fields.caption),
  };
}

function animationOf({ frame_count: frames, frame_duration_ms: milliseconds }: ImageFields) {
  const { usual, usualMs, stepMs } = FRAMES;
  const frameMs = Math.max(stepMs, Math.round((milliseconds ?? usualMs) / stepMs) * stepMs);
  return { frames: frames ?? usual, frameMs };
}

function filled<Name extends string, Value>(
  name: Name,
  value: Value | null | undefined,
): { readonly [Key in Name]?: Value } {
  if (value === undefined || value === null) return {};
  // An object with the one key `name`: TypeScript widens a computed key to `string`.
  return { [name]: value } as { [Key in Name]: Value };
}

/** What counts as not asked for: the vendor's word for "as you like". */
function isAsked(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== 'auto' && value !== false;
}

function askedSettings(fields: ImageFields, format: ImageFormatRequest): ImageRequest['asked'] {
  const useless = uselessFields(fields, format).flatMap(({ type, setting }) =>
    type === 'ignored' ? setting : [],
  );
  return askedIn(imageParameters, fields).filter(
    ({ parameter, value }) => isAsked(value) && !useless.includes(parameter),
  );
}

/** Fields that have no meaning beside the others. */
function uselessFields(fields: ImageFields, { id }: ImageFormatRequest): Warning[] {
  const warnings: Warning[] = [];
  const ignored = (setting: keyof ImageFields, reason: string) => {
    if (isAsked(fields[setting])) warnings.push({ type: 'ignored', setting, reason });
  };
  if (id === 'png' || id === 'gif') ignored('output_compression', `${id} is always written without loss`);
  if (id !== 'gif') {
    ignored('frame_count', `a picture in ${id} does not move here`);
    ignored('frame_duration_ms', `a picture in ${id} does not move here`);
  }
  if (!fields.stream) ignored('partial_images', 'only a stream shows unfinished pictures');
  if (fields.stream && fields.response_format === 'url') {
    ignored('response_format', 'a stream carries the pictures themselves');
  }
  if (fields.quality === 'xhigh' || fields.quality === 'max') {
    warnings.push({ type: 'adjusted', setting: 'quality', from: fields.quality, to: 'high' });
  }
  return warnings;
}
