/**
 * Hearing through HTTP next to the bare engine, in one run on the same weights and recordings; four requests at once
 * next to four in a row; and the memory that an hour of sound takes. The server is a process of its own, as its users
 * run it, and the bare engine another. Rounds take turns, so that a machine whose speed drifts harms all alike.
 * Prints Markdown tables.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openAsBlob, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { stopCodecPool } from '../src/media/codec-pool.ts';
import { stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import type { BareOrder, BareReport, BareRun } from './bare-hearing.ts';
import { benchModels, type BenchModel } from './hearing-weights.ts';
import { footprintNow, footprintPeak, forgetPeaks, figuresAreTold, processorMs } from './process-figures.ts';
import { makeRecording, windowsOf, type Recording, type RecordingPlan } from './recordings.ts';
import { startServer, type ServerProcess } from './server-process.ts';

const { env } = process;
const ROUNDS = Number(env['ROUNDS'] ?? 9);
const LONG_SECONDS = Number(env['LONG_SECONDS'] ?? 300);
const HOUR_SECONDS = Number(env['HOUR_SECONDS'] ?? 3600);
const CROWD = Number(env['CROWD'] ?? 4);
const THREADS = availableParallelism();

/** Of this clip the tiny model makes the same text every time; elsewhere its retries at higher temperatures vary. */
const LONG_CLIP = env['LONG_CLIP'] ?? 'en/silero_test_60s.wav';
const SHORT: RecordingPlan = { clip: 'en/jfk.wav', format: 'wav', seconds: 11 };
const LONG: RecordingPlan = { clip: LONG_CLIP, format: 'wav', seconds: LONG_SECONDS };
const HOURS: readonly RecordingPlan[] = [
  { clip: LONG_CLIP, format: 'wav', seconds: HOUR_SECONDS },
  { clip: LONG_CLIP, format: 'mp3', seconds: HOUR_SECONDS, bitRate: 64_000 },
  { clip: LONG_CLIP, format: 'opus', seconds: HOUR_SECONDS, bitRate: 24_000 },
];

/** What is left out, for who wants one answer soon. */
const wanted = {
  times: env['ONLY'] !== 'memory',
  memory: env['ONLY'] !== 'time' && figuresAreTold,
  engine: (id: string) => env['ENGINES']?.split(',').includes(id) ?? true,
  format: (id: string) => env['FORMATS']?.split(',').includes(id) ?? true,
};

interface Ears {
  readonly server: ServerProcess;
  readonly model: BenchModel;
  readonly bare: BareEngine;
}

async function throughHttp({ server, model }: Ears, recording: Recording): Promise<BareRun> {
  const file = await openAsBlob(recording.path);
  const startedAt = performance.now();
  const form = new FormData();
  form.append('model', model.id);
  form.append('language', 'en');
  form.append('response_format', 'json');
  form.append('file', file, `recording.${recording.format}`);
  const response = await fetch(`${server.origin}/v1/audio/transcriptions`, { method: 'POST', body: form });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const body = (await response.json()) as { text: string }; // The contract of this route.
  return { totalMs: performance.now() - startedAt, text: body.text };
}

interface BareEngine {
  hear(windows: readonly Int16Array[]): Promise<BareRun>;
  stop(): Promise<void>;
}

