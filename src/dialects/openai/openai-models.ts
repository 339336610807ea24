import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { isInScope } from '../../core/access/grant.ts';
import type { Core } from '../../core/core.ts';
import type { Capability } from '../../core/models/model.ts';
import { servedCandidates } from '../../core/models/served-candidates.ts';
import { parseBody } from '../parse-body.ts';

const wildcard = z.object({ '*': z.string() });

/**
 * Registers the lists of models. They name every model that any dialect's vendor made known and every model of
 * the engines, as far as the caller's key is for them; what serves a name, if anything does, stands beside it.
 */
export function modelRoutes(scope: FastifyInstance, core: Core): void {
  scope.get('/models', async (request) => ({ object: 'list', data: await listFor(core, request) }));

  // Names may hold a slash, sent as it is or as %2F.
  scope.get('/models/*', async (request) => {
    const { '*': id } = parseBody(wildcard, request.params);
    const found = (await listFor(core, request)).find((model) => model.id === id);
    if (found) return found;
    throw new AppError('not_found', `The model '${id}' does not exist here. GET /v1/models lists all.`, {
      param: 'model',
      subject: 'model',
    });
  });

  scope.get('/audio/models', async (request) => ({
    models: (await listFor(core, request))
      .filter((model) => model.antiphon.capability === 'speech')
      .map(({ id, antiphon }) => ({ id, name: antiphon.title })),
  }));
}

/** The models that a caller's key is for. */
async function listFor(core: Core, { antiphon }: FastifyRequest): Promise<readonly ListedModel[]> {
  const { grant } = antiphon.principal;
  return (await listModels(core)).filter(({ id: model, antiphon: { capability, served_by: servers } }) => {
    const alsoDoes = core.models.findPublic(model)?.alsoDoes;
    const all = alsoDoes === undefined ? [capability] : [capability, alsoDoes];
    return all.some((one) => isInScope(grant, { capability: one, model }, () => servers));
  });
}

interface ListedModel {
  readonly id: string;
  readonly object: 'model';
  /** 0 where the vendor does not say. */
  readonly created: number;
  readonly owned_by: string;
  readonly shutdown_date: string | null;
  readonly antiphon: {
    readonly capability: Capability;
    readonly title: string;
    readonly served_by: readonly string[];
    readonly stand_in: boolean;
  };
}

/** The list as it is now, with what another program has installed meanwhile. */
async function listModels(core: Core): Promise<readonly ListedModel[]> {
  await core.models.refresh();
  const known = core.models.publicModels.map((model) => ({
    id: model.name,
    object: 'model' as const,
    created: model.created ?? 0,
    owned_by: model.dialect,
    shutdown_date: model.shutdownDate ?? null,
    antiphon: {
      capability: model.capability,
      title: model.title,
      ...servedBy(core, model.name, model.capability),
    },
  }));
  const own = core.models.engineModels.map((card) => ({
    id: card.id,
    object: 'model' as const,
    created: 0,
    owned_by: card.id.split('/')[0] ?? card.id,
    shutdown_date: null,
    antiphon: { capability: card.capability, title: card.name, served_by: [card.id], stand_in: false },
  }));
  return [...known, ...implementedNames(core), ...own];
}

/** Names that no vendor's list here has, and that a model elsewhere answers to: those of language models. */
function implementedNames(core: Core): readonly ListedModel[] {
  const cards = core.models.engineModels.filter(({ capability }) => capability === 'chat');
  const names = [...new Set(cards.flatMap((card) => card.implements))];
  return names.flatMap((id) => {
    const card = cards.find((one) => one.implements.includes(id));
    if (!card || core.models.findPublic(id)) return [];
    const antiphon = { capability: card.capability, title: card.name, served_by: [card.id], stand_in: false };
    const owner = card.id.split('/')[0] ?? card.id;
    return [{ id, object: 'model' as const, created: 0, owned_by: owner, shutdown_date: null, antiphon }];
  });
}

function servedBy(core: Core, name: string, capability: Capability) {
  const candidates = servedCandidates(core.models, name, capability);
  // None where nothing installed serves it; the list says so.
  return { served_by: candidates.map(({ card }) => card.id), stand_in: candidates[0]?.standIn ?? false };
}
