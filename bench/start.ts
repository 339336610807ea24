/**
 * From starting the process until it listens, and what it takes of memory at rest: just started, after it has spoken, and once it
 * was left alone. Beside it a server of a few lines, started in turns with it. Prints Markdown tables.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { countsOf, footprintNow, processorMsOfAll, proportionalMegabytes } from './process-figures.ts';
import { startBareServer } from './report/bare-process.ts';
import { median, quantile } from './report/figures.ts';
import { printTable } from './report/markdown-table.ts';
import { startServer, type ServerProcess } from './server-process.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 9);
/** How long a server that has just been started, or has just spoken, is given to come to rest. */
const SETTLE_SECONDS = Number(process.env['SETTLE_SECONDS'] ?? 5);
const IDLE_SECONDS = Number(process.env['IDLE_SECONDS'] ?? 120);

/** From spawning until the address is printed, and until a first request is answered. */
interface Start {
  readonly listeningMs: number;
  readonly answeredMs: number;
  readonly processorMs: number;
}

async function start(args: readonly string[], address: RegExp): Promise<Start> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += String(chunk);
    if (address.test(printed)) break;
  }
  const listeningMs = performance.now() - startedAt;
  const [, found] = address.exec(printed) ?? [];
  if (found === undefined || child.pid === undefined) throw new Error(`It did not start: ${printed}`);
  const origin = found.startsWith('http') ? found : `http://127.0.0.1:${found}`;
  const answer = await fetch(`${origin}/health`);
  await answer.arrayBuffer();
  const answeredMs = performance.now() - startedAt;
  const processorMs = processorMsOfAll(child.pid);
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  return { listeningMs, answeredMs, processorMs };
}

async function starts(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-start-'));
  const serve = [
    '--max-semi-space-size=16',
    'bin/antiphon.js',
    'serve',
    '--port',
    '0',
    '--log-level',
    'error',
  ];
  const ways = {
    'bare server': () => start(['bench/bare-server.ts', 'empty'], /port (\d+)/),
    'Antiphon, an empty data folder': (round: number) =>
      start([...serve, '--data-dir', join(folder, `empty-${round}`)], /answers at (http:\S+)/),
    'Antiphon, started before': () =>
      start([...serve, '--data-dir', join(folder, 'kept')], /answers at (http:\S+)/),
  };
  const all: Record<string, Start[]> = {};
  for (const way of Object.values(ways)) await way(-1); // The disk's cache is filled once.
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [name, way] of Object.entries(ways)) (all[name] ??= []).push(await way(round));
  rmSync(folder, { recursive: true, force: true });
  const row = printTable('Start', [
    '',
    'until it listens, median ms',
    'p95 ms',
    'until the first answer, median ms',
    'processor time, ms',
  ]);
  for (const [name, some] of Object.entries(all)) {
    const listening = some.map(({ listeningMs }) => listeningMs);
    row(
      name,
      median(listening).toFixed(0),
      quantile(listening, 0.95).toFixed(0),
      median(some.map(({ answeredMs }) => answeredMs)).toFixed(0),
      median(some.map(({ processorMs }) => processorMs)).toFixed(0),
    );
  }
}

type Row = (...cells: readonly string[]) => void;

function tellMemory(row: Row, name: string, pid: number): void {
  const { server, children } = footprintNow(pid);
  const counts = countsOf(pid);
  row(
    name,
    server.toFixed(0),
    children.toFixed(0),
    proportionalMegabytes(pid).toFixed(0),
    String(counts.threads),
    String(counts.children),
  );
}

async function speak({ origin }: ServerProcess, voice: string, format: string): Promise<void> {
  const answer = await fetch(`${origin}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'auto',
      voice,
      input: 'Good evening, everybody.',
      response_format: format,
    }),
  });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`Speaking was answered with ${answer.status}.`);
}

async function rest(): Promise<void> {
  const row = printTable('Memory at rest', [
    '',
    'resident, MB',
    'child processes, MB',
    'proportional, all, MB',
    'threads',
    'children',
  ]);
  const bare = await startBareServer(['empty']);
  await fetch(bare.origin).then((answer) => answer.arrayBuffer());
  await pause(SETTLE_SECONDS * 1000);
  tellMemory(row, 'bare server', bare.pid);
  await bare.stop();
  const server = await startServer();
  try {
    await pause(SETTLE_SECONDS * 1000);
    tellMemory(row, 'Antiphon, just started', server.pid);
    await speak(server, 'flite/slt', 'mp3');
    await pause(SETTLE_SECONDS * 1000);
    tellMemory(row, 'has spoken with flite, MP3', server.pid);
    await speak(server, 'espeak/en-us', 'opus');
    await pause(SETTLE_SECONDS * 1000);
    tellMemory(row, 'has spoken with espeak, Opus', server.pid);
    await pause(IDLE_SECONDS * 1000);
    tellMemory(row, `left alone for ${IDLE_SECONDS} s`, server.pid);
  } finally {
    await server.stop();
  }
}

await starts();
await rest();