async function startBare(model: BenchModel): Promise<BareEngine> {
  const child = fork(new URL('bare-hearing.ts', import.meta.url), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const left = new AbortController();
  child.once('exit', () => left.abort(new Error('The bare engine ended by itself.')));
  const ask = async (order: BareOrder): Promise<BareReport> => {
    child.send(order);
    const [report] = (await once(child, 'message', { signal: left.signal })) as [BareReport]; // Only that script speaks.
    return report;
  };
  await ask({ kind: 'load', model, threads: THREADS });
  return {
    hear: async (windows) => {
      const report = await ask({ kind: 'hear', windows });
      if (report.kind !== 'heard') throw new Error('The bare engine answered something else.');
      return report.run;
    },
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function withoutSpaces(text: string | undefined): string | undefined {
  return text?.replace(/\s/g, '');
}

/** Of the server without the child that hears; nothing where the system does not tell. */
function processorOf({ pid }: ServerProcess): number {
  return figuresAreTold ? processorMs(pid) : 0;
}

/** Prints the head of a table and returns what prints a row: an hour of sound is long to wait for all of them. */
function table(...head: readonly string[]): (...cells: readonly string[]) => void {
  const print = (cells: readonly string[]) => console.log(`| ${cells.join(' | ')} |`);
  console.log('');
  print(head);
  console.log(`|${head.map(() => '---|').join('')}`);
  return (...cells) => print(cells);
}

async function againstBare(ears: Ears, recordings: readonly Recording[]): Promise<void> {
  const row = table(
    'sound',
    'bare engine, median ms',
    'HTTP, median ms',
    'time against bare',
    'difference, ms',
    "server's processor time, ms",
    'real-time factor',
    'same text',
  );
  for (const recording of recordings) {
    const windows = await windowsOf(recording);
    const bare: BareRun[] = [];
    const http: BareRun[] = [];
    if (ROUNDS > 1) await Promise.all([ears.bare.hear(windows), throughHttp(ears, recording)]); // Warm code.
    const usedBefore = processorOf(ears.server);
    for (let round = 0; round < ROUNDS; round += 1) {
      // Who comes first changes, since what runs before leaves the processor warm or busy.
      if (round % 2 === 0) bare.push(await ears.bare.hear(windows));
      http.push(await throughHttp(ears, recording));
      if (round % 2 === 1) bare.push(await ears.bare.hear(windows));
    }
    const used = processorOf(ears.server) - usedBefore;
    const bareMs = median(bare.map((run) => run.totalMs));
    const httpMs = median(http.map((run) => run.totalMs));
    const ratios = http.map((run, round) => run.totalMs / (bare[round]?.totalMs ?? Number.NaN));
    row(
      `${recording.seconds} s, ${windows.length} windows`,
      bareMs.toFixed(0),
      httpMs.toFixed(0),
      median(ratios).toFixed(3),
      (httpMs - bareMs).toFixed(0),
      (used / ROUNDS).toFixed(0),
      (httpMs / 1000 / recording.seconds).toFixed(4),
      // The bare engine is not asked where one window's words end and the next one's begin.
      withoutSpaces(bare[0]?.text) === withoutSpaces(http[0]?.text) ? 'yes' : 'no',
    );
  }
}

async function crowds(ears: Ears, recordings: readonly Recording[]): Promise<void> {
  const row = table(
    'sound',
    `${CROWD} in a row, median ms`,
    `${CROWD} at once, median ms`,
    'at once against in a row',
  );
  for (const recording of recordings) {
    const inARow: number[] = [];
    const atOnce: number[] = [];
    for (let round = 0; round < Math.max(1, ROUNDS / 3); round += 1) {
      inARow.push(
        await timed(async () => {
          for (let one = 0; one < CROWD; one += 1) await throughHttp(ears, recording);
        }),
      );
      atOnce.push(
        await timed(() => Promise.all(Array.from({ length: CROWD }, () => throughHttp(ears, recording)))),
      );
    }
    const ratios = atOnce.map((ms, round) => ms / (inARow[round] ?? Number.NaN));
    row(
      `${recording.seconds} s`,
      median(inARow).toFixed(0),
      median(atOnce).toFixed(0),
      median(ratios).toFixed(3),
    );
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Each recording meets a server of its own: what one left behind is no room for the next. */
async function memory(
  start: () => Promise<ServerProcess>,
  model: BenchModel,
  hours: readonly Recording[],
  short: Recording,
) {
  const row = table('recording', 'model loaded, MB (server + child)', 'peak, MB', 'growth, MB', 'seconds');
  for (const recording of hours) {
    const server = await start();
    try {
      await elevenlabs({ server, model }, short);
      const before = footprintNow(server.pid);
      forgetPeaks(server.pid);
      const ms = await timed(() => elevenlabs({ server, model }, recording));
      const peak = footprintPeak(server.pid);
      const growth = peak.server + peak.children - before.server - before.children;
      row(
        `${recording.format}, ${recording.seconds} s`,
        `${before.server.toFixed(0)} + ${before.children.toFixed(0)}`,
        `${peak.server.toFixed(0)} + ${peak.children.toFixed(0)}`,
        growth.toFixed(0),
        (ms / 1000).toFixed(1),
      );
    } finally {
      await server.stop();
    }
  }
}

/** The vendor that takes the largest files. */
async function elevenlabs({ server }: Pick<Ears, 'server' | 'model'>, recording: Recording): Promise<void> {
  const form = new FormData();
  form.append('model_id', 'scribe_v1');
  form.append('language_code', 'en');
  form.append('timestamps_granularity', 'none');
  form.append('file', await openAsBlob(recording.path), `recording.${recording.format}`);
  const response = await fetch(`${server.origin}/v1/speech-to-text`, { method: 'POST', body: form });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
}

async function times(
  start: () => Promise<ServerProcess>,
  model: BenchModel,
  recordings: readonly Recording[],
) {
  const server = await start();
  const bare = await startBare(model);
  try {
    await againstBare({ server, model, bare }, recordings);
    await crowds({ server, model, bare }, recordings);
  } finally {
    await Promise.all([bare.stop(), server.stop()]);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'antiphon-hearing-'));
try {
  const { modelsDir, models } = benchModels(join(folder, 'models'));
  const short = await makeRecording(folder, SHORT);
  const recordings = [short, ...(LONG_SECONDS > 0 ? [await makeRecording(folder, LONG)] : [])];
  const hours = wanted.memory
    ? await Promise.all(
        HOURS.filter(({ format }) => wanted.format(format)).map((plan) => makeRecording(folder, plan)),
      )
    : [];
  await Promise.all([stopCodecPool(), stopDecodePool()]);
  for (const model of models.filter(({ engine }) => wanted.engine(engine))) {
    const start = () =>
      startServer([
        '--engines',
        model.engine,
        '--models-dir',
        modelsDir,
        '--offline',
        '--workers',
        String(THREADS),
      ]);
    console.log(`\n### ${model.title}`);
    if (wanted.times) await times(start, model, recordings);
    if (wanted.memory) await memory(start, model, hours, short);
  }
} finally {
  await Promise.all([stopCodecPool(), stopDecodePool()]);
  rmSync(folder, { recursive: true, force: true });
}
