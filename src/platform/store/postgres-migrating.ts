import type { PostgresDatabase } from './postgres-database.ts';
import { migrationsIn, refuseNewerSchema, type SchemaState } from './schema-version.ts';

const MIGRATIONS = new URL('./postgres-migrations/', import.meta.url);

/** Held while somebody changes the schema, so that others wait. Any number does that nobody else uses. */
const MIGRATION_LOCK = 7_283_641_905;

/** How many changes of the schema this program knows. */
export function knownMigrations(): number {
  return migrationsIn(MIGRATIONS).known;
}

/** Where a PostgreSQL database stands; nothing is changed. */
export async function postgresSchema(database: PostgresDatabase): Promise<SchemaState> {
  return { version: (await versionOf(database)) ?? 0, known: knownMigrations() };
}

/**
 * Brings the schema up to date, forwards only, one whole migration after the other; whoever comes meanwhile waits.
 * Tells where it stood before.
 */
export async function migratePostgres(
  database: PostgresDatabase,
  target: number = knownMigrations(),
): Promise<SchemaState> {
  const before = await postgresSchema(database);
  refuseNewerSchema(before);
  if ((await versionOf(database)) === undefined) await database.script(BEGINNING);
  for (;;) {
    const state = await postgresSchema(database);
    refuseNewerSchema(state);
    if (state.version >= target) return before;
    await migrateFrom(state.version, database);
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
  const step = migrationsIn(MIGRATIONS).step(version);
  try {
    await database.script(`${LOCK} ${check} ${step} UPDATE schema_version SET version = ${version + 1};`);
  } catch (error) {
    if ((await versionOf(database)) === version) throw error;
  }
}

/** How many changes the schema has seen; undefined before the first. */
async function versionOf(database: PostgresDatabase): Promise<number | undefined> {
  const [known] = await database.rows("SELECT to_regclass('schema_version')::text AS name");
  if (!known?.['name']) return undefined;
  const [row] = await database.rows('SELECT version FROM schema_version');
  return row && Number(row['version']);
}
