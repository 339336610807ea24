import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import type { MediaInput } from '../../core/media-input.ts';
import type { VideoOrder } from '../../core/video/video-inputs.ts';
import type { VideoSetting, VideoSourceUse } from '../../core/video/video.ts';
import { askedIn } from '../asked-settings.ts';
import { jobWishes } from '../job-wishes.ts';
import { mediaAt } from '../media-address.ts';
import { invalidFields, parseBody } from '../parse-body.ts';
import { findOnlyFile, readForm, type FormFile } from '../parse-form.ts';
import { objectIn, toFormFields, type FormFields } from './openai-transcription-form.ts';
import { jobIdOf } from './openai-video-object.ts';

const MAX_PROMPT_CHARACTERS = 32_000;
const FILM_BYTES = 256 * 1024 * 1024;
const MOST_FILES = 4;

/** What the vendor makes when nothing is said. */
const DEFAULT_MODEL = 'sora-2';
const DEFAULT_SECONDS = '4';
const DEFAULT_SIZE = '720x1280';

const SECONDS = ['4', '8', '12', '16', '20'] as const;
const SIZES = ['720x1280', '1280x720', '1024x1792', '1792x1024', '1080x1920', '1920x1080'] as const;

const prompt = z.string().trim().min(1).max(MAX_PROMPT_CHARACTERS);
const seconds = z.preprocess((value) => (typeof value === 'number' ? String(value) : value), z.enum(SECONDS));

const reference = z.preprocess(
  objectIn,
  z.object({ image_url: z.string().nullish(), file_id: z.string().nullish() }),
);
const madeVideo = z.preprocess(objectIn, z.object({ id: z.string().min(1) }));

export const creation = z.object({
  prompt,
  model: z.string().min(1).nullish(),
  seconds: seconds.nullish(),
  size: z.enum(SIZES).nullish(),
  input_reference: reference.nullish(),
});
export const remix = z.object({ prompt });
export const change = z.object({ prompt, video: madeVideo.nullish() });
export const extension = change.extend({ seconds });

/** How this vendor spells our settings of films. */
export const videoParameters: Readonly<Record<string, VideoSetting>> = {
  seconds: 'duration',
  size: 'size',
  input_reference: 'first_frame',
  video: 'source_video',
};

const SPELLING: VideoOrder['film']['spelling'] = {
  prompt: 'prompt',
  model: 'model',
  firstFrame: 'input_reference',
  source: 'video',
  size: 'size',
  duration: 'seconds',
};

/** A body in either encoding. */
interface VideoForm {
  readonly fields: FormFields;
  readonly files: readonly FormFile[];
}

/** The order of a new film. Throws `invalid_request` naming the field. */
export async function readCreation(request: FastifyRequest): Promise<VideoOrder> {
  const form = await readVideoBody(request);
  refuseTextReference(form.fields['input_reference']);
  const fields = parseBody(creation, form.fields);
  const size = fields.size ?? DEFAULT_SIZE;
  const picture = pictureOf(form, fields.input_reference ?? undefined);
  return {
    film: {
      model: fields.model ?? DEFAULT_MODEL,
      wish: {
        prompt: fields.prompt,
        size: toSize(size),
        durationSeconds: Number(fields.seconds ?? DEFAULT_SECONDS),
      },
      asked: askedIn(videoParameters, { ...fields, input_reference: picture }),
      strict: request.antiphon.strict,
      spelling: SPELLING,
    },
    ...(picture ? { firstFrame: { media: picture, mustFit: true } } : {}),
    job: {
      dialect: 'openai',
      notes: { prompt: fields.prompt, size, seconds: fields.seconds ?? DEFAULT_SECONDS },
      ...jobWishes(request),
    },
  };
}

