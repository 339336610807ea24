import { existsSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../base/errors.ts';
import { openPostgres } from '../store/postgres-database.ts';
import { postgresSchema } from '../store/postgres-migrating.ts';
import { refuseNewerSchema } from '../store/schema-version.ts';
import { openSqliteDatabase } from '../store/sqlite-database.ts';
import { sqliteSchema } from '../store/sqlite-migrating.ts';
import { databaseFile, type InstallationPlace } from './installation.ts';
import { openPostgresBank } from './postgres-bank.ts';
import { openSqliteBank } from './sqlite-bank.ts';
import { copyTables } from './table-copy.ts';

/**
 * Writes a database down as it is at one moment, as a SQLite file, while servers may go on. Nothing of the source is
 * changed, nor its schema.
 */
export async function snapshotDatabase(place: InstallationPlace, file: string): Promise<void> {
  if (place.databaseUrl === undefined) snapshotSqlite(databaseFile(place), file);
  else await snapshotPostgres(place.databaseUrl, file);
  settle(file);
  await chmod(file, 0o600);
}

function snapshotSqlite(path: string, file: string): void {
  const database = openSqliteDatabase(path);
  try {
    refuseNewerSchema(sqliteSchema(database));
    database.prepare('VACUUM INTO ?').run(file);
  } finally {
    database.close();
  }
}

async function snapshotPostgres(url: string, file: string): Promise<void> {
  const database = openPostgres(url);
  try {
    const { version, known } = await postgresSchema(database);
    refuseNewerSchema({ version, known });
    if (version < known) {
      throw new AppError(
        'conflict',
        `The database has schema ${version} and this program makes back-ups of schema ${known}. Run "antiphon migrate" first, or make the back-up with the program that serves it.`,
      );
    }
  } finally {
    await database.close();
  }
  const source = openPostgresBank(url);
  const target = openSqliteBank(file);
  try {
    await source.read((from) => target.write((to) => copyTables(from, to)));
  } finally {
    await target.close();
    await source.close();
  }
}

/** Leaves one file, without others beside it. */
function settle(file: string): void {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = DELETE');
  database.close();
  if (existsSync(`${file}-wal`)) throw new Error('The snapshot of the database is not in one file.');
}
