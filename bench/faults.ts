/**
 * Real servers under a modest load, and one thing after the other that goes wrong: processes that are killed, a database
 * that goes away, a bucket that fails, a full disk, crowds that only hold on to connections, a clock that is set. Prints
 * what became of every request as Markdown tables, and fails when anything that was accepted is lost or doubled.
 */
import { clockFaults } from '../test/faults/clock-faults.ts';
import { crowdFaults } from '../test/faults/crowd-faults.ts';
import { embeddedFaults } from '../test/faults/embedded-faults.ts';
import { toTable, troubles } from '../test/faults/fault-table.ts';
import type { FaultOutcome } from '../test/faults/fault-trial.ts';
import { scaledFaults } from '../test/faults/scaled-faults.ts';

const EFFORT = {
  callers: 3,
  ordered: 6,
  meanwhile: Number(process.env['MEANWHILE'] ?? 40),
  holdMs: Number(process.env['HOLD_SECONDS'] ?? 15) * 1000,
};
const CROWD = {
  idle: Number(process.env['IDLE'] ?? 10_000),
  slow: Number(process.env['SLOW'] ?? 500),
  guesses: Number(process.env['GUESSES'] ?? 1_000_000),
  untilTurnedAway: true,
};
const ONLY = process.env['ONLY']?.split(',');

const suites: readonly [string, () => Promise<readonly FaultOutcome[] | { readonly reason: string }>][] = [
  ['two api and two worker nodes on PostgreSQL and S3', () => scaledFaults(EFFORT)],
  ['one node on SQLite and files', () => embeddedFaults(EFFORT)],
  ['one node with a key, and a crowd', () => crowdFaults(EFFORT, CROWD)],
  ['one server in the process of the benchmark, whose clock is set', () => clockFaults(EFFORT)],
];

const found: string[] = [];
for (const [name, run] of suites) {
  if (ONLY && !ONLY.some((word) => name.includes(word))) continue;
  const outcomes = await run();
  console.log(`\n### ${name}\n`);
  console.log('reason' in outcomes ? `Not tried: ${outcomes.reason}.` : toTable(outcomes));
  if (!('reason' in outcomes)) found.push(...troubles(outcomes));
}
// What ends the database at the end would also make an exit code of 0.
if (found.length > 0) throw new Error(found.join('\n'));
