import { AppError } from '../../base/errors.ts';
import type { ImageEngine, ImageGeneration } from '../../core/image/image-engine.ts';
import type { ImageSetting } from '../../core/image/image.ts';
import type { WorkSpan } from '../../core/ports/work-span.ts';
import { withinTime } from '../remote-jobs.ts';
import { pictureEvents } from '../remote-pictures.ts';
import { runGraph } from './comfyui-runs.ts';
import type { GraphTemplate, SlotName } from './graph-template.ts';
import {
  slotSettings,
  slotValues,
  templateOf,
  type SlotWords,
  type TemplatePart,
} from './template-settings.ts';

const WORDS: SlotWords<ImageSetting> = {
  seed: 'seed',
  steps: 'steps',
  cfg: 'guidance',
  true_cfg: 'true_guidance',
  negative: 'negative_prompt',
  strength: 'strength',
  lora_strength: 'lora_strength',
  rank: 'lora_rank',
  offloading: 'offloading',
};

/** The service's own words for what came. */
const PARTS: Readonly<Partial<Record<SlotName, string>>> = {
  prompt: 'prompt',
  width: 'size',
  height: 'size',
  image: 'inputs',
  image2: 'inputs',
  image3: 'inputs',
  mask: 'mask',
};

const INPUTS: readonly SlotName[] = ['image', 'image2', 'image3'];
const SIZES = { step: 16, minimum: 64, maximum: 2048, usual: 1024 };
const PICTURES = /\.(png|jpe?g|webp)$/i;
/** A picture that takes longer hangs. */
const USUAL_TIMEOUT_SECONDS = 30 * 60;

/** Pictures of a server of ComfyUI. */
export function createComfyuiImages(part: TemplatePart): ImageEngine {
  return {
    settings: slotSettings(part, WORDS),
    takes: (card) => {
      const { model, template } = templateOf(part, card);
      const maximum = model.limits.maxSide ?? SIZES.maximum;
      const side = Math.min(SIZES.usual, maximum);
      const { step, minimum } = SIZES;
      return {
        inputs: inputSlots(template).length,
        mask: template.slots.has('mask'),
        sizes: { step, minimum, maximum, usual: { width: side, height: side } },
      };
    },
    generate: (request, context) =>
      pictureEvents(context.signal, (signal, tell) => {
        const { timeoutSeconds = USUAL_TIMEOUT_SECONDS } = templateOf(part, request.model).model;
        return withinTime(timeoutSeconds, signal, (within) =>
          makePicture(request, { part, signal: within, span: context.span, tell }),
        );
      }),
  };
}

function inputSlots({ slots }: GraphTemplate): SlotName[] {
  return INPUTS.filter((name) => slots.has(name));
}

interface Making {
  readonly part: TemplatePart;
  readonly signal: AbortSignal;
  readonly span: WorkSpan | undefined;
  readonly tell: (fraction: number) => void;
}

function makePicture(request: ImageGeneration, { part, signal, span, tell }: Making): Promise<Uint8Array> {
  const chosen = templateOf(part, request.model);
  const { template } = chosen;
  const slots = inputSlots(template);
  if (slots.length > 0 && request.inputs.length === 0) throw noPicture();
  const values = slotValues(chosen, {
    prompt: request.prompt,
    negative: request.negativePrompt,
    seed: request.seed,
    steps: request.steps,
    cfg: request.guidance,
    true_cfg: request.trueGuidance,
    strength: request.strength,
    lora_strength: request.loraStrength,
    rank: request.loraRank,
    offloading: request.offloading,
    width: request.size.width,
    height: request.size.height,
  });
  const files = new Map<SlotName, Uint8Array>();
  for (const [place, bytes] of request.inputs.entries()) {
    const slot = slots[place];
    if (slot) files.set(slot, bytes);
  }
  if (request.mask) files.set('mask', request.mask);
  const wordOf = (slot: SlotName) => PARTS[slot] ?? WORDS[slot] ?? slot;
  return runGraph({ template, values, files, wordOf, accepts: PICTURES, signal, span, tell }, part.runs);
}

function noPicture(): AppError {
  return new AppError('unsupported_feature', 'This model changes pictures, so it needs one.', {
    param: 'inputs',
    reason: 'image_inputs',
  });
}
