import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import type { KnownVoice } from '../../core/voices/voice-library.ts';
import { looseBoolean, looseNumber, parseFields, queryValue } from './elevenlabs-fields.ts';
import { outputFormatNames } from './elevenlabs-formats.ts';
import { modelOf } from './elevenlabs-speech-request.ts';
import { speechQuery } from './elevenlabs-speech-schema.ts';
import { getVoice, voiceIdOf } from './elevenlabs-voice-paths.ts';

const flag = queryValue(looseBoolean(z.boolean().optional()));
const word = queryValue(z.string().optional());

/** Seconds without a message after which a socket is closed, unless its query says otherwise. */
const INACTIVITY_SECONDS = { usual: 20, most: 180 };

export const socketQuery = speechQuery.extend({
  output_format: queryValue(z.enum(outputFormatNames).optional()),
  language_code: word,
  enable_ssml_parsing: flag,
  sync_alignment: flag,
  auto_mode: flag,
  apply_text_normalization: queryValue(z.enum(['auto', 'on', 'off']).optional()),
  seed: queryValue(looseNumber(z.int().min(0).max(4_294_967_295).optional())),
  inactivity_timeout: queryValue(
    looseNumber(z.int().min(1).max(INACTIVITY_SECONDS.most).default(INACTIVITY_SECONDS.usual)),
  ),
});

/** What the address of a socket says; it holds for everything that is spoken on it. */
export interface SocketCall {
  readonly voiceId: string;
  readonly query: z.output<typeof socketQuery>;
}

/** Models that the vendor speaks only over HTTP. */
const NOT_ON_SOCKETS = ['eleven_v3'];

/** Reads the address. Throws `invalid_request` that names the wrong parameter. */
export function readSocketCall(request: FastifyRequest): SocketCall {
  return { voiceId: voiceIdOf(request), query: parseFields('query', socketQuery, request.query) };
}

/** The voice that speaks. Refuses a voice or model that cannot speak here, before any text came. */
export async function findSocketVoice(
  core: Core,
  call: SocketCall,
  caller: Pick<RequestContext, 'principal'>,
): Promise<KnownVoice> {
  const voice = await getVoice(core, call.voiceId, caller);
  const model = modelOf({ body: { text: '' }, query: call.query });
  core.models.candidates(model, 'speech');
  if (!NOT_ON_SOCKETS.includes(model)) return voice;
  throw new AppError('unsupported_feature', `The model ${model} does not speak over WebSockets.`, {
    param: 'model_id',
    reason: 'unsupported_model',
  });
}
