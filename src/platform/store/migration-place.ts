import { existsSync } from 'node:fs';
import { openPostgres } from './postgres-database.ts';
import { migratePostgres, postgresSchema } from './postgres-migrating.ts';
import { refuseNewerSchema, type SchemaState } from './schema-version.ts';
import { openSqliteDatabase } from './sqlite-database.ts';
import { migrateSqlite, sqliteSchema } from './sqlite-migrating.ts';

/** A database whose schema is looked at or brought up to date, and nothing else. */
export interface MigrationPlace {
  /** Throws for a database that a newer program has changed. */
  state(): Promise<SchemaState>;
  /** Tells where it stood before. */
  migrate(): Promise<SchemaState>;
  close(): Promise<void>;
}

/** Opens PostgreSQL at an address, or else SQLite at a path; undefined where that is not there and must not be made. */
export async function beginMigration(where: {
  readonly path: string;
  readonly url: string | undefined;
  readonly create: boolean;
}): Promise<MigrationPlace | undefined> {
  if (where.url !== undefined) return postgresPlace(where.url);
  return where.create || existsSync(where.path) ? sqlitePlace(where.path) : undefined;
}

function postgresPlace(url: string): MigrationPlace {
  const database = openPostgres(url);
  return {
    state: async () => known(await postgresSchema(database)),
    migrate: () => migratePostgres(database),
    close: () => database.close(),
  };
}

function sqlitePlace(path: string): MigrationPlace {
  const database = openSqliteDatabase(path);
  return {
    state: async () => known(sqliteSchema(database)),
    migrate: async () => migrateSqlite(database),
    close: async () => database.close(),
  };
}

function known(state: SchemaState): SchemaState {
  refuseNewerSchema(state);
  return state;
}
