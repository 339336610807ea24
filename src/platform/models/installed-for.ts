import type { InstalledWeights, WeightsSource } from '../../core/engine.ts';
import type { ModelStore, WeightsEntry } from '../../core/models/weights.ts';
import { sizesIn } from './installed-weights.ts';

/** The store as an engine sees it: what is complete on disk for it, looked up anew each time. */
export function installedFor(store: ModelStore): WeightsSource {
  const describe = async (entry: WeightsEntry): Promise<InstalledWeights[]> => {
    const { state } = await store.status(entry.id);
    if (state !== 'installed') return [];
    const folder = await store.path(entry.id);
    const { id, kind, title, licence, languages, implements: names } = entry;
    const files = [...(await sizesIn(folder)).keys()];
    return [{ id, kind, title, licence, languages, ...(names ? { implements: names } : {}), folder, files }];
  };
  return {
    installed: async (engine) => {
      const mine = store.entries.filter((entry) => entry.engine === engine);
      return (await Promise.all(mine.map(describe))).flat();
    },
  };
}
