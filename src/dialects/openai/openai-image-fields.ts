import { z } from 'zod';
import { countCodePoints } from '../../base/code-points.ts';
import type { ImageSetting } from '../../core/image/image.ts';
import { flagIn, linesIn, numberIn } from './openai-transcription-form.ts';
import { ownValue } from '../../base/own-value.ts';

/** Longest prompt, in code points: of the vendor's image models, and of the two that it has switched off. */
const MAX_PROMPT_CHARACTERS = 32_000;
const OLD_PROMPT_CHARACTERS: Readonly<Record<string, number>> = { 'dall-e-2': 1000, 'dall-e-3': 4000 };

const MOST_PICTURES = 10;
const MOST_PREVIEWS = 3;
const MOST_FRAMES = 16;
const LONGEST_FRAME_MS = 655_350;

/** Sides of a free size: both a multiple of this, neither longer than 3 times the other, within these two. */
const FREE_SIZE = { step: 16, longest: 3840, shortest: 2160, ratio: 3 };
const SIZE_TEXT = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/;

const name = z.string().min(1);
const prompt = z.preprocess(linesIn, z.string());
const flag = z.preprocess(flagIn, z.boolean().nullish());
const strict = z.preprocess(flagIn, z.boolean().optional().catch(undefined));
const size = z.string().refine((text) => text === 'auto' || isMade(text), {
  error:
    'must be auto or WIDTHxHEIGHT: multiples of 16, at most 3840x2160, no side longer than 3 times the other',
});

function whole(minimum: number, maximum: number) {
  return z.preprocess(numberIn, z.int().min(minimum).max(maximum).nullish());
}

/** What is asked of an engine beyond the vendor's own fields, spelled as other servers do. */
const ours = {
  seed: z.preprocess(numberIn, z.int().min(0).nullish()),
  steps: z.preprocess(numberIn, z.number().min(1).nullish()),
  guidance_scale: z.preprocess(numberIn, z.number().nullish()),
  negative_prompt: z.preprocess(linesIn, z.string().nullish()),
  strength: z.preprocess(numberIn, z.number().min(0).max(1).nullish()),
  caption: flag,
  strict,
};

const making = z.object({
  prompt,
  model: name.nullish(),
  n: whole(1, MOST_PICTURES),
  size: size.nullish(),
  quality: z.enum(['low', 'medium', 'high', 'xhigh', 'max', 'auto', 'standard', 'hd']).nullish(),
  background: z.enum(['transparent', 'opaque', 'auto']).nullish(),
  output_format: z.enum(['png', 'jpeg', 'webp', 'gif', 'svg']).nullish(),
  output_compression: whole(0, 100),
  moderation: z.enum(['low', 'auto']).nullish(),
  complexity: z.enum(['low', 'medium', 'high']).nullish(),
  stream: flag,
  // None is what everybody gets.
  partial_images: whole(0, MOST_PREVIEWS).transform((count) => count || undefined),
  frame_count: whole(2, MOST_FRAMES),
  frame_duration_ms: z.preprocess(numberIn, z.number().min(1).max(LONGEST_FRAME_MS).nullish()),
  response_format: z.enum(['url', 'b64_json']).nullish(),
  ...ours,
});

/** What is asked of `/images/generations`. */
export const generationFields = making.extend({ style: z.enum(['vivid', 'natural']).nullish() });

/** What is asked of `/images/edits`, its pictures aside. */
export const editFields = making.extend({ input_fidelity: z.enum(['high', 'low']).nullish() });

/** What is asked of `/images/variations`, its picture aside. */
export const variationFields = z.object({
  model: name.nullish(),
  n: whole(1, MOST_PICTURES),
  size: z.enum(['256x256', '512x512', '1024x1024']).nullish(),
  response_format: z.enum(['url', 'b64_json']).nullish(),
  strict,
});

/** A request for pictures in the vendor's words, checked; what the others have and this one lacks is absent. */
export type ImageFields = z.output<typeof making> &
  Partial<
    Pick<z.output<typeof generationFields>, 'style'> & Pick<z.output<typeof editFields>, 'input_fidelity'>
  >;

/** How this vendor spells our settings of pictures. */
export const imageParameters = {
  size: 'size',
  quality: 'quality',
  background: 'background',
  style: 'style',
  moderation: 'moderation',
  complexity: 'complexity',
  input_fidelity: 'input_fidelity',
  frame_count: 'animation',
  frame_duration_ms: 'animation',
  partial_images: 'previews',
  seed: 'seed',
  steps: 'steps',
  guidance_scale: 'guidance',
  negative_prompt: 'negative_prompt',
  strength: 'strength',
  caption: 'caption',
} as const satisfies Readonly<Record<string, ImageSetting>>;

/** A size in numbers; undefined for `auto` and where there is none. */
export function sizeIn(text: string | null | undefined): { width: number; height: number } | undefined {
  const [, width, height] = SIZE_TEXT.exec(text ?? '') ?? [];
  return width === undefined || height === undefined
    ? undefined
    : { width: Number(width), height: Number(height) };
}

function isMade(text: string): boolean {
  const found = sizeIn(text);
  if (!found) return false;
  const { step, longest, shortest, ratio } = FREE_SIZE;
  const long = Math.max(found.width, found.height);
  const short = Math.min(found.width, found.height);
  const onSteps = found.width % step === 0 && found.height % step === 0;
  return onSteps && long <= longest && short <= shortest && long <= ratio * short;
}

/** How many characters a prompt has too many for a model, and how many it may have; undefined when it fits. */
export function excessOf(text: string, model: string): { length: number; most: number } | undefined {
  const most = ownValue(OLD_PROMPT_CHARACTERS, model) ?? MAX_PROMPT_CHARACTERS;
  const length = countCodePoints(text);
  return length > most ? { length, most } : undefined;
}
