/**
 * Mixed traffic for `MINUTES` (60) at 80 % of what a first minute shows the server to be able to do, and what it takes of memory,
 * handles, threads, child processes, temporary files and disk meanwhile. Writes `bench/soak.json`, pictures, and the tables in
 * `bench/README.md`; fails when something grows, an answer is wrong, or counts do not agree. `REPORT_DIR` writes it elsewhere.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { benchModels } from './hearing-weights.ts';
import { tableText } from './report/markdown-table.ts';
import { plotSvg } from './report/svg-plot.ts';
import { betweenMarks } from './report/report-page.ts';
import { startServer } from './server-process.ts';
import {
  comeEvenly,
  measureCapacity,
  readServer,
  type SoakAnswer,
  type SoakReading,
} from './soak/soak-run.ts';
import { canHear, SOAK_KINDS, soakOrder } from './soak/soak-traffic.ts';
import { driftOf, driftTable, growthOf, growthTable, soakPlots } from './soak/soak-verdict.ts';

const { env } = process;
const MINUTES = Number(env['MINUTES'] ?? 60);
const FOLDER = env['REPORT_DIR'] ?? 'bench';
const PAGE = join(FOLDER, 'README.md');
const TOTAL_SECONDS = MINUTES * 60;
/** The first minute, or a sixth where all is short. */
const CAPACITY_SECONDS = Number(env['CAPACITY_SECONDS'] ?? Math.min(60, TOTAL_SECONDS / 6));
/** What it takes until everything is warm is not counted as growth. */
const SETTLE_SHARE = 0.2;
const READING_MS = Math.min(5000, Math.max(200, TOTAL_SECONDS * 2));
const SHARE = 0.8;
const LANES = 2 * availableParallelism();
const MOST_AT_ONCE = 4 * LANES;
/** How long jobs and their webhooks may take to end once nobody comes any more. */
const ENDING_SECONDS = 60;

const folder = mkdtempSync(join(tmpdir(), 'antiphon-soak-'));
const [dataDir, temporary] = [join(folder, 'data'), join(folder, 'temporary')];
mkdirSync(temporary);
mkdirSync(join(FOLDER, 'plots'), { recursive: true });

const announced = new Map<string, string>();
const listener = createServer((incoming, outgoing) => {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    const { data }: { data: { id: string; state: string } } = JSON.parse(Buffer.concat(chunks).toString());
    announced.set(data.id, data.state);
    outgoing.writeHead(204).end();
  });
}).listen(0, '127.0.0.1');
await once(listener, 'listening');
const { port } = listener.address() as AddressInfo; // A TCP server that listens has one.

const startedAt = performance.now();
const now = () => (performance.now() - startedAt) / 1000;
const jobs = new Set<string>();
const voices = { made: 0, deleted: 0 };
const answers: SoakAnswer[] = [];
const readings: SoakReading[] = [];

const models = canHear ? ['--models-dir', benchModels(join(folder, 'models')).modelsDir] : [];
const args = [
  '--offline',
  '--fetch-allow',
  '127.0.0.0/8',
  // What is kept is kept for so short a time that its coming and going are seen.
  '--result-hours',
  String(Math.max(0.01, MINUTES / 60 / 20)),
  '--history-megabytes',
  '1',
  ...models,
];
const server = await startServer(args, { folder: dataDir, environment: { TMPDIR: temporary } });
const soaked = { pid: server.pid, dataDir, temporary };
const place = {
  origin: server.origin,
  webhook: `http://127.0.0.1:${port}/`,
  ordered: (id: string) => void jobs.add(id),
  voice: (change: 'made' | 'deleted') => void (voices[change] += 1),
};
const traffic = { place, order: soakOrder(SOAK_KINDS), answers, now };

/** What runs or is stored that should not be, once nobody is there. */
async function leftOver(): Promise<readonly string[]> {
  const ask = async (path: string): Promise<unknown> => (await fetch(server.origin + path)).json();
  const deadline = now() + ENDING_SECONDS;
  while (announced.size < jobs.size && now() < deadline) await pause(100);
  const listed = await ask('/v2/voices?voice_type=workspace');
  const text = JSON.stringify(listed);
  return [
    ...(jobs.size === announced.size ? [] : [`${jobs.size} jobs were accepted, ${announced.size} announced`]),
    ...[...announced].flatMap(([id, state]) =>
      state === 'succeeded' ? [] : [`job ${id} ended as ${state}`],
    ),
    ...(voices.made === voices.deleted ? [] : [`${voices.made} voices made, ${voices.deleted} deleted`]),
    ...(text.includes('Somebody') ? ['a deleted voice is still listed'] : []),
  ];
}

