import type { DatabaseSync } from 'node:sqlite';
import { migrationsIn, refuseNewerSchema, type SchemaState } from './schema-version.ts';
import { inTransaction } from './sqlite-transaction.ts';

const MIGRATIONS = new URL('./migrations/', import.meta.url);

/** Where a SQLite database stands; nothing is changed. */
export function sqliteSchema(database: DatabaseSync): SchemaState {
  const { known } = migrationsIn(MIGRATIONS);
  return { version: versionOf(database), known };
}

/**
 * Brings the schema up to date, forwards only, everything or nothing; whoever comes meanwhile waits. Tells where it
 * stood before.
 */
export function migrateSqlite(database: DatabaseSync, target?: number): SchemaState {
  const migrations = migrationsIn(MIGRATIONS);
  const newest = target ?? migrations.known;
  const before = versionOf(database);
  refuseNewerSchema({ version: before, known: migrations.known });
  if (before >= newest) return { version: before, known: migrations.known };
  return inTransaction(database, () => {
    // Somebody else may have made some steps while this one waited.
    const version = versionOf(database);
    refuseNewerSchema({ version, known: migrations.known });
    for (let step = version; step < newest; step += 1) database.exec(migrations.step(step));
    if (newest > version) database.exec(`PRAGMA user_version = ${newest}`);
    return { version, known: migrations.known };
  });
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}
