import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import type { Core } from '../../core/core.ts';
import { refuseUnderStrict } from '../../core/setting-support.ts';
import type { Warning } from '../../core/warning.ts';
import { parseBody } from '../parse-body.ts';
import { GENERATES } from '../respond-async.ts';
import { sendSpeech } from '../speech-reply.ts';
import { AUDIO_FIELD, readAudioForm, withFormat } from './elevenlabs-audio-form.ts';
import { parseFields, queryValue, looseNumber } from './elevenlabs-fields.ts';
import { outputFormats } from './elevenlabs-formats.ts';

const PREFIX = '/v1/audio-isolation';

/** The vendor lets nobody choose. */
const { format, contentType } = outputFormats.mp3_44100_128;

export const isolationFields = z.object({
  file_format: z.enum(['pcm_s16le_16', 'other']).nullish(),
  preview_b64: z.string().nullish(),
});

export const historyQuery = z.object({
  page_size: queryValue(looseNumber(z.int().min(1).max(1000).optional())),
});

/** Registers what takes the noise out of recordings. None of them is kept, so that their history is empty. */
export function isolationRoutes(scope: FastifyInstance, core: Core): void {
  const isolate = async (request: FastifyRequest, reply: FastifyReply) => {
    const form = await readAudioForm(request);
    const fields = parseFields('body', isolationFields, form.fields);
    const warnings = ignoredPreview(fields);
    const context = request.antiphon;
    if (context.strict) refuseUnderStrict(warnings);
    const audio = withFormat(form.media, fields.file_format);
    const voice = await core.isolation.isolate({ audio, param: AUDIO_FIELD, format }, context);
    return sendSpeech(reply, { ...voice, warnings, standIn: true }, { contentType });
  };
  for (const path of [PREFIX, `${PREFIX}/stream`]) scope.post(path, GENERATES, isolate);
  scope.get(`${PREFIX}/history`, async (request) => {
    parseFields('query', historyQuery, request.query);
    return { items: [], has_more: false };
  });
  for (const path of [`${PREFIX}/history/:item_id`, `${PREFIX}/:item_id`]) scope.delete(path, refuseItem);
}

/** It is a picture for the vendor's own list of recordings. */
function ignoredPreview({ preview_b64: preview }: z.output<typeof isolationFields>): Warning[] {
  if (!preview) return [];
  return [{ type: 'ignored', setting: 'preview_b64', reason: 'recordings are sent back and not kept here' }];
}

async function refuseItem(request: FastifyRequest): Promise<never> {
  const { item_id: id } = parseBody(z.object({ item_id: z.string() }), request.params);
  throw new AppError('not_found', `There is no recording '${id}': they are sent back and not kept here.`, {
    param: 'audio_isolation_history_item_id',
    subject: 'history_item',
  });
}
