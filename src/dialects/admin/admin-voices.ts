import type { FastifyInstance } from 'fastify';
import type { Principal } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import type { VoiceRecord } from '../../core/voices/voice-record.ts';

/** Registers the list of all voices that the caller can speak with. */
export function voicesRoute(scope: FastifyInstance, core: Core): void {
  scope.get('/voices', async ({ antiphon }) => {
    const added = await core.studio.list(antiphon);
    return {
      presets: core.voices.presets,
      voices: core.voices.engineVoices,
      added: added.map((record) => addedEntry(record, antiphon.principal)),
    };
  });
}

function addedEntry({ ownerId, samples, ...record }: VoiceRecord, { id }: Principal) {
  return {
    ...record,
    isOwner: ownerId === id,
    samples: samples.map(({ blobId: _where, ...sample }) => sample),
  };
}
