import { join } from 'node:path';
import type { Logger } from '../../core/ports/logger.ts';
import type { Store } from '../../core/ports/store.ts';
import { cachedKeys } from '../cached-keys.ts';
import type { Config } from '../config.ts';
import type { RequestGate } from '../limits/request-limits.ts';
import { systemClock } from '../system-clock.ts';
import { openSqliteStore } from './sqlite-store.ts';

/** A store, and how this process hears of the work that others have and of the requests that they answer. */
export interface OpenedStore {
  readonly store: Store;
  readonly hearOfWork?: (onWork: () => void) => Promise<void>;
  readonly countRequests?: (log: Logger) => RequestGate;
}

/** Opens the store that the configuration names. */
export async function openStore({
  dataDir,
  databaseUrl,
}: Pick<Config, 'dataDir' | 'databaseUrl'>): Promise<OpenedStore> {
  if (databaseUrl === undefined) return { store: openSqliteStore(join(dataDir, 'antiphon.sqlite')) };
  const { openPostgresStore } = await import('./postgres-store.ts');
  const store = await openPostgresStore(databaseUrl);
  const keys = cachedKeys(store.keys, systemClock);
  return {
    store: { ...store, keys },
    hearOfWork: (onWork) => store.hearOfWork(onWork),
    countRequests: (log) => store.countRequests(log),
  };
}
