import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import type { ImageRequest, ImageResult, MadeImage } from '../../core/image/image.ts';
import { refuseUnderStrict } from '../../core/setting-support.ts';
import { sendLateJson } from '../late-json.ts';
import { publicUrl } from '../public-url.ts';
import { antiphonHeaders } from '../speech-reply.ts';
import type { EigenBody } from './eigen-body.ts';
import { toEigenImageTask, type EigenImageTask } from './eigen-image-request.ts';

/** A picture that is wanted, as it arrived. */
export interface ImageOrder {
  readonly model: string;
  readonly body: EigenBody;
  readonly context: RequestContext;
  readonly request: FastifyRequest;
}

/** Makes or changes a picture and sends it, as JSON or as it is. */
export async function answerImage(core: Core, reply: FastifyReply, order: ImageOrder): Promise<FastifyReply> {
  const { context } = order;
  const task = toEigenImageTask({ ...order, requestId: context.requestId }, core.outputs);
  if (context.strict) refuseUnderStrict(task.warnings);
  const begunAt = core.clock.monotonicMs();
  const making = makeImage(core, reply, { task, context });
  if (task.binary) {
    const { bytes, mediaType } = await making;
    return reply.type(mediaType).send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
  const answer = making.then(async (image) => ({
    ...imageFields(task.request, image),
    ...(task.output === undefined ? {} : await addressFields(core, image, order)),
    status: 'success',
    seed: image.seed,
    request_id: context.requestId,
    use_lightning: false,
    processing_time_seconds: Math.round(core.clock.monotonicMs() - begunAt) / 1000,
  }));
  return sendLateJson(reply, answer);
}

interface ImageMaking {
  readonly task: EigenImageTask;
  readonly context: RequestContext;
}

async function makeImage(
  core: Core,
  reply: FastifyReply,
  { task, context }: ImageMaking,
): Promise<MadeImage> {
  const result = await core.image.make(task.request, context);
  const image = await onlyImage(result);
  if (task.output !== undefined) await core.outputs?.write(task.output, image.bytes);
  reply.headers(antiphonHeaders({ ...result, warnings: [...task.warnings, ...result.warnings] }));
  return image;
}

async function onlyImage({ events }: ImageResult): Promise<MadeImage> {
  let found: MadeImage | undefined;
  for await (const event of events) if (event.type === 'image-end') found = event;
  if (found) return found;
  throw new AppError('engine_failed', 'The engine made no picture.');
}

/** The copy itself may lie where the caller cannot reach it; this is one that can be fetched from here. */
async function addressFields(
  core: Core,
  { bytes, mediaType }: MadeImage,
  { request, context }: ImageOrder,
): Promise<{ readonly url: string; readonly image_url: string }> {
  const filename = mediaType === 'image/jpeg' ? 'image.jpg' : 'image.png';
  const ownerId = context.principal.id;
  const file = await core.files.keep({ ownerId, mediaType, filename, bytes });
  const url = publicUrl(core, request, (await core.files.link(file)).path);
  return { url, image_url: url };
}

/** Some models have a key of their own for the picture; it stands under the usual one as well. */
function imageFields({ model, inputs }: ImageRequest, { bytes }: MadeImage): Record<string, string> {
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  if (model !== 'eigen-image') return { image_base64: base64 };
  const own = inputs.length > 0 ? 'edited_image_base64' : 'turbo_image_base64';
  return { [own]: base64, image_base64: base64 };
}
