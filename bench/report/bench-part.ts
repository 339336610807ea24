import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { readTables, type Table } from './markdown-table.ts';
import type { Plot } from './svg-plot.ts';

/** One figure that was promised, and what became of it. */
export interface Reading {
  /** What is promised, as a sentence without its figure. */
  readonly goal: string;
  /** Where it was read, such as an engine or a format. */
  readonly of: string;
  readonly value: number;
  readonly limit: number;
  readonly better: 'at most' | 'at least';
  readonly unit: string;
}

/** Something that `npm run bench` measures: a program of this folder that prints Markdown tables. */
export interface BenchPart {
  readonly id: string;
  readonly title: string;
  readonly script: string;
  /** What it is told where nobody says anything else, so that all parts together take about a quarter of an hour. */
  readonly full?: Readonly<Record<string, string>>;
  /** The same for a run that only shows that all is there. */
  readonly quick: Readonly<Record<string, string>>;
  /** How it is measured, in two or three sentences. */
  readonly how: string;
  readonly goals?: (tables: readonly Table[]) => readonly Reading[];
  readonly plots?: (tables: readonly Table[]) => readonly NamedPlot[];
}

export interface NamedPlot {
  /** Its file, without `.svg`. */
  readonly file: string;
  readonly plot: Plot;
}

/** What a part measured. */
export interface PartReport {
  readonly id: string;
  readonly quick: boolean;
  readonly measuredAt: string;
  readonly seconds: number;
  /** Processes that wanted a processor when it began, for each processor. */
  readonly load: number;
  readonly tables: readonly Table[];
  readonly notes: readonly string[];
  readonly goals: readonly Reading[];
  /** Why there is nothing. */
  readonly missing?: string;
}

/** Whether a promise was kept. */
export function isReached({ value, limit, better }: Reading): boolean {
  return better === 'at most' ? value <= limit : value >= limit;
}

/** How a part is run. */
export interface PartRun {
  readonly quick: boolean;
  /** After so many seconds it is ended, and counts as missing. */
  readonly mostSeconds: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly load: number;
}

/** Runs a part in a process of its own, so that none of them finds the memory and the warm code of another. */
export async function runPart(part: BenchPart, run: PartRun): Promise<PartReport> {
  const facts = {
    id: part.id,
    quick: run.quick,
    measuredAt: new Date(run.now).toISOString(),
    load: Number(run.load.toFixed(2)),
  };
  const nothing = { tables: [], notes: [], goals: [] };
  if (!existsSync(part.script))
    return { ...facts, seconds: 0, ...nothing, missing: `There is no ${part.script}.` };
  const startedAt = performance.now();
  const { printed, failure } = await outputOf(part, run);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const { tables: all, notes } = readTables(printed);
  const tables = all.filter(({ rows }) => rows.length > 0);
  const missing = failure ?? (tables.length === 0 ? 'Nothing was printed.' : undefined);
  return {
    ...facts,
    seconds,
    tables,
    notes,
    goals: (part.goals?.(tables) ?? []).filter(({ value }) => Number.isFinite(value)),
    ...(missing === undefined ? {} : { missing }),
  };
}

async function outputOf(
  { script, full, quick }: BenchPart,
  run: PartRun,
): Promise<{ readonly printed: string; readonly failure?: string }> {
  // What the caller says counts most.
  const env = { ...full, ...(run.quick ? quick : {}), ...process.env };
  const child = spawn(process.execPath, [script], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let printed = '';
  let complaint = '';
  let isLate = false;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk;
    process.stdout.write(chunk);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complaint = (complaint + chunk).slice(-2000);
    process.stderr.write(chunk);
  });
  const timer = setTimeout(() => {
    isLate = true;
    endGroup(child.pid);
  }, run.mostSeconds * 1000);
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  clearTimeout(timer);
  if (isLate) return { printed, failure: `It had not ended after ${run.mostSeconds} s.` };
  if (code === 0) return { printed };
  const [reason = `It ended with ${code}.`] = /\w*Error: .*/.exec(complaint) ?? [];
  return { printed, failure: reason };
}

/** The part and the servers that it started. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
