import { isInScope, type Grant } from '../../core/access/grant.ts';
import type { Core } from '../../core/core.ts';
import { serversIn } from '../../core/models/served-candidates.ts';
import { servedChatModels } from './eigen-chat.ts';
import { EIGEN_MODELS } from './eigen-names.ts';

interface ListedModel {
  readonly id: string;
  readonly object: 'model';
  readonly created: number;
  readonly owned_by: string;
}

/** The list in the shape that OpenAI made usual: the vendor's models that something here can serve and a key is for. */
export async function listEigenModels(
  core: Core,
  grant: Grant,
): Promise<{
  readonly object: 'list';
  readonly data: readonly ListedModel[];
}> {
  await core.models.refresh();
  const serversOf = serversIn(core.models);
  const acts = [
    ...EIGEN_MODELS.map(({ name, capability }) => ({ model: name, capability })),
    ...servedChatModels(core).map((model) => ({ model, capability: 'chat' as const })),
  ];
  const open = acts.filter((act) => serversOf(act).length > 0 && isInScope(grant, act, serversOf));
  return {
    object: 'list',
    // The vendor does not say when it made a model.
    data: open.map(({ model }) => ({
      id: model,
      object: 'model',
      created: 0,
      owned_by: 'eigen',
    })),
  };
}
