import type { FastifyInstance } from 'fastify';
import type { Core } from '../../core/core.ts';
import { servedCandidates } from '../../core/models/served-candidates.ts';
import { aimlModelList, type AimlModel } from './aiml-names.ts';

/** By this type a client finds the route that a model belongs to. */
const AUDIO_TYPE = 'internal/audio-generations/submit';

/**
 * Registers the catalogue: the vendor's models that something here can serve. Only under the dialect's own prefix, for
 * nothing in a request for the shared path tells this vendor's callers from others.
 */
export function catalogueRoute(scope: FastifyInstance, core: Core): void {
  // The vendor's catalogue is for everybody.
  scope.get('/v1/models', { config: { asksWhoCalls: true } }, async () => {
    await core.models.refresh();
    return { object: 'list', data: aimlModelList.flatMap((model) => entry(core, model) ?? []) };
  });
}

function entry(core: Core, model: AimlModel) {
  const candidates = servedCandidates(core.models, model.name, 'music');
  const [first] = candidates;
  if (!first) return undefined;
  return {
    id: model.name,
    type: AUDIO_TYPE,
    aliases: [],
    tags: ['music-generation', ...(model.makesEffects ? ['sound-effects'] : [])],
    info: { name: model.title, developer: model.developer, description: model.description },
    antiphon: { served_by: candidates.map(({ card }) => card.id), stand_in: first.standIn },
  };
}
