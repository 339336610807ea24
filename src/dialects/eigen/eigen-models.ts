import type { Core } from '../../core/core.ts';
import { servedCandidates } from '../../core/models/served-candidates.ts';
import { servedChatModels } from './eigen-chat.ts';
import { EIGEN_MODELS } from './eigen-names.ts';

interface ListedModel {
  readonly id: string;
  readonly object: 'model';
  readonly created: number;
  readonly owned_by: string;
}

/** The list in the shape that OpenAI made usual: the vendor's models that something here can serve. */
export async function listEigenModels(core: Core): Promise<{
  readonly object: 'list';
  readonly data: readonly ListedModel[];
}> {
  await core.models.refresh();
  const served = EIGEN_MODELS.filter(
    ({ name, capability }) => servedCandidates(core.models, name, capability).length > 0,
  );
  return {
    object: 'list',
    // The vendor does not say when it made a model.
    data: [...served.map(({ name }) => name), ...servedChatModels(core)].map((id) => ({
      id,
      object: 'model',
      created: 0,
      owned_by: 'eigen',
    })),
  };
}
