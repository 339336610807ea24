import type { FastifyInstance } from 'fastify';
import type { Core } from '../../core/core.ts';
import { parseFields } from './elevenlabs-fields.ts';
import { defaultVoiceSettings, listVoices, toListedVoice } from './elevenlabs-voice-listing.ts';
import { getVoice, voiceIdOf, voicePaths } from './elevenlabs-voice-paths.ts';
import { searchVoices, voiceSearchQuery } from './elevenlabs-voice-search.ts';

/** Registers the lists of voices, single voices and their settings. */
export function voiceRoutes(scope: FastifyInstance, core: Core): void {
  scope.get('/v1/voices', async () => ({ voices: listVoices(core) }));
  scope.get('/v2/voices', async (request) =>
    searchVoices(listVoices(core), parseFields('query', voiceSearchQuery, request.query)),
  );
  scope.get('/v1/voices/settings/default', async () => defaultVoiceSettings);
  for (const path of voicePaths('/v1/voices')) {
    scope.get(path, async (request) => toListedVoice(getVoice(core, voiceIdOf(request))));
  }
  for (const path of voicePaths('/v1/voices', '/settings')) {
    scope.get(path, async (request) => {
      getVoice(core, voiceIdOf(request));
      return defaultVoiceSettings;
    });
  }
}
