import type { ModelCatalog } from './model-catalog.ts';
import type { ModelStore } from './weights.ts';

/**
 * A store that is done only when the engines know: what was pulled can be used by the very next request, and what was
 * removed, or found changed, is listed no more.
 */
export function toldToEngines(store: ModelStore, models: Pick<ModelCatalog, 'refresh'>): ModelStore {
  return {
    ...store,
    pull: async (id, options) => {
      const status = await store.pull(id, options);
      await models.refresh();
      return status;
    },
    verify: async (id, signal) => {
      const verdict = await store.verify(id, signal);
      await models.refresh();
      return verdict;
    },
    remove: async (id) => {
      const freed = await store.remove(id);
      await models.refresh();
      return freed;
    },
  };
}
