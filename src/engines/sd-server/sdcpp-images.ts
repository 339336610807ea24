import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { ImageEngine, ImageGeneration } from '../../core/image/image-engine.ts';
import { IMAGE_SETTINGS, type ImageSetting } from '../../core/image/image.ts';
import type { ImageTools } from '../../core/image/image-tools.ts';
import { isRecord } from '../remote-errors.ts';
import { fromBase64, planFields, toBase64, type FieldPlan } from '../remote-fields.ts';
import { withinTime } from '../remote-jobs.ts';
import { pictureEvents } from '../remote-pictures.ts';
import { doSdcppJob } from './sdcpp-jobs.ts';
import { hasLora, modelOf, refuseHiddenSettings, withLoraStrength, type SdcppPart } from './sdcpp-request.ts';

const LIMITS = { least: 64, most: 2048, usual: 1024 };
/** A picture that takes longer hangs. */
const USUAL_TIMEOUT_SECONDS = 30 * 60;

/** Pictures of a server of stable-diffusion.cpp. */
export function createSdcppImages(part: SdcppPart): ImageEngine {
  const [first] = part.models;
  if (!first) throw new Error('A part has at least one model.');
  const plan = planFields(first, { fields: part.family.image, constant: CONSTANT }, isImageSetting);
  const settings = hasLora(first)
    ? { ...plan.settings, lora_strength: { minimum: 0, maximum: 2 } }
    : plan.settings;
  const { sizeStep: step, maxInputs: inputs } = part.family;
  return {
    settings,
    takes: (card) => {
      const { limits } = modelOf(part, card);
      const maximum = limits.maxSide ?? LIMITS.most;
      const usual = Math.min(LIMITS.usual, maximum);
      return {
        inputs,
        mask: true,
        sizes: { step, minimum: LIMITS.least, maximum, usual: { width: usual, height: usual } },
      };
    },
    generate: (request, context) =>
      pictureEvents(context.signal, async (signal, tell) => {
        const { timeoutSeconds = USUAL_TIMEOUT_SECONDS } = modelOf(part, request.model);
        const fields = await fieldsOf(request, { part, plan, context: { ...context, signal } });
        return withinTime(timeoutSeconds, signal, async (within) =>
          pictureIn(
            await doSdcppJob(
              { mode: 'img_gen', fields, signal: within, span: context.span, tell },
              part.jobs,
            ),
          ),
        );
      }),
  };
}

const CONSTANT = { batch_count: 1, output_format: 'png', embed_image_metadata: false };

function isImageSetting(name: string): name is ImageSetting {
  return IMAGE_SETTINGS.some((setting) => setting === name);
}

interface Asking {
  readonly part: SdcppPart;
  readonly plan: FieldPlan<ImageSetting>;
  readonly context: RequestContext;
}

async function fieldsOf(request: ImageGeneration, { part, plan, context }: Asking) {
  refuseHiddenSettings(request.prompt, 'prompt');
  refuseHiddenSettings(request.negativePrompt, 'negative_prompt');
  const { size, tools, mask } = request;
  const fields = plan.write({
    own: {
      prompt: request.prompt,
      width: size.width,
      height: size.height,
      ...pictures(request, part),
      ...(mask ? { mask_image: toBase64(await whiteWhereClear(mask, tools, context)) } : {}),
    },
    values: {
      seed: request.seed,
      steps: request.steps,
      guidance: request.guidance,
      true_guidance: request.trueGuidance,
      negative_prompt: request.negativePrompt,
      strength: request.strength,
    },
  });
  return withLoraStrength(fields, request.loraStrength);
}

/** What is changed within a mask is always the beginning of the new picture. */
function pictures({ inputs, mask }: ImageGeneration, { family }: SdcppPart) {
  const [first, ...others] = inputs.map(toBase64);
  if (first === undefined) return {};
  const looked = family.inputs === 'reference' ? [first, ...others] : others;
  return {
    ...(family.inputs === 'initial' || mask ? { init_image: first } : {}),
    ...(looked.length > 0 ? { ref_images: looked } : {}),
  };
}

/** The server changes what is white; ours is what is transparent. */
async function whiteWhereClear(
  mask: Uint8Array,
  tools: ImageTools,
  context: RequestContext,
): Promise<Uint8Array> {
  const image = await tools.toPixels(mask, context);
  const pixels = new Uint8Array(image.pixels.length);
  for (let at = 0; at < pixels.length; at += 4) {
    pixels.fill(255 - (image.pixels[at + 3] ?? 255), at, at + 3);
    pixels[at + 3] = 255;
  }
  const { bytes } = await tools.write({ ...image, pixels }, { format: { id: 'png' } }, context);
  return bytes;
}

function pictureIn({ images }: Readonly<Record<string, unknown>>): Uint8Array {
  const first: unknown = Array.isArray(images) ? images[0] : undefined;
  const base64 = isRecord(first) ? first['b64_json'] : undefined;
  if (typeof base64 === 'string' && base64 !== '') return fromBase64(base64);
  throw new AppError('engine_failed', "The engine's server finished the job without a picture.");
}
