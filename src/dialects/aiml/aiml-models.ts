import type { FastifyInstance, FastifyRequest } from 'fastify';
import { FULL_GRANT, isInScope, type Grant } from '../../core/access/grant.ts';
import type { Core } from '../../core/core.ts';
import { servedCandidates, serversIn } from '../../core/models/served-candidates.ts';
import { bearerToken } from '../bearer-token.ts';
import { findCaller } from '../request-admission.ts';
import { aimlModelList, type AimlModel } from './aiml-names.ts';

/** By this type a client finds the route that a model belongs to. */
const AUDIO_TYPE = 'internal/audio-generations/submit';

/**
 * Registers the catalogue: the vendor's models that something here can serve. Only under the dialect's own prefix, for
 * nothing in a request for the shared path tells this vendor's callers from others.
 */
export function catalogueRoute(scope: FastifyInstance, core: Core): void {
  // The vendor's catalogue is for everybody; whoever brings a key sees what that is for.
  scope.get('/v1/models', { config: { asksWhoCalls: true } }, async (request) => {
    const grant = await grantOf(core, request);
    await core.models.refresh();
    const open = aimlModelList.filter((model) => isOpen(core, grant, model));
    return { object: 'list', data: open.flatMap((model) => entry(core, model) ?? []) };
  });
}

async function grantOf(core: Core, request: FastifyRequest): Promise<Grant> {
  const credential = bearerToken(request);
  if (credential === undefined) return FULL_GRANT;
  return (await findCaller(core, request, () => core.authenticator.authenticate(credential))).grant;
}

function isOpen({ models }: Core, grant: Grant, { name, makesEffects }: AimlModel): boolean {
  const capabilities = makesEffects ? (['music', 'sound'] as const) : (['music'] as const);
  return capabilities.some((capability) => isInScope(grant, { capability, model: name }, serversIn(models)));
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
