/**
 * Writes the two tables of `docs/choosing-models.md`: which models fit which machine, from the catalog, and how fast those
 * are that are here, from `antiphon bench` on this machine. `--no-bench` leaves the measured one as it is. Run it on a
 * machine that does nothing else.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { sherpaEngine } from '../src/engines/sherpa/sherpa-engine.ts';
import { testData } from '../test/decode-support.ts';
import { miniVoice, miniWhisper, sileroVad, sourceOf } from '../test/sherpa-support.ts';
import { testApp } from '../test/support.ts';
import { CHOICE_PAGE, choiceTable, gigabytes, table, withPart } from './machine-choices.ts';

const report = z.object({
  machine: z.string(),
  rounds: z.number(),
  results: z.array(
    z.object({
      model: z.string(),
      capability: z.string(),
      coldMs: z.number().optional(),
      firstMs: z.number().optional(),
      realTimeFactor: z.number().optional(),
      memoryBytes: z.number().optional(),
      failure: z.string().optional(),
    }),
  ),
});
type Report = z.output<typeof report>;

/** What `antiphon bench` says, as anybody would have it. */
async function bench(args: readonly string[]): Promise<Report> {
  const command = ['bin/antiphon.js', 'bench', '--json', ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command);
  return report.parse(JSON.parse(stdout));
}

/** Of what comes along, without what somebody may have installed here. */
async function benchHere(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-choice-'));
  try {
    return await bench(['--data-dir', folder]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The tiny models that the tests have, in a server of their own; none where their files are not. */
async function benchTestModels(): Promise<Report['results']> {
  if (!existsSync(testData)) return [];
  const weights = sourceOf([miniWhisper, miniVoice, sileroVad]);
  const engine = await sherpaEngine.create({ workers: 1, weights });
  if ('unavailable' in engine) return [];
  const { app } = await testApp({ engines: [engine] });
  try {
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
    return (await bench(['--url', `http://127.0.0.1:${port}`])).results;
  } finally {
    await app.close();
    await engine.stop?.();
  }
}

async function measuredText(): Promise<string> {
  // Before we are at work ourselves.
  const [load = 0] = loadavg();
  const { machine, rounds, results } = await benchHere();
  const rows = [...results, ...(await benchTestModels())].map((result) => {
    const { model, capability, coldMs, firstMs, realTimeFactor, memoryBytes, failure } = result;
    const number = (value: number | undefined, digits = 0) => value?.toFixed(digits) ?? '–';
    if (failure !== undefined) return [`\`${model}\``, capability, failure, '–', '–', '–'];
    return [
      `\`${model}\``,
      capability,
      number(coldMs),
      number(firstMs),
      number(realTimeFactor, 3),
      memoryBytes === undefined ? '–' : gigabytes(memoryBytes),
    ];
  });
  const busy =
    load < availableParallelism() / 2
      ? 'with nothing else to do'
      : `**while other programs kept it busy** (load ${load.toFixed(1)}): on an idle machine it is faster`;
  const head = ['model', 'makes or hears', 'cold ms', 'first ms', 'real-time factor', 'memory'];
  return `${machine}, ${rounds} rounds, ${busy}.\n\n${table(head, rows)}`;
}

let page = withPart(await readFile(CHOICE_PAGE, 'utf8'), 'choice', choiceTable());
if (!process.argv.includes('--no-bench')) page = withPart(page, 'measured', await measuredText());
await writeFile(CHOICE_PAGE, page);
