import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { AppError } from '../../base/errors.ts';
import { openSqliteDatabase } from '../store/sqlite-database.ts';
import { migrateSqlite } from '../store/sqlite-migrating.ts';
import type { TableBank, TableSource, TableTarget } from './table-copy.ts';
import type { Cell, ColumnShape, CopiedRow, TableShape } from './table-plan.ts';

/** Rows that are read in one go. */
const BATCH_ROWS = 200;

/** How long `hold` waits for somebody who is just leaving, in milliseconds. */
const HOLD_MS = 1000;

/** A SQLite database as a bank of tables. It is made where it is missing. */
export function openSqliteBank(path: string): TableBank {
  const database = openSqliteDatabase(path);
  try {
    migrateSqlite(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return sqliteBank(database, path);
}

/** The same on a database that is open already, whatever its schema. */
export function sqliteBank(database: DatabaseSync, path = ':memory:'): TableBank {
  return {
    title: path,
    hold: async () => holdAlone(database, path),
    read: (use) => within(database, 'BEGIN', () => use(sourceOf(database))),
    write: (use) => within(database, 'BEGIN IMMEDIATE', () => use(targetOf(database))),
    close: async () => database.close(),
  };
}

/**
 * Only the one process that has a database open can leave the mode in which several share it; from then on it keeps
 * the system's own lock on the file, which ends with the process.
 */
function holdAlone(database: DatabaseSync, path: string): void {
  if (path === ':memory:') return;
  try {
    database.exec(`PRAGMA busy_timeout = ${HOLD_MS}; PRAGMA journal_mode = DELETE`);
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
  } catch (cause) {
    throw new AppError(
      'conflict',
      `${path} is in use. Stop the server, and other commands that work at it, first.`,
      { cause },
    );
  }
}

async function within<T>(database: DatabaseSync, begin: string, act: () => Promise<T>): Promise<T> {
  database.exec(begin);
  try {
    const result = await act();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function sourceOf(database: DatabaseSync): TableSource {
  return {
    tables: async () => shapesOf(database),
    rows: (table) => rowsOf(database, table),
  };
}

async function* rowsOf(database: DatabaseSync, table: TableShape): AsyncGenerator<readonly CopiedRow[]> {
  const [facts] = tableList(database).filter(({ name }) => name === table.name);
  const order = facts?.['wr'] === 1 ? '' : ' ORDER BY rowid';
  const statement = database.prepare(`SELECT * FROM ${quoted(table.name)}${order}`);
  let batch: CopiedRow[] = [];
  for (const row of statement.iterate()) {
    batch.push(toRow(row));
    if (batch.length < BATCH_ROWS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function toRow(row: Readonly<Record<string, SQLOutputValue>>): CopiedRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toCell(value)]));
}

function toCell(value: SQLOutputValue): Cell {
  return typeof value === 'bigint' ? Number(value) : value;
}

function targetOf(database: DatabaseSync): TableTarget {
  return {
    tables: async () => shapesOf(database),
    insert: async ({ to, columns }, rows) => {
      const names = columns.map(({ name }) => quoted(name)).join(', ');
      const marks = columns.map(() => '?').join(', ');
      const insert = database.prepare(`INSERT INTO ${quoted(to.name)} (${names}) VALUES (${marks})`);
      for (const row of rows) insert.run(...columns.map(({ name }) => row[name] ?? null));
    },
    count: async (table) =>
      Number(database.prepare(`SELECT count(*) AS found FROM ${quoted(table)}`).get()?.['found']),
    clear: async (table) => {
      database.exec(`DELETE FROM ${quoted(table)}`);
    },
  };
}

function shapesOf(database: DatabaseSync): readonly TableShape[] {
  return tableList(database).map(({ name }) => ({
    name: String(name),
    columns: database
      .prepare('SELECT * FROM pragma_table_info(?)')
      .all(name ?? null)
      .map(toColumn),
    references: database
      .prepare('SELECT "table" AS name FROM pragma_foreign_key_list(?)')
      .all(name ?? null)
      .map((reference) => String(reference['name'])),
  }));
}

function tableList(database: DatabaseSync): readonly Record<string, SQLOutputValue>[] {
  return database
    .prepare(
      "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .all();
}

const KINDS: Readonly<Record<string, ColumnShape['kind']>> = {
  INTEGER: 'integer',
  INT: 'integer',
  REAL: 'real',
  TEXT: 'text',
  BLOB: 'bytes',
};

function toColumn(facts: Readonly<Record<string, SQLOutputValue>>): ColumnShape {
  const kind = KINDS[String(facts['type'])];
  if (!kind) throw new Error(`A column of type ${String(facts['type'])} cannot be copied.`);
  const required = facts['notnull'] === 1 && facts['dflt_value'] === null;
  return { name: String(facts['name']), kind, required };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
