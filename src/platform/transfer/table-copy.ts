import { planTables, type CopiedRow, type TablePlan, type TableShape } from './table-plan.ts';

/** Where rows come from, as they all were at one moment. */
export interface TableSource {
  tables(): Promise<readonly TableShape[]>;
  /** All rows in the order of their making, some at a time. */
  rows(table: TableShape): AsyncIterable<readonly CopiedRow[]>;
}

/** Where rows go. */
export interface TableTarget {
  tables(): Promise<readonly TableShape[]>;
  insert(plan: TablePlan, rows: readonly CopiedRow[]): Promise<void>;
  count(table: string): Promise<number>;
  clear(table: string): Promise<void>;
}

/** A database whose tables can be taken over whole. It is at the newest schema when it is open. */
export interface TableBank {
  /** How it is called in messages; without a password. */
  readonly title: string;
  /** Refuses while another process uses it, and keeps others out afterwards as far as the database can. */
  hold(): Promise<void>;
  /** Shows everything as it is now; what others write meanwhile is not seen. */
  read<T>(use: (source: TableSource) => Promise<T>): Promise<T>;
  /** Writes everything or nothing. */
  write<T>(use: (target: TableTarget) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** How many rows a table has. */
export interface TableCount {
  readonly table: string;
  readonly rows: number;
}

/** Copies every row of every table, and counts again what has arrived. The target is emptied first. */
export async function copyTables(source: TableSource, target: TableTarget): Promise<readonly TableCount[]> {
  const plans = planTables(await source.tables(), await target.tables());
  for (const { to } of plans.toReversed()) await target.clear(to.name);
  const counts: TableCount[] = [];
  for (const plan of plans) counts.push({ table: plan.to.name, rows: await copyTable(plan, source, target) });
  return counts;
}

async function copyTable(plan: TablePlan, source: TableSource, target: TableTarget): Promise<number> {
  const { name } = plan.to;
  let copied = 0;
  for await (const rows of source.rows(plan.from)) {
    await target.insert(plan, rows.map(plan.convert));
    copied += rows.length;
  }
  const found = await target.count(name);
  if (found !== copied) throw new Error(`Of ${copied} rows of ${name}, ${found} have arrived.`);
  return copied;
}

/** The tables in which there is something. */
export async function filledTables(target: TableTarget): Promise<readonly TableCount[]> {
  const tables = await target.tables();
  const counts: TableCount[] = [];
  for (const { to } of planTables(tables, tables))
    counts.push({ table: to.name, rows: await target.count(to.name) });
  return counts.filter(({ rows }) => rows > 0);
}
