import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { ImageEngine, ImageGeneration } from '../../core/image/image-engine.ts';
import { IMAGE_SETTINGS, type ImageSetting } from '../../core/image/image.ts';
import type { ImageTools } from '../../core/image/image-tools.ts';
import type { RemoteModel, RemoteValue } from '../../core/models/remote.ts';
import { isRecord, readErrorObject } from '../remote-errors.ts';
import type { RemoteBody } from '../remote-link.ts';
import type { RemoteReply } from '../remote-reply.ts';
import { planFields, type FieldPlan } from '../remote-fields.ts';
import type { RemotePart } from './media-models.ts';
import type { FieldMap } from '../remote-fields.ts';
import type { ImageQuirks, MediaProfile } from './media-profile.ts';
import { refuseOrders } from './prompt-check.ts';
import { formBody, fromBase64, jsonBody, type FormPart } from '../remote-bodies.ts';

const MAX_BYTES = 128 * 1024 * 1024;

/** Makes and changes pictures through a server elsewhere. */
export function createRemoteImage(
  { remote, models, quirks, link }: RemotePart<ImageQuirks>,
  profile: MediaProfile,
): ImageEngine {
  const plans = new Map(models.map((model) => [`${remote}/${model.id}`, imagePlan(model, quirks)]));
  const [first] = plans.values();
  return {
    settings: first?.plan.settings ?? {},
    takes: (id) => {
      const limits = plans.get(id)?.model.limits;
      return {
        inputs: quirks.editPath === undefined ? 0 : quirks.maxInputs,
        mask: quirks.mask !== undefined,
        sizes: {
          ...quirks.sizes,
          maximum: Math.min(limits?.maxSide ?? quirks.sizes.maximum, quirks.sizes.maximum),
        },
      };
    },
    async *generate(request, context) {
      const found = plans.get(request.model);
      if (!found) throw new AppError('internal', `${request.model} is none of the models of ${remote}.`);
      const { model, plan } = found;
      refuseOrders({ prompt: request.prompt, negative_prompt: request.negativePrompt }, profile.refusedText);
      checkPixels(request, model);
      const changes = request.inputs.length > 0;
      const reply = await link.call({
        method: 'POST',
        path: changes ? (quirks.editPath ?? quirks.path) : quirks.path,
        body: changes
          ? await editBody({ request, plan, model, quirks }, context)
          : makingBody({ request, plan, model, quirks }),
        signal: context.signal,
        span: context.span,
        maxBytes: MAX_BYTES,
        headMs: model.timeoutSeconds === undefined ? undefined : model.timeoutSeconds * 1000,
      });
      yield { type: 'image-end', bytes: await pictureOfReply(reply) };
    },
  };
}

interface ImagePlan {
  readonly model: RemoteModel;
  readonly plan: FieldPlan<ImageSetting>;
}

/** Without a LoRA that the operator names there is nothing whose strength could be set. */
function imagePlan(model: RemoteModel, quirks: ImageQuirks): ImagePlan {
  const { lora_strength: strength, ...others } = quirks.fields;
  const hasLora = Object.keys({ ...model.defaults, ...model.fixed }).some((name) => /^lora(\.|$)/.test(name));
  const fields: FieldMap<ImageSetting> = hasLora && strength ? quirks.fields : others;
  return { model, plan: planFields(model, { ...quirks, fields }, isImageSetting) };
}

function isImageSetting(name: string): name is ImageSetting {
  return IMAGE_SETTINGS.some((setting) => setting === name);
}

function checkPixels({ size }: ImageGeneration, { limits, id }: RemoteModel): void {
  const most = limits.maxPixels;
  if (most === undefined || size.width * size.height <= most) return;
  throw new AppError('invalid_request', `The model ${id} makes pictures of at most ${most} pixels.`, {
    param: 'size',
  });
}

interface PictureCall extends ImagePlan {
  readonly request: ImageGeneration;
  readonly quirks: ImageQuirks;
}

function fieldsOf({ request, plan, model }: PictureCall): Readonly<Record<string, RemoteValue>> {
  const { size } = request;
  return plan.write({
    own: { model: model.upstream, prompt: request.prompt, n: 1, size: `${size.width}x${size.height}` },
    values: {
      seed: request.seed,
      steps: request.steps,
      guidance: request.guidance,
      true_guidance: request.trueGuidance,
      negative_prompt: request.negativePrompt,
      strength: request.strength,
      lora_strength: request.loraStrength,
      quality: request.quality,
      background: request.background,
      offloading: request.offloading,
      lora_rank: request.loraRank,
      profile: request.profile,
    },
  });
}

function makingBody(call: PictureCall): RemoteBody {
  return jsonBody(fieldsOf(call));
}

async function editBody(call: PictureCall, context: RequestContext): Promise<RemoteBody> {
  const { request, quirks } = call;
  const { inputField, mask } = quirks;
  const files: FormPart[] = request.inputs.map((bytes, index) => ({
    field: inputField ?? 'image',
    filename: `input-${index + 1}.png`,
    mediaType: 'image/png',
    bytes,
  }));
  if (request.mask && mask) {
    const bytes =
      mask.changed === 'white' ? await whiteMask(request.mask, request.tools, context) : request.mask;
    files.push({ field: mask.field, filename: 'mask.png', mediaType: 'image/png', bytes });
  }
  return formBody(fieldsOf(call), files);
}

/** White where the other kind of mask is transparent, black elsewhere. */
async function whiteMask(mask: Uint8Array, tools: ImageTools, context: RequestContext): Promise<Uint8Array> {
  const { pixels, width, height } = await tools.toPixels(mask, context);
  const drawn = new Uint8Array(pixels.length);
  for (let at = 0; at < pixels.length; at += 4) {
    drawn.fill(255 - (pixels[at + 3] ?? 255), at, at + 3);
    drawn[at + 3] = 255;
  }
  const { bytes } = await tools.write({ pixels: drawn, width, height }, { format: { id: 'png' } }, context);
  return bytes;
}

/** The picture itself. An address in the answer is never followed: it is for the server's own network. */
async function pictureOfReply(reply: RemoteReply): Promise<Uint8Array> {
  const bytes = await reply.collect();
  if (reply.contentType.startsWith('image/')) return bytes;
  const body = parsed(bytes, reply);
  const [first] = Array.isArray(body['data']) ? body['data'] : [];
  const base64: unknown = isRecord(first) ? first['b64_json'] : undefined;
  if (typeof base64 === 'string' && base64 !== '') return fromBase64(base64);
  const isAddress = isRecord(first) && typeof first['url'] === 'string';
  const words = readErrorObject(body).message;
  const why = isAddress ? 'it sent an address instead of a picture' : (words ?? 'there is no picture in it');
  throw new AppError('engine_failed', `The engine's answer cannot be used: ${why.slice(0, 300)}.`, {
    reason: 'no_picture',
  });
}

function parsed(bytes: Uint8Array, { contentType }: RemoteReply): Readonly<Record<string, unknown>> {
  const text = new TextDecoder().decode(bytes);
  try {
    const body: unknown = JSON.parse(text);
    if (isRecord(body)) return body;
  } catch {
    // The refusal below says what came.
  }
  const what = text.trimStart().startsWith('<') ? 'a web page' : 'something that is no JSON';
  throw new AppError(
    'engine_failed',
    `The engine's server answered with ${what}, under the type ${contentType || 'none'}.`,
    {
      reason: 'no_picture',
    },
  );
}
