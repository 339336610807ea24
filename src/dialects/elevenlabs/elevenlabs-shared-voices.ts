import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import type { Core } from '../../core/core.ts';
import { looseNumber, parseFields, queryValue } from './elevenlabs-fields.ts';
import { findSimilarVoices } from './elevenlabs-similar-voices.ts';
import { listVoices, type ListedVoice, type VoiceViewer } from './elevenlabs-voice-listing.ts';

export const sharedQuery = z.object({
  page_size: queryValue(looseNumber(z.int().min(1).max(100).default(30))),
  page: queryValue(looseNumber(z.int().min(0).default(0))),
});

export const accentsQuery = z.object({ language: queryValue(z.string().optional()) });

/**
 * Registers what the vendor has beyond a caller's own voices. Nobody shares voices here, so the public library is
 * empty; similar voices are found among those of this server.
 */
export function sharedVoiceRoutes(
  scope: FastifyInstance,
  core: Core,
  viewerOf: (request: FastifyRequest) => VoiceViewer,
): void {
  scope.get('/v1/shared-voices', async (request) => {
    parseFields('query', sharedQuery, request.query);
    return { voices: [], has_more: false, total_count: 0, last_sort_id: null };
  });
  scope.post('/v1/voices/add/:public_user_id/:voice_id', async () => {
    const message = 'There is no public voice library here, so there is no such shared voice.';
    throw new AppError('not_found', message, { param: 'voice_id', subject: 'voice' });
  });
  scope.post('/v1/similar-voices', (request) => findSimilarVoices(core, request, viewerOf(request)));
  scope.get('/v1/voices/accents', async (request) => {
    const { language } = parseFields('query', accentsQuery, request.query);
    const accents = accentsOf(await listVoices(core, viewerOf(request), request.antiphon));
    return { accents: accents.filter((one) => language === undefined || one.language === language) };
  });
  unavailableRoutes(scope);
}

/** The accents that some voice here is labelled with, each once in each language. */
function accentsOf(voices: readonly ListedVoice[]) {
  const accents = voices.flatMap(({ labels: { accent, language = 'en' } }) => {
    if (!accent) return [];
    const code = accent.toLowerCase().replace(/\s+/g, '_');
    const name = `${accent.charAt(0).toUpperCase()}${accent.slice(1).replaceAll('_', ' ')}`;
    return { accent, language, code, name };
  });
  return [...new Map(accents.map((one) => [`${one.language} ${one.code}`, one])).values()];
}

/** What needs a service behind it that is not here. A 4xx, because the vendor's clients repeat every 5xx. */
function unavailableRoutes(scope: FastifyInstance): void {
  const refuse = (message: string) => async () => {
    throw new AppError('unsupported_feature', message);
  };
  scope.get('/v1/voices/collections', async () => ({ collections: [] }));
  scope.post(
    '/v1/voices/collections',
    refuse('Voices cannot be put into collections here; labels and search take their place.'),
  );
  const professional = refuse(
    'Voices are not trained here. POST /v1/voices/add makes a voice from recordings at once.',
  );
  scope.post('/v1/voices/pvc', professional);
  scope.all('/v1/voices/pvc/*', professional);
}
