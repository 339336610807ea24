import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import type { KnownVoice } from '../../core/voices/voice-parts.ts';
import type { VoiceRecord } from '../../core/voices/voice-record.ts';
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

/** Finds a voice that the caller may use or throws `not_found` in the vendor's words. */
export async function getVoice(
  core: Core,
  voiceId: string,
  { principal }: Pick<RequestContext, 'principal'>,
): Promise<KnownVoice> {
  const known = await core.voices.find(voiceId, principal);
  if (known) return known;
  throw noSuchVoice(voiceId);
}

/**
 * Finds a voice that was added, by its id alone. Throws `not_found` in the vendor's words, and `permission_denied` for
 * one that came with the server.
 */
export async function getAddedVoice(
  core: Core,
  voiceId: string,
  context: Pick<RequestContext, 'principal'>,
): Promise<VoiceRecord> {
  const known = await getVoice(core, voiceId, context);
  if (known.kind !== 'added') {
    const message = `The voice ${voiceId} came with the server: it cannot be changed or deleted.`;
    throw new AppError('permission_denied', message, { param: 'voice_id', subject: 'voice' });
  }
  // A name finds a voice to speak with; what is changed or deleted has to be meant.
  if (known.record.id !== voiceId) throw noSuchVoice(voiceId);
  return known.record;
}

function noSuchVoice(voiceId: string): AppError {
  return new AppError('not_found', `A voice with the voice_id ${voiceId} was not found.`, {
    param: 'voice_id',
    subject: 'voice',
  });
}
