import postgres, { type Sql, type TransactionSql } from 'postgres';
import { AppError } from '../../base/errors.ts';
import { toStoreFailure } from '../store/postgres-failure.ts';
import type { TableBank, TableSource, TableTarget } from './table-copy.ts';
import {
  STAYING_TABLES,
  type Cell,
  type ColumnShape,
  type CopiedRow,
  type TablePlan,
  type TableShape,
} from './table-plan.ts';

/** Rows that are read in one go. */
const BATCH_ROWS = 200;

/** Two programs that take over whole databases keep out of each other's way by it. */
const BANK_LOCK = 641_028_395;

/** What the program calls its connections, unless the address says otherwise. */
const USUAL_NAME = 'antiphon';

/**
 * A PostgreSQL database, whose schema is the newest, as a bank of tables, through one connection. Unlike the server it
 * uses the driver's transactions: a connection that is lost in one ends the command, and nothing was done.
 */
export function openPostgresBank(url: string): TableBank {
  const serversName = new URL(url).searchParams.get('application_name') ?? USUAL_NAME;
  const sql = connect(url, `${serversName}-bank`);
  return {
    title: titleOf(url),
    hold: () => inWords(() => holdAlone(sql, serversName)),
    read: (use) =>
      inWords(async () => {
        const answer = await sql.begin('ISOLATION LEVEL REPEATABLE READ READ ONLY', async (tx) => ({
          result: await use(sourceOf(tx)),
        }));
        return answer.result;
      }),
    write: (use) =>
      inWords(async () => {
        const answer = await sql.begin(async (tx) => ({ result: await use(targetOf(tx)) }));
        return answer.result;
      }),
    close: () => sql.end({ timeout: 2 }),
  };
}

async function inWords<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw toStoreFailure(error);
  }
}

function connect(url: string, name: string): Sql {
  // What the address says goes before what is said here.
  const own = new URL(url);
  own.searchParams.delete('application_name');
  own.searchParams.delete('max');
  return postgres(own.href, {
    max: 1,
    connect_timeout: 5,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: name },
  });
}

function titleOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

async function holdAlone(sql: Sql, serversName: string): Promise<void> {
  const [lock] = await sql.unsafe(
    `SELECT pg_try_advisory_lock(${BANK_LOCK}, hashtext(current_schema())) AS taken`,
  );
  if (lock?.['taken'] !== true) throw inUse('another move, back-up or restore works at it');
  const others = await sql.unsafe(
    `SELECT DISTINCT coalesce(client_addr::text, 'this machine') AS place FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = $1 AND pid <> pg_backend_pid()`,
    [serversName],
  );
  if (others.length === 0) return;
  const places = others.map(({ place }) => String(place)).join(', ');
  throw inUse(`processes of Antiphon at ${places} are connected to it`);
}

function inUse(why: string): AppError {
  return new AppError('conflict', `The PostgreSQL database is in use: ${why}. Stop every server first.`);
}

function sourceOf(tx: TransactionSql): TableSource {
  return {
    tables: () => shapesOf(tx),
    rows: (table) => rowsOf(tx, table),
  };
}

async function* rowsOf(tx: TransactionSql, table: TableShape): AsyncGenerator<readonly CopiedRow[]> {
  const order = table.columns.some(({ name }) => name === 'sequence') ? ' ORDER BY sequence' : '';
  await tx.unsafe(`DECLARE copied NO SCROLL CURSOR FOR SELECT * FROM ${quoted(table.name)}${order}`);
  try {
    for (;;) {
      const rows = await tx.unsafe(`FETCH ${BATCH_ROWS} FROM copied`);
      if (rows.length === 0) return;
      yield rows.map((row) =>
        Object.fromEntries(table.columns.map(({ name, kind }) => [name, toCell(row[name], kind)])),
      );
    }
  } finally {
    await tx.unsafe('CLOSE copied');
  }
}

function toCell(value: unknown, kind: ColumnShape['kind']): Cell {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return new Uint8Array(value);
  return typeof value === 'string' && kind === 'text' ? value : Number(value);
}

function targetOf(tx: TransactionSql): TableTarget {
  return {
    tables: () => shapesOf(tx),
    insert: async (plan, rows) => {
      const names = plan.columns.map(({ name }) => quoted(name)).join(', ');
      const table = quoted(plan.to.name);
      await tx.unsafe(
        `INSERT INTO ${table} (${names})
          SELECT ${names} FROM json_populate_recordset(NULL::${table}, $1::text::json)`,
        [JSON.stringify(rows.map((row) => toJson(plan, row)))],
      );
    },
    count: async (table) => {
      const [row] = await tx.unsafe(`SELECT count(*) AS found FROM ${quoted(table)}`);
      return Number(row?.['found']);
    },
    clear: async (table) => {
      await tx.unsafe(`LOCK TABLE ${quoted(table)} IN EXCLUSIVE MODE`);
      await tx.unsafe(`DELETE FROM ${quoted(table)}`);
    },
  };
}

function toJson({ columns }: TablePlan, row: CopiedRow): Record<string, unknown> {
  return Object.fromEntries(
    columns.map(({ name, kind }) => [name, toJsonValue(row[name] ?? null, kind)] as const),
  );
}

/** Text as the driver sends it for the store: without what PostgreSQL's text cannot hold. */
function toJsonValue(cell: Cell, kind: ColumnShape['kind']): unknown {
  if (cell instanceof Uint8Array) return `\\x${Buffer.from(cell).toString('hex')}`;
  if (typeof cell === 'string') return cell.replaceAll('\0', '\uFFFD').toWellFormed();
  return kind === 'boolean' && cell !== null ? cell !== 0 : cell;
}

async function shapesOf(tx: TransactionSql): Promise<readonly TableShape[]> {
  const columns = await tx.unsafe(
    `SELECT c.table_name, c.column_name, c.data_type,
        c.is_nullable = 'NO' AND c.column_default IS NULL AND c.is_identity = 'NO' AS required
      FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
      WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
      ORDER BY c.table_name, c.ordinal_position`,
  );
  const references = await tx.unsafe(
    `SELECT conrelid::regclass::text AS name, confrelid::regclass::text AS other FROM pg_constraint
      WHERE contype = 'f' AND connamespace = current_schema()::regnamespace`,
  );
  const names = [...new Set(columns.map((column) => String(column['table_name'])))].filter(
    (name) => !STAYING_TABLES.has(name),
  );
  return names.map((name) => ({
    name,
    columns: columns.filter((column) => column['table_name'] === name).map(toColumn),
    references: references.filter((one) => one['name'] === name).map((one) => String(one['other'])),
  }));
}

const KINDS: Readonly<Record<string, ColumnShape['kind']>> = {
  smallint: 'integer',
  integer: 'integer',
  bigint: 'integer',
  'double precision': 'real',
  text: 'text',
  bytea: 'bytes',
  boolean: 'boolean',
};

function toColumn(facts: Readonly<Record<string, unknown>>): ColumnShape {
  const kind = KINDS[String(facts['data_type'])];
  if (!kind) throw new Error(`A column of type ${String(facts['data_type'])} cannot be copied.`);
  return { name: String(facts['column_name']), kind, required: facts['required'] === true };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
