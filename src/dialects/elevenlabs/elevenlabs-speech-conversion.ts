import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError, type FieldIssue } from '../../base/errors.ts';
import type { Core } from '../../core/core.ts';
import type { AskedSetting } from '../../core/speech/speech.ts';
import { invalidFields } from '../parse-body.ts';
import { GENERATES } from '../respond-async.ts';
import { sendSpeech } from '../speech-reply.ts';
import { AUDIO_FIELD, readAudioForm, withFormat } from './elevenlabs-audio-form.ts';
import { looseBoolean, looseNumber, parseFields } from './elevenlabs-fields.ts';
import { DEFAULT_OUTPUT_FORMAT, outputFormats } from './elevenlabs-formats.ts';
import { historyHeader, keepSpeech } from './elevenlabs-kept-speech.ts';
import { speechParameters } from './elevenlabs-speech-request.ts';
import { speechQuery, voiceSettings } from './elevenlabs-speech-schema.ts';
import { getVoice, voiceIdOf, voicePaths } from './elevenlabs-voice-paths.ts';

const PREFIX = '/v1/speech-to-speech';
const DEFAULT_MODEL = 'eleven_english_sts_v2';

export const conversionFields = z.object({
  model_id: z.string().nullish(),
  voice_settings: z.preprocess(parseSettings, voiceSettings.nullish()),
  seed: looseNumber(z.int().min(0).max(4_294_967_295).nullish()),
  remove_background_noise: looseBoolean(z.boolean().nullish()),
  file_format: z.enum(['pcm_s16le_16', 'other']).nullish(),
});

type ConversionFields = z.output<typeof conversionFields>;

/** Registers what turns a recording towards another voice. */
export function conversionRoutes(scope: FastifyInstance, core: Core): void {
  const convert = async (request: FastifyRequest, reply: FastifyReply) => {
    const query = parseFields('query', speechQuery, request.query);
    const form = await readAudioForm(request);
    const fields = parseFields('body', conversionFields, form.fields);
    const { antiphon: context } = request;
    const voiceId = voiceIdOf(request);
    const voice = await getVoice(core, voiceId, context);
    const model = fields.model_id || DEFAULT_MODEL;
    checkModel(core, model);
    const { format, contentType } = outputFormats[query.output_format ?? DEFAULT_OUTPUT_FORMAT];
    const converted = await core.conversion.convert(
      {
        audio: withFormat(form.media, fields.file_format),
        voice,
        voiceId,
        model,
        format,
        voiceOnly: fields.remove_background_noise ?? false,
        asked: askedSettings(fields),
        ...(typeof fields.seed === 'number' ? { seed: fields.seed } : {}),
        spelling: { audio: AUDIO_FIELD, voice: 'voice_id', model: 'model_id' },
      },
      context,
    );
    const asked = {
      source: 'speech_conversion',
      enableLogging: query.enable_logging,
      model,
      voice,
      text: '',
      cost: 0,
      outputFormat: query.output_format,
      settings: fields.voice_settings,
    } as const;
    const kept = keepSpeech(core, { asked, result: converted }, context);
    return sendSpeech(reply, kept.result, { contentType, headers: historyHeader(kept) });
  };
  for (const path of voicePaths(PREFIX)) scope.post(path, GENERATES, convert);
  for (const path of voicePaths(PREFIX, '/stream')) scope.post(path, GENERATES, convert);
}

/** Clients send the settings as JSON text. */
function parseSettings(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    const message = 'must be JSON';
    const issue: FieldIssue = { path: ['voice_settings'], kind: 'malformed', message, received: value };
    throw invalidFields([issue]);
  }
}

function checkModel(core: Core, model: string): void {
  if (core.models.findPublic(model)?.capability === 'conversion') return;
  throw new AppError('not_found', `The model '${model}' does not convert speech. Use ${DEFAULT_MODEL}.`, {
    param: 'model_id',
    subject: 'model',
  });
}

const SETTINGS = ['stability', 'similarity_boost', 'style', 'use_speaker_boost', 'speed'] as const;

function askedSettings({ voice_settings: settings, seed }: ConversionFields): AskedSetting[] {
  const sent = SETTINGS.flatMap((name): AskedSetting[] => {
    const value = settings?.[name];
    // What is off is what happens anyway: nobody needs a warning about it.
    if (value === undefined || value === null || value === false) return [];
    const parameter = `voice_settings.${name}` as const;
    return [{ setting: speechParameters[parameter], parameter, value }];
  });
  return typeof seed === 'number' ? [...sent, { setting: 'seed', parameter: 'seed', value: seed }] : sent;
}
