/**
 * Measures everything, one part after the other, and writes one report: `bench/report.json`, tables and goals in
 * `bench/README.md`, pictures in `bench/plots`. `ONLY=edge,start` measures these parts anew and leaves what the report says of the
 * others; `QUICK=1` takes the short form of each; `REPORT_DIR` writes the three somewhere else.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { isReached, runPart, type PartReport } from './report/bench-part.ts';
import { shortFigure } from './report/figures.ts';
import { PARTS } from './report/parts.ts';
import { plotsOf, betweenMarks, reportText, type BenchReport } from './report/report-page.ts';
import { plotSvg } from './report/svg-plot.ts';

const { env } = process;
const FOLDER = env['REPORT_DIR'] ?? 'bench';
const QUICK = env['QUICK'] === '1';
const ONLY = env['ONLY']?.split(',').map((id) => id.trim());
/** Longer than this no part takes, unless something is wrong. */
const MOST_SECONDS = Number(env['PART_SECONDS'] ?? (QUICK ? 120 : 600));
const PAGE = join(FOLDER, 'README.md');
const FIGURES = join(FOLDER, 'report.json');

const unknown = ONLY?.filter((id) => !PARTS.some((part) => part.id === id)) ?? [];
if (unknown.length > 0)
  throw new Error(
    `There is no part ${unknown.join(', ')}. There are ${PARTS.map(({ id }) => id).join(', ')}.`,
  );

// A part must not take its own ONLY for the list of parts.
delete env['ONLY'];

const [processor] = cpus();
const machine = [
  `${availableParallelism()} processors (${processor?.model.trim() ?? 'unknown'})`,
  `${(totalmem() / 1e9).toFixed(0)} GB of memory`,
].join(', ');

function load(): number {
  return (loadavg()[0] ?? 0) / availableParallelism();
}

function earlier(): readonly PartReport[] {
  if (!existsSync(FIGURES)) return [];
  const kept = JSON.parse(readFileSync(FIGURES, 'utf8')) as BenchReport; // Only `write` below makes this file.
  return kept.parts;
}

function write(parts: readonly PartReport[]): void {
  const report: BenchReport = { machine, node: process.versions.node, parts };
  writeFileSync(FIGURES, `${JSON.stringify(report, undefined, 2)}\n`);
  const page = existsSync(PAGE) ? PAGE : 'bench/README.md';
  writeFileSync(PAGE, betweenMarks(readFileSync(page, 'utf8'), 'report', reportText(report, PARTS)));
  for (const part of PARTS) {
    const measured = parts.find(({ id }) => id === part.id);
    for (const { file, plot } of measured ? plotsOf(part, measured) : [])
      writeFileSync(join(FOLDER, 'plots', `${file}.svg`), plotSvg(plot));
  }
}

mkdirSync(join(FOLDER, 'plots'), { recursive: true });
const reports = new Map(earlier().map((one) => [one.id, one]));
for (const part of PARTS) {
  if (ONLY && !ONLY.includes(part.id)) continue;
  console.log(`\n## ${part.title}`);
  const run = { quick: QUICK, mostSeconds: MOST_SECONDS, now: Date.now(), load: load() };
  reports.set(part.id, await runPart(part, run));
  // What was measured so far is kept, whatever becomes of the next part.
  write(PARTS.flatMap(({ id }) => reports.get(id) ?? []));
}

const all = [...reports.values()];
const missed = all.flatMap(({ goals }) => goals).filter((one) => !isReached(one));
console.log(`\n${missed.length} figures miss their goal; ${PAGE} has all of them.`);
for (const { goal, of, value, limit, unit } of missed)
  console.log(`  ${goal}, ${of}: ${shortFigure(value)} ${unit}, not ${shortFigure(limit)}`);
const missing = all.filter((one) => one.missing !== undefined);
for (const { id, missing: why } of missing) console.log(`  ${id}: ${why}`);
if (missing.length > 0) process.exitCode = 1;
