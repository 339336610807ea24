import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../base/errors.ts';

/** How long one process waits for another that writes, in milliseconds. */
const BUSY_MS = 5000;

/** How long opening waits for somebody who has the file to himself, in milliseconds. */
const OPENING_MS = 15_000;

/** The same while the schema is brought up to date, which may take its time. */
const MIGRATION_BUSY_MS = 120_000;

/**
 * Opens a SQLite database as this program has them, made where it is missing and readable for its own user only. Its
 * schema is left as it is.
 */
export function openSqliteDatabase(path: string): DatabaseSync {
  if (path !== ':memory:') {
    makeFolder(dirname(path));
    // SQLite gives the files beside it the same permissions.
    closeSync(openSync(path, 'a', 0o600));
    closeToOthers(path);
  }
  const database = new DatabaseSync(path, { timeout: OPENING_MS });
  try {
    // Two processes share the file when `antiphon keys` runs beside the server.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;');
  } catch (cause) {
    database.close();
    throw isLocked(cause) ? inUse(path, cause) : cause;
  }
  database.exec(`PRAGMA busy_timeout = ${MIGRATION_BUSY_MS}`);
  return database;
}

/** Node's own recursive way never ends where making a folder fails as if the one around it were missing, as below /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have been quicker.
    if (!existsSync(path)) throw error;
  }
}

function isLocked(error: unknown): boolean {
  // SQLITE_BUSY, https://sqlite.org/rescode.html
  return error instanceof Error && 'errcode' in error && error.errcode === 5;
}

function inUse(path: string, cause: unknown): AppError {
  return new AppError(
    'conflict',
    `Another program has ${path} to itself: an installation is being moved or restored. Wait until it is done.`,
    { cause },
  );
}

/** What an earlier version left readable for everybody is not so any more. Somebody else's file is theirs to close. */
function closeToOthers(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    try {
      chmodSync(file, 0o600);
    } catch {
      // It is not there, or not ours.
    }
  }
}

/** Makes waiting for others as short as requests need it. */
export function beBrief(database: DatabaseSync): void {
  database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
}
