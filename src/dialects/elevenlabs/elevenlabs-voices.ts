import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Core } from '../../core/core.ts';
import { addedVoiceRoutes } from './elevenlabs-added-voices.ts';
import { parseFields } from './elevenlabs-fields.ts';
import { listVoices, shippedVoices, toListedVoice, type VoiceViewer } from './elevenlabs-voice-listing.ts';
import { getVoice, voiceIdOf, voicePaths } from './elevenlabs-voice-paths.ts';
import { voicePreviewRoutes } from './elevenlabs-voice-previews.ts';
import { searchVoices, type VoiceShelf } from './elevenlabs-voice-pages.ts';
import { voiceSearchQuery } from './elevenlabs-voice-search.ts';
import { defaultVoiceSettings, settingsOf } from './elevenlabs-voice-settings.ts';
import { voiceDesignRoutes } from './elevenlabs-voice-design.ts';
import { sharedVoiceRoutes } from './elevenlabs-shared-voices.ts';

/** Registers the lists of voices, single voices, their settings, and what adds and changes them. */
export function voiceRoutes(scope: FastifyInstance, core: Core): void {
  const previews = voicePreviewRoutes(scope, core);
  const viewerOf = (request: FastifyRequest): VoiceViewer => ({
    principalId: request.antiphon.principal.id,
    canClone: core.engines.some(({ speech }) => speech?.settings.voice_sample !== undefined),
    previewUrl: previews.addressFor(request),
  });
  const list = (request: FastifyRequest) => listVoices(core, viewerOf(request), request.antiphon);

  scope.get('/v1/voices', async (request) => ({ voices: await list(request) }));
  scope.get('/v2/voices', async (request) => {
    const search = parseFields('query', voiceSearchQuery, request.query);
    return searchVoices(search, shelfOf(core, request, viewerOf(request)));
  });
  scope.get('/v1/voices/settings/default', async () => defaultVoiceSettings);
  for (const path of voicePaths('/v1/voices')) {
    scope.get(path, async (request) => {
      const known = await getVoice(core, voiceIdOf(request), request.antiphon);
      return toListedVoice(known, viewerOf(request));
    });
  }
  for (const path of voicePaths('/v1/voices', '/settings')) {
    scope.get(path, async (request) => {
      const known = await getVoice(core, voiceIdOf(request), request.antiphon);
      return known.kind === 'added' ? settingsOf(known.record.traits) : defaultVoiceSettings;
    });
  }
  addedVoiceRoutes(scope, core);
  sharedVoiceRoutes(scope, core, viewerOf);
  voiceDesignRoutes(scope, core, viewerOf);
}

function shelfOf(core: Core, { antiphon }: FastifyRequest, viewer: VoiceViewer): VoiceShelf {
  const { studio } = core;
  return {
    shipped: shippedVoices(core),
    added: {
      page: (query) => studio.page(query, antiphon),
      count: (whose) => studio.count(whose, antiphon),
      find: (id) => studio.find(id, antiphon),
    },
    viewer,
  };
}
