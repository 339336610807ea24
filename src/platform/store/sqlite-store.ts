import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import type { KeyRecord, KeyStore, Store } from '../../core/ports/store.ts';
import { sqliteDictionaries } from './sqlite-dictionaries.ts';
import { sqliteFiles, sqliteSecrets } from './sqlite-files.ts';
import { sqliteHistory } from './sqlite-history.ts';
import { sqliteJobs } from './sqlite-jobs.ts';
import { sqliteConsents, sqliteVoices } from './sqlite-voices.ts';

const MIGRATIONS = new URL('./migrations/', import.meta.url);

/** Opens (and brings up to date) the SQLite database at a path; `:memory:` keeps it in memory. */
export function openSqliteStore(path: string): Store {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path);
  // Two processes share the file when `antiphon keys` runs beside the server.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;');
  migrate(database);
  return {
    keys: sqliteKeys(database),
    voices: sqliteVoices(database),
    consents: sqliteConsents(database),
    history: sqliteHistory(database),
    dictionaries: sqliteDictionaries(database),
    jobs: sqliteJobs(database),
    files: sqliteFiles(database),
    secrets: sqliteSecrets(database),
    close: async () => database.close(),
  };
}

function migrate(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    const done = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
    const files = readdirSync(MIGRATIONS)
      .filter((file) => file.endsWith('.sql'))
      .sort();
    for (const file of files.slice(done)) database.exec(readFileSync(new URL(file, MIGRATIONS), 'utf8'));
    if (files.length > done) database.exec(`PRAGMA user_version = ${files.length}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function sqliteKeys(database: DatabaseSync): KeyStore {
  const insert = database.prepare(
    'INSERT INTO api_keys (id, name, hash, hint, created_at) VALUES (?, ?, ?, ?, ?)',
  );
  const all = database.prepare('SELECT * FROM api_keys ORDER BY created_at, id');
  const byHash = database.prepare('SELECT * FROM api_keys WHERE hash = ?');
  const revoke = database.prepare('UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL');
  return {
    add: async (record) => {
      insert.run(record.id, record.name, record.hash, record.hint, record.createdAt);
    },
    list: async () => all.all().map(toKeyRecord),
    findByHash: async (hash) => {
      const row = byHash.get(hash);
      return row && toKeyRecord(row);
    },
    revoke: async (id, revokedAt) => revoke.run(revokedAt, id).changes === 1,
  };
}

function toKeyRecord(row: Record<string, SQLOutputValue>): KeyRecord {
  return {
    id: String(row['id']),
    name: String(row['name']),
    hash: String(row['hash']),
    hint: String(row['hint']),
    createdAt: Number(row['created_at']),
    revokedAt: row['revoked_at'] === null ? undefined : Number(row['revoked_at']),
  };
}
