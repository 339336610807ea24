import type { Store } from '../../core/ports/store.ts';
import { beBrief, openSqliteDatabase } from './sqlite-database.ts';
import { sqliteDictionaries } from './sqlite-dictionaries.ts';
import { withSqliteFailures } from './sqlite-failure.ts';
import { sqliteFiles, sqliteSecrets } from './sqlite-files.ts';
import { sqliteHistory } from './sqlite-history.ts';
import { sqliteJobs } from './sqlite-jobs.ts';
import { sqliteCheck } from './sqlite-check.ts';
import { sqliteKeys } from './sqlite-keys.ts';
import { migrateSqlite } from './sqlite-migrating.ts';
import { sqliteUsage } from './sqlite-usage.ts';
import { sqliteConsents, sqliteVoices } from './sqlite-voices.ts';

/** Opens (and brings up to date) the SQLite database at a path; `:memory:` keeps it in memory. */
export function openSqliteStore(path: string): Store {
  const database = openSqliteDatabase(path);
  try {
    migrateSqlite(database);
  } catch (error) {
    database.close();
    throw error;
  }
  beBrief(database);
  return {
    keys: withSqliteFailures(sqliteKeys(database)),
    voices: withSqliteFailures(sqliteVoices(database)),
    consents: withSqliteFailures(sqliteConsents(database)),
    history: withSqliteFailures(sqliteHistory(database)),
    dictionaries: withSqliteFailures(sqliteDictionaries(database)),
    jobs: withSqliteFailures(sqliteJobs(database)),
    files: withSqliteFailures(sqliteFiles(database)),
    secrets: withSqliteFailures(sqliteSecrets(database)),
    usage: withSqliteFailures(sqliteUsage(database)),
    check: sqliteCheck(database),
    close: async () => database.close(),
  };
}
