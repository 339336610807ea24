import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError, type FieldIssue } from '../../base/errors.ts';
import type { Core } from '../../core/core.ts';
import type { Warning } from '../../core/warning.ts';
import { invalidFields } from '../parse-body.ts';
import { sendSpeech } from '../speech-reply.ts';
import { AUDIO_FIELD, readAudioForm, withFormat } from './elevenlabs-audio-form.ts';
import { looseBoolean, looseNumber, parseFields } from './elevenlabs-fields.ts';
import { DEFAULT_OUTPUT_FORMAT, outputFormats } from './elevenlabs-formats.ts';
import { historyHeader, keepSpeech } from './elevenlabs-kept-speech.ts';
import { speechQuery, voiceSettings } from './elevenlabs-speech-schema.ts';
import { getVoice, voiceIdOf, voicePaths } from './elevenlabs-voice-paths.ts';

const PREFIX = '/v1/speech-to-speech';
const DEFAULT_MODEL = 'eleven_english_sts_v2';

const conversionFields = z.object({
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
        warnings: ignoredFields(fields),
        spelling: { audio: AUDIO_FIELD, voice: 'voice_id' },
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
  for (const path of voicePaths(PREFIX)) scope.post(path, convert);
  for (const path of voicePaths(PREFIX, '/stream')) scope.post(path, convert);
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

/** Pitch is all that is changed, always in the same way. */
function ignoredFields({ voice_settings: settings, seed }: ConversionFields): Warning[] {
  const sent = Object.entries(settings ?? {}).flatMap(([name, value]) =>
    value === undefined || value === null || value === false ? [] : [`voice_settings.${name}`],
  );
  const all = typeof seed === 'number' ? [...sent, 'seed'] : sent;
  const reason = 'only the pitch of the recording is changed';
  return all.map((setting) => ({ type: 'ignored', setting, reason }));
}
