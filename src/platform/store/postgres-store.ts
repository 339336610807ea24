import type { Logger } from '../../core/ports/logger.ts';
import type { Store } from '../../core/ports/store.ts';
import { createPostgresGate, type SharedGate } from '../limits/postgres-gate.ts';
import type { RequestGate } from '../limits/request-limits.ts';
import { systemClock } from '../system-clock.ts';
import { openPostgres } from './postgres-database.ts';
import { postgresCheck } from './postgres-check.ts';
import { postgresDictionaries } from './postgres-dictionaries.ts';
import { postgresFiles, postgresSecrets } from './postgres-files.ts';
import { postgresHistory } from './postgres-history.ts';
import { postgresJobs, WORK_CHANNEL } from './postgres-jobs.ts';
import { postgresKeys } from './postgres-keys.ts';
import { migratePostgres } from './postgres-migrating.ts';
import { postgresUsage } from './postgres-usage.ts';
import { postgresConsents, postgresVoices } from './postgres-voices.ts';

/** A store that several machines share. */
export interface SharedStore extends Store {
  /** Calls back whenever any process has work to do, until the store is closed. */
  hearOfWork(onWork: () => void): Promise<void>;
  /** Counts requests together with everybody else who uses the store, until it is closed. */
  countRequests(log: Logger): RequestGate;
}

/** Opens (and brings up to date) the PostgreSQL database at an address, which may name limits: `?max=20`. */
export async function openPostgresStore(url: string): Promise<SharedStore> {
  const database = openPostgres(url);
  try {
    await migratePostgres(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  let gate: SharedGate | undefined;
  return {
    keys: postgresKeys(database),
    voices: postgresVoices(database),
    consents: postgresConsents(database),
    history: postgresHistory(database),
    dictionaries: postgresDictionaries(database),
    jobs: postgresJobs(database),
    files: postgresFiles(database),
    secrets: postgresSecrets(database),
    usage: postgresUsage(database),
    hearOfWork: (onWork) => database.hear(WORK_CHANNEL, onWork),
    check: postgresCheck(database),
    countRequests: (log) => {
      gate ??= createPostgresGate({ database, clock: systemClock, log });
      return gate;
    },
    close: async () => {
      await gate?.close();
      await database.close();
    },
  };
}
