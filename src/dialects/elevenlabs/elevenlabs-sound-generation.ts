import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { countCodePoints } from '../../base/code-points.ts';
import { AppError } from '../../base/errors.ts';
import type { Core } from '../../core/core.ts';
import type { Asked } from '../../core/setting-support.ts';
import type { SoundParameterTables } from '../../core/sound/sound-capabilities.ts';
import type { SoundRequest, SoundSetting } from '../../core/sound/sound.ts';
import { GENERATES } from '../respond-async.ts';
import { sendSpeech } from '../speech-reply.ts';
import { looseBoolean, looseNumber, parseFields, queryValue } from './elevenlabs-fields.ts';
import { DEFAULT_OUTPUT_FORMAT, isMonoOnly, outputFormats, soundFormatNames } from './elevenlabs-formats.ts';
import { MOST_PROMPT_CHARACTERS } from './elevenlabs-models.ts';

const PATH = '/v1/sound-generation';

/** The model that makes sounds when none is named. */
const DEFAULT_SOUND_MODEL = 'eleven_text_to_sound_v2';

/** How closely a prompt is followed when nothing is said. */
const USUAL_INFLUENCE = 0.3;

/** Credits for a second of asked length, and for a sound whose length is chosen here. */
const COST = { second: 40, automatic: 200 };

export const soundQuery = z.object({ output_format: queryValue(z.enum(soundFormatNames).optional()) });

export const soundBody = z.object({
  text: z.string(),
  duration_seconds: looseNumber(z.number().min(0.5).max(30).nullish()),
  prompt_influence: looseNumber(z.number().min(0).max(1).nullish()),
  loop: looseBoolean(z.boolean().nullish()),
  model_id: z.string().nullish(),
});

type SoundBody = z.output<typeof soundBody>;

const parameters = {
  duration_seconds: 'duration',
  prompt_influence: 'prompt_influence',
  loop: 'loop',
} as const satisfies Readonly<Record<string, SoundSetting>>;

/** How the vendor spells our settings of sound effects. */
export const soundEffectParameters: SoundParameterTables = { [DEFAULT_SOUND_MODEL]: parameters };

/** Registers the route that makes sound effects. They are not kept in the history, which has no word for them. */
export function soundEffectRoutes(scope: FastifyInstance, core: Core): void {
  scope.post(PATH, GENERATES, async (request: FastifyRequest, reply: FastifyReply) => {
    const query = parseFields('query', soundQuery, request.query);
    const body = parseFields('body', soundBody, request.body);
    const format = query.output_format ?? DEFAULT_OUTPUT_FORMAT;
    checkPromptLength(core, { model: modelOf(body), prompt: body.text, param: 'text' });
    const result = await core.sound.make(toSoundRequest(body, format), request.antiphon);
    const headers = { 'character-cost': String(costOf(body)) };
    return sendSpeech(reply, result, { contentType: outputFormats[format].contentType, headers });
  });
}

/** A description, and the model that is to follow it. */
export interface Prompt {
  readonly model: string;
  readonly prompt: string;
  /** The field that holds it. */
  readonly param: string;
}

/** Refuses a description that is longer than its model takes; one that is not the vendor's takes as much as its own do. */
export function checkPromptLength({ models }: Pick<Core, 'models'>, { model, prompt, param }: Prompt): void {
  const limit = models.findPublic(model)?.maxCharacters ?? MOST_PROMPT_CHARACTERS;
  const length = countCodePoints(prompt);
  if (length <= limit) return;
  const message = `The ${param} has ${length} characters; the model ${model} takes at most ${limit} here.`;
  throw new AppError('invalid_request', message, { param, reason: 'text_too_long' });
}

function modelOf({ model_id: model }: SoundBody): string {
  return model || DEFAULT_SOUND_MODEL;
}

function toSoundRequest(body: SoundBody, format: (typeof soundFormatNames)[number]): SoundRequest {
  const { duration_seconds: seconds, prompt_influence: influence, loop } = body;
  return {
    kind: 'effect',
    model: modelOf(body),
    prompt: body.text,
    format: outputFormats[format].format,
    delivery: 'stream',
    promptInfluence: influence ?? USUAL_INFLUENCE,
    ...(typeof seconds === 'number' ? { durationSeconds: seconds } : {}),
    ...(loop ? { loop } : {}),
    ...(isMonoOnly(format) ? { channels: 1 } : {}),
    asked: askedSettings(body, parameters),
    spelling: { prompt: 'text', model: 'model_id', format: 'output_format' },
  };
}

/** The settings that a body holds. Off and nothing are what happens anyway: nobody needs a warning about them. */
export function askedSettings(
  body: Readonly<Record<string, unknown>>,
  table: Readonly<Record<string, SoundSetting>>,
): Asked<SoundSetting>[] {
  return Object.entries(table).flatMap(([parameter, setting]) => {
    const value = body[parameter];
    return value === undefined || value === null || value === false ? [] : [{ setting, parameter, value }];
  });
}

/** What the vendor would take. It is a count; nothing is billed. */
function costOf({ duration_seconds: seconds }: SoundBody): number {
  return typeof seconds === 'number' ? Math.round(COST.second * seconds) : COST.automatic;
}
