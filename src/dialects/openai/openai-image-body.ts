import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import type { MediaInput } from '../../core/media-input.ts';
import { mediaAt } from '../media-address.ts';
import { invalidFields, parseBody } from '../parse-body.ts';
import { readForm, type FormFile } from '../parse-form.ts';
import { objectIn, toFormFields, type FormFields } from './openai-transcription-form.ts';

/** Bytes of one picture that the vendor takes, unless the operator says otherwise. */
const PICTURE_BYTES = 50 * 1024 * 1024;
/** Pictures that an edit takes; a few files more under other names are passed over. */
const MOST_PICTURES = 16;
const MOST_FILES = MOST_PICTURES + 4;

/** A body in JSON may hold pictures as data URLs. */
export const IMAGE_JSON_BYTES = 64 * 1024 * 1024;

/** What was said, and the pictures that came with it, in their order. */
export interface ImageBody {
  readonly fields: FormFields;
  readonly pictures: readonly MediaInput[];
  /** How the caller spelled them. */
  readonly spelling: 'image' | 'images';
  readonly mask?: MediaInput;
}

/** Reads a body in JSON that names no pictures. */
export function readPlainBody(request: FastifyRequest): FormFields {
  const { body } = request;
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body };
  throw new AppError('invalid_request', 'The body must be a JSON object, sent as application/json.', {
    reason: 'malformed',
  });
}

/** Reads a form, or a body in JSON, with pictures. Throws `invalid_request` naming the field when there is none. */
export async function readImageBody(request: FastifyRequest): Promise<ImageBody> {
  const body = request.isMultipart() ? await readPictureForm(request) : readPictureJson(request);
  if (body.fields['markup'] !== undefined) throw noMarkup();
  if (body.pictures.length === 0) {
    throw invalidFields([{ path: [body.spelling], kind: 'missing', message: 'this field is required' }]);
  }
  if (body.pictures.length > MOST_PICTURES) {
    const message = `must be at most ${MOST_PICTURES} pictures, and there are ${body.pictures.length}`;
    throw invalidFields([{ path: [body.spelling], kind: 'too_long', message, limit: MOST_PICTURES }]);
  }
  return body;
}

async function readPictureForm(request: FastifyRequest): Promise<ImageBody> {
  const form = await readForm(request, { fileBytes: PICTURE_BYTES, files: MOST_FILES });
  const fields = toFormFields(form.fields, []);
  const named = (name: string) => form.files.filter(({ field }) => fieldName(field) === name);
  const masks = named('mask');
  if (named('markup').length > 0) throw noMarkup();
  refuseText(fields);
  if (masks.length > 1) {
    const message = `must be one file, and there are ${masks.length}`;
    throw invalidFields([{ path: ['mask'], kind: 'malformed', message }]);
  }
  const [mask] = masks;
  const pictures = named('image').map(mediaOf);
  return { fields, pictures, spelling: 'image', ...(mask ? { mask: mediaOf(mask) } : {}) };
}

/** A list is `image[]` or `image[0]`, one part for each; and all may be wrapped in `extra_body[…]`. */
function fieldName(field: string): string {
  return field.replace(/^extra_body\[([^\]]+)\]/, '$1').replace(/\[\d*\]$/, '');
}

function mediaOf({ media, filename }: FormFile): MediaInput {
  return { ...media, filename };
}

function refuseText(fields: FormFields): void {
  const texts = ['image', 'mask'].filter((name) => fields[name] !== undefined);
  if (texts.length === 0) return;
  const message = 'must be a file with a file name, not a text part';
  throw invalidFields(texts.map((name) => ({ path: [name], kind: 'wrong_type', message })));
}

const reference = z.preprocess(
  (value) => (typeof value === 'string' && !value.startsWith('{') ? { image_url: value } : objectIn(value)),
  z.object({ image_url: z.string().nullish(), file_id: z.string().nullish() }),
);
export const references = z.object({
  images: z.array(reference).nullish(),
  mask: reference.nullish(),
});

function readPictureJson(request: FastifyRequest): ImageBody {
  const fields = readPlainBody(request);
  const { images, mask } = parseBody(references, fields);
  return {
    fields,
    pictures: (images ?? []).map((one, place) => mediaIn(one, `images.${place}`)),
    spelling: 'images',
    ...(mask ? { mask: mediaIn(mask, 'mask') } : {}),
  };
}

function mediaIn({ image_url: url }: z.output<typeof reference>, param: string): MediaInput {
  if (url) return mediaAt(`${param}.image_url`, url);
  throw new AppError(
    'unsupported_feature',
    'There are no stored files here: send the picture itself, or image_url with its address or a data URL.',
    { param: `${param}.file_id` },
  );
}

function noMarkup(): AppError {
  return new AppError(
    'unsupported_feature',
    'Nothing here understands marks that are painted over a picture: say in the prompt what to change, or send a mask.',
    { param: 'markup' },
  );
}
