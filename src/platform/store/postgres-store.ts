import type { KeyRecord, KeyStore, Store } from '../../core/ports/store.ts';
import { openPostgres, type PostgresDatabase, type Row } from './postgres-database.ts';
import { postgresDictionaries } from './postgres-dictionaries.ts';
import { postgresFiles, postgresSecrets } from './postgres-files.ts';
import { postgresHistory } from './postgres-history.ts';
import { postgresJobs, WORK_CHANNEL } from './postgres-jobs.ts';
import { migratePostgres } from './postgres-migrating.ts';
import { postgresConsents, postgresVoices } from './postgres-voices.ts';

/** A store that several machines share. */
export interface SharedStore extends Store {
  /** Calls back whenever any process has work to do, until the store is closed. */
  hearOfWork(onWork: () => void): Promise<void>;
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
  return {
    keys: postgresKeys(database),
    voices: postgresVoices(database),
    consents: postgresConsents(database),
    history: postgresHistory(database),
    dictionaries: postgresDictionaries(database),
    jobs: postgresJobs(database),
    files: postgresFiles(database),
    secrets: postgresSecrets(database),
    hearOfWork: (onWork) => database.hear(WORK_CHANNEL, onWork),
    close: () => database.close(),
  };
}

function postgresKeys(database: PostgresDatabase): KeyStore {
  return {
    add: async ({ id, name, hash, hint, createdAt }) => {
      await database.change(
        'INSERT INTO api_keys (id, name, hash, hint, created_at) VALUES ($1, $2, $3, $4, $5)',
        [id, name, hash, hint, createdAt],
      );
    },
    list: async () =>
      (await database.rows('SELECT * FROM api_keys ORDER BY created_at, id')).map(toKeyRecord),
    findByHash: async (hash) => {
      const [row] = await database.rows('SELECT * FROM api_keys WHERE hash = $1', [hash]);
      return row && toKeyRecord(row);
    },
    revoke: async (id, revokedAt) => {
      const text = 'UPDATE api_keys SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL';
      return (await database.change(text, [revokedAt, id])) === 1;
    },
  };
}

function toKeyRecord(row: Row): KeyRecord {
  return {
    id: String(row['id']),
    name: String(row['name']),
    hash: String(row['hash']),
    hint: String(row['hint']),
    createdAt: Number(row['created_at']),
    revokedAt: row['revoked_at'] === null ? undefined : Number(row['revoked_at']),
  };
}
