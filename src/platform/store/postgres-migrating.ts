import { readdirSync, readFileSync } from 'node:fs';
import type { PostgresDatabase } from './postgres-database.ts';

const MIGRATIONS = new URL('./postgres-migrations/', import.meta.url);

/** Held while somebody changes the schema, so that others wait. Any number does that nobody else uses. */
const MIGRATION_LOCK = 7_283_641_905;

/** How many changes of the schema this program knows. */
export function knownMigrations(): number {
  return migrationFiles().length;
}

/** Brings the schema up to date, forwards only, one whole migration after the other; whoever comes meanwhile waits. */
export async function migratePostgres(
  database: PostgresDatabase,
  target: number = knownMigrations(),
): Promise<void> {
  if ((await versionOf(database)) === undefined) await database.script(BEGINNING);
  for (;;) {
    const version = (await versionOf(database)) ?? 0;
    if (version > knownMigrations()) throw newerSchema(version);
    if (version >= target) return;
    await migrateFrom(version, database);
  }
}

const LOCK = `SELECT pg_advisory_xact_lock(${MIGRATION_LOCK});`;

const BEGINNING = `${LOCK}
  CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL);
  INSERT INTO schema_version (version) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM schema_version);`;

/** Makes one step, unless somebody else has made it while this one waited. */
async function migrateFrom(version: number, database: PostgresDatabase): Promise<void> {
  const check = `DO $check$ BEGIN
    IF (SELECT version FROM schema_version) <> ${version} THEN RAISE EXCEPTION 'the step is made'; END IF;
  END $check$;`;
  const step = readFileSync(new URL(migrationFiles()[version] ?? '', MIGRATIONS), 'utf8');
  try {
    await database.script(`${LOCK} ${check} ${step} UPDATE schema_version SET version = ${version + 1};`);
  } catch (error) {
    if ((await versionOf(database)) === version) throw error;
  }
}

function migrationFiles(): readonly string[] {
  return readdirSync(MIGRATIONS)
    .filter((file) => file.endsWith('.sql'))
    .sort();
}

/** How many changes the schema has seen; undefined before the first. */
async function versionOf(database: PostgresDatabase): Promise<number | undefined> {
  const [known] = await database.rows("SELECT to_regclass('schema_version')::text AS name");
  if (!known?.['name']) return undefined;
  const [row] = await database.rows('SELECT version FROM schema_version');
  return row && Number(row['version']);
}

function newerSchema(version: number): Error {
  return new Error(
    `The database was made by a newer version of this program (schema ${version}, known are ${knownMigrations()}). Update this process.`,
  );
}
