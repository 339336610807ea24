import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import type { Core } from '../../core/core.ts';
import type { KnownVoice } from '../../core/voices/voice-library.ts';
import { parseBody } from '../parse-body.ts';

const voiceParams = z.object({ voice_id: z.string(), rest: z.string().optional() });

/**
 * The two paths of a voice's route. An engine voice has a slash in its id, and not every client of the vendor
 * escapes it, so `engine/name` may stand where the vendor has one segment.
 */
export function voicePaths(prefix: string, suffix = ''): readonly string[] {
  return [`${prefix}/:voice_id${suffix}`, `${prefix}/:voice_id/:rest${suffix}`];
}

/** The voice id in the path of a request. */
export function voiceIdOf(request: Pick<FastifyRequest, 'params'>): string {
  const { voice_id: voiceId, rest } = parseBody(voiceParams, request.params);
  return rest === undefined ? voiceId : `${voiceId}/${rest}`;
}

/** Finds a voice or throws `not_found` in the vendor's words. */
export function getVoice(core: Core, voiceId: string): KnownVoice {
  const known = core.voices.find(voiceId);
  if (known) return known;
  throw new AppError('not_found', `A voice with the voice_id ${voiceId} was not found.`, {
    param: 'voice_id',
    subject: 'voice',
  });
}