interface Outcome {
  readonly capacity: number;
  readonly offered: number;
  readonly heldBack: number;
  readonly troubles: readonly string[];
}

async function soak(): Promise<Outcome> {
  const capacity = await measureCapacity(traffic, { seconds: CAPACITY_SECONDS, lanes: LANES });
  const early = answers.length;
  console.log(
    `${capacity.toFixed(1)} callers a second in ${LANES} lanes; ${(capacity * SHARE).toFixed(1)} from now on.`,
  );
  const reader = setInterval(() => readings.push(readServer(soaked, now())), READING_MS);
  const seconds = Math.max(1, TOTAL_SECONDS - now());
  const { offered, heldBack } = await comeEvenly(traffic, {
    seconds,
    rate: capacity * SHARE,
    most: MOST_AT_ONCE,
  });
  clearInterval(reader);
  const served = answers.length - early;
  const failed = answers.flatMap(({ kind, failure }) =>
    failure === undefined ? [] : [`${kind}: ${failure}`],
  );
  return {
    capacity,
    offered,
    heldBack,
    troubles: [
      ...(served === offered ? [] : [`${offered} callers came, ${served} were counted`]),
      ...failed,
      ...(await leftOver()),
    ],
  };
}

function report(outcome: Outcome): readonly string[] {
  const from = readings[0]?.at ?? 0;
  const to = readings.at(-1)?.at ?? 0;
  const begun = from + (to - from) * SETTLE_SHARE;
  const growth = growthOf(readings.filter(({ at }) => at >= begun));
  const drift = driftOf(answers.filter(({ at }) => at >= begun));
  const grows = growth.filter(({ verdict }) => verdict === 'grows').map(({ what }) => `${what} grows`);
  const slower = drift.filter(({ verdict }) => verdict === 'slower').map(({ kind }) => `${kind} gets slower`);
  const unsure = growth.filter(({ verdict }) => verdict === 'unsure').map(({ what }) => what);
  const text = [
    `${MINUTES} minutes on ${availableParallelism()} processors, of which ${((loadavg()[2] ?? 0) / availableParallelism()).toFixed(1)} processes wanted each. ` +
      `${outcome.capacity.toFixed(1)} callers a second were served at most, ${(outcome.capacity * SHARE).toFixed(1)} came: ` +
      `${outcome.offered.toLocaleString('en')} in all, ${outcome.heldBack} of them later than they would have because ${MOST_AT_ONCE} were there. ` +
      `${jobs.size} jobs were accepted and ${announced.size} announced, ${voices.made} voices made and ${voices.deleted} deleted. ` +
      `${outcome.troubles.length} answers or counts were wrong.`,
    [...grows, ...slower].length === 0
      ? `**Nothing grows, and nothing gets slower.**${unsure.length > 0 ? ` The time was too short to be sure of: ${unsure.join(', ')}.` : ''}`
      : `**${[...grows, ...slower].join('; ')}.**`,
    ...Object.entries(soakPlots(readings, answers)).map(
      ([file, plot]) => `![${plot.title}](plots/${file}.svg)`,
    ),
    tableText(growthTable(growth)),
    tableText(driftTable(drift)),
  ].join('\n\n');
  console.log(`\n${text}`);
  writeFileSync(
    join(FOLDER, 'soak.json'),
    `${JSON.stringify({ minutes: MINUTES, ...outcome, growth, drift, readings }, undefined, 1)}\n`,
  );
  for (const [file, plot] of Object.entries(soakPlots(readings, answers)))
    writeFileSync(join(FOLDER, 'plots', `${file}.svg`), plotSvg(plot));
  const page = readFileSync(existsSync(PAGE) ? PAGE : 'bench/README.md', 'utf8');
  writeFileSync(PAGE, betweenMarks(page, 'soak', text));
  return [...grows, ...slower];
}

try {
  const outcome = await soak();
  const worse = report(outcome);
  for (const trouble of outcome.troubles) console.error(trouble);
  if (outcome.troubles.length + worse.length > 0) process.exitCode = 1;
} finally {
  listener.closeAllConnections();
  listener.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
