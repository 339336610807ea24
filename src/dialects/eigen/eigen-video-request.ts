import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { VideoOrder } from '../../core/video/video-inputs.ts';
import type { VideoSetting } from '../../core/video/video.ts';
import { askedIn } from '../asked-settings.ts';
import { jobWishes } from '../job-wishes.ts';
import { mediaAt } from '../media-address.ts';
import { invalidFields, parseBody } from '../parse-body.ts';
import { findOnlyFile } from '../parse-form.ts';
import type { EigenBody } from './eigen-body.ts';
import { integerField, numberField, seedField, textField } from './eigen-fields.ts';

/** Most steps that the vendor lets a caller ask for, and how many it takes when none are named. */
const STEPS = { least: 1, most: 20, usual: 5 };
const MAX_PROMPT_CHARACTERS = 100_000;
const MOST_FRAMES = 10_000;

const IMAGE_FIELD = 'image';
const URL_FIELD = 'image_url';

export const videoFields = z.object({
  prompt: z.string().trim().min(1).max(MAX_PROMPT_CHARACTERS),
  image_url: textField,
  infer_steps: integerField.pipe(z.number().min(STEPS.least).max(STEPS.most).nullish()),
  seed: seedField.pipe(z.number().min(0).nullish()),
  frame_num: numberField.pipe(z.number().min(1).max(MOST_FRAMES).nullish()),
});

/** How this vendor spells our settings of films. */
export const EIGEN_VIDEO_PARAMETERS: Readonly<Record<string, VideoSetting>> = {
  image: 'first_frame',
  image_url: 'first_frame',
  infer_steps: 'steps',
  seed: 'seed',
  frame_num: 'frames',
};

/** A film that is wanted, as it arrived. */
export interface VideoTask {
  readonly model: string;
  readonly body: EigenBody;
  readonly request: FastifyRequest;
  readonly context: RequestContext;
}

/** The order in our words. Throws `invalid_request` naming the field. */
export function toVideoOrder({ model, body, context, request }: VideoTask): VideoOrder {
  const fields = parseBody(videoFields, body.fields);
  const frames = fields.frame_num ?? undefined;
  const seed = fields.seed ?? undefined;
  return {
    film: {
      model,
      wish: {
        prompt: fields.prompt,
        steps: fields.infer_steps ?? STEPS.usual,
        ...(frames === undefined ? {} : { frames: Math.round(frames) }),
        ...(seed === undefined ? {} : { seed }),
      },
      asked: askedIn(EIGEN_VIDEO_PARAMETERS, fields),
      strict: context.strict,
      spelling: {
        prompt: 'prompt',
        model: 'model',
        firstFrame: IMAGE_FIELD,
        source: IMAGE_FIELD,
        size: 'size',
        duration: 'frame_num',
      },
    },
    firstFrame: { media: pictureOf(body, fields.image_url ?? undefined), mustFit: false },
    job: { dialect: 'eigen', ...jobWishes(request) },
  };
}

/** An uploaded picture counts more than an address. */
function pictureOf(
  { files, fields }: VideoTask['body'],
  url: string | undefined,
): NonNullable<VideoOrder['firstFrame']>['media'] {
  const file = findOnlyFile(files, IMAGE_FIELD);
  if (file) return { ...file.media, filename: file.filename };
  if (fields[IMAGE_FIELD] !== undefined) {
    const message = 'must be a file with a file name; an address goes into image_url';
    throw invalidFields([{ path: [IMAGE_FIELD], kind: 'wrong_type', message }]);
  }
  if (url !== undefined) return mediaAt(URL_FIELD, url);
  throw new AppError('invalid_request', 'A film begins with a picture: send image or image_url.', {
    param: IMAGE_FIELD,
  });
}
