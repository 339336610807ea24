/** What stands in a column of a row, whichever database it is in. */
export type Cell = null | number | string | Uint8Array;

/** A row on its way from one database to another, by the names of its columns. */
export type CopiedRow = Readonly<Record<string, Cell>>;

/** A column as its database describes it. */
export interface ColumnShape {
  readonly name: string;
  readonly kind: 'integer' | 'real' | 'text' | 'bytes' | 'boolean';
  /** Whether a row needs a value for it: it may not be empty and the database gives it none. */
  readonly required: boolean;
}

/** A table as its database describes it. */
export interface TableShape {
  readonly name: string;
  readonly columns: readonly ColumnShape[];
  /** The tables whose rows must be there before its own. */
  readonly references: readonly string[];
}

/** How the rows of one table come over. */
export interface TablePlan {
  readonly from: TableShape;
  readonly to: TableShape;
  /** The columns that are written. */
  readonly columns: readonly ColumnShape[];
  /** A row as it is written. */
  readonly convert: (row: CopiedRow) => CopiedRow;
}

/** Rows of these are counters of the moment, or the database's own book-keeping: they mean nothing elsewhere. */
export const STAYING_TABLES: ReadonlySet<string> = new Set([
  'schema_version',
  'request_windows',
  'request_places',
]);

/** Counts the order of making; a row gets a new place in it, in the old order. */
const ORDER_COLUMN = 'sequence';

/** Columns that only one of the databases has, for its indices, and what they are made of. */
const DERIVED: Readonly<Record<string, (row: CopiedRow) => Cell>> = {
  'history.byte_length': ({ record }) => Number(documentOf(record)['byteLength'] ?? 0),
  'jobs.has_webhook': ({ record }) => (documentOf(record)['webhook'] === undefined ? 0 : 1),
};

/** Tables and columns that one of two databases has and the other one has not. */
export class UnlikeTables extends Error {
  constructor(problems: readonly string[]) {
    super(`The databases do not fit together: ${problems.join('; ')}.`);
    this.name = 'UnlikeTables';
  }
}

/** Plans how every table comes over, in an order in which references hold. Throws where anything would be lost. */
export function planTables(
  source: readonly TableShape[],
  target: readonly TableShape[],
): readonly TablePlan[] {
  const moving = (tables: readonly TableShape[]) => tables.filter(({ name }) => !STAYING_TABLES.has(name));
  const sources = new Map(moving(source).map((table) => [table.name, table]));
  const targets = new Map(moving(target).map((table) => [table.name, table]));
  const problems = [...sources.keys()]
    .filter((name) => !targets.has(name))
    .map((name) => `the target has no table ${name}`);
  const plans = inOrder([...targets.values()]).flatMap((to) => {
    const from = sources.get(to.name);
    if (from) return [planTable(from, to, problems)];
    problems.push(`the source has no table ${to.name}`);
    return [];
  });
  if (problems.length > 0) throw new UnlikeTables(problems);
  return plans;
}

function planTable(from: TableShape, to: TableShape, problems: string[]): TablePlan {
  const { name } = to;
  const given = new Set(from.columns.map((column) => column.name));
  const wanted = new Set(to.columns.map((column) => column.name));
  const derive = (column: string) => DERIVED[`${name}.${column}`];
  const columns = to.columns.filter(
    (column) => column.name !== ORDER_COLUMN && (given.has(column.name) || derive(column.name)),
  );
  for (const column of to.columns) {
    if (column.required && column.name !== ORDER_COLUMN && !columns.includes(column))
      problems.push(`the source has no ${name}.${column.name}`);
  }
  for (const column of given) {
    if (column !== ORDER_COLUMN && !wanted.has(column) && !derive(column))
      problems.push(`the target has no ${name}.${column}`);
  }
  return {
    from,
    to,
    columns,
    convert: (row) =>
      Object.fromEntries(
        columns.map((column) => [column.name, row[column.name] ?? derive(column.name)?.(row) ?? null]),
      ),
  };
}

/** What is referred to comes first. */
function inOrder(tables: readonly TableShape[]): readonly TableShape[] {
  const done = new Set<TableShape>();
  const add = (table: TableShape, above: readonly TableShape[]) => {
    if (done.has(table) || above.includes(table)) return;
    for (const other of tables) if (table.references.includes(other.name)) add(other, [...above, table]);
    done.add(table);
  };
  for (const table of tables) add(table, []);
  return [...done];
}

function documentOf(record: Cell | undefined): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(String(record));
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    // A document that nobody can read comes over as it is.
    return {};
  }
}