/** The vendor's own refusal of an address that is no object. */
function refuseTextReference(value: unknown): void {
  if (typeof value !== 'string' || typeof objectIn(value) === 'object') return;
  throw invalidFields([
    {
      path: ['input_reference'],
      kind: 'wrong_type',
      message: 'must be a file, or an object with image_url',
      expected: 'object',
    },
  ]);
}

function pictureOf(
  { files }: VideoForm,
  asked: z.output<typeof reference> | undefined,
): MediaInput | undefined {
  const file = findOnlyFile(files, 'input_reference');
  if (file) return { ...file.media, filename: file.filename };
  if (!asked) return undefined;
  if (asked.image_url) return mediaAt('input_reference.image_url', asked.image_url);
  throw new AppError(
    'unsupported_feature',
    'There are no stored files here: send the picture itself, or image_url.',
    {
      param: 'input_reference.file_id',
    },
  );
}

/** A film that is made from another one. */
export interface ChangeOrder {
  readonly prompt: string;
  readonly use: VideoSourceUse;
  /** What is to be added, for extensions. */
  readonly seconds?: number;
  readonly source: NonNullable<VideoOrder['source']>['media'];
}

/** The order of a film that is made from another one. Throws `invalid_request` naming the field. */
export async function readChange(request: FastifyRequest, use: 'edit' | 'extend'): Promise<ChangeOrder> {
  const form = await readVideoBody(request);
  const fields = parseBody(use === 'extend' ? extension : change, form.fields);
  const added = 'seconds' in fields ? { seconds: Number(fields.seconds) } : {};
  return { prompt: fields.prompt, use, source: filmOf(form, fields.video?.id), ...added };
}

/** The order to make a film anew with other words. */
export async function readRemix(request: FastifyRequest, videoId: string): Promise<ChangeOrder> {
  const { fields } = await readVideoBody(request);
  const source = { kind: 'job', id: jobIdOf(videoId) } as const;
  return { prompt: parseBody(remix, fields).prompt, use: 'remix', source };
}

function filmOf({ files }: VideoForm, id: string | undefined): ChangeOrder['source'] {
  const file = findOnlyFile(files, 'video');
  if (file) return { ...file.media, filename: file.filename };
  if (id !== undefined) return { kind: 'job', id: jobIdOf(id) };
  throw invalidFields([{ path: ['video'], kind: 'missing', message: 'this field is required' }]);
}

async function readVideoBody(request: FastifyRequest): Promise<VideoForm> {
  if (request.isMultipart()) {
    const { fields, files } = await readForm(request, { fileBytes: FILM_BYTES, files: MOST_FILES });
    return { fields: toFormFields(fields, []), files };
  }
  const { body } = request;
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return { fields: { ...body }, files: [] };
  const message = 'Send multipart/form-data, or application/json where there is no file.';
  throw new AppError('unsupported_media', message, { reason: 'content_type' });
}

function toSize(text: string): { width: number; height: number } {
  const [width = 0, height = 0] = text.split('x').map(Number);
  return { width, height };
}

/** The order of a film made from another one, in the shape and length of that one where that is known. */
export function toChangeOrder(
  { prompt: words, use, seconds: added, source }: ChangeOrder,
  original: { readonly model: string; readonly size: string; readonly seconds: string; readonly id?: string },
  request: FastifyRequest,
): VideoOrder {
  const length = use === 'extend' ? Number(original.seconds) + (added ?? 0) : Number(original.seconds);
  return {
    film: {
      model: original.model,
      wish: { prompt: words, size: toSize(original.size), durationSeconds: length },
      asked: [{ setting: 'source_video', parameter: 'video', value: true }],
      strict: request.antiphon.strict,
      spelling: SPELLING,
    },
    source: { media: source, use },
    job: {
      dialect: 'openai',
      notes: {
        prompt: words,
        size: original.size,
        seconds: String(length),
        ...(use === 'remix' && original.id !== undefined ? { remixed_from: original.id } : {}),
      },
      ...jobWishes(request),
    },
  };
}
