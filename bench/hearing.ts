/**
 * Hearing through HTTP next to the bare engine, in one run on the same weights and recordings; four requests at once
 * next to four in a row; and the memory that an hour of sound takes. The server is a process of its own, as its users
 * run it, and the bare engine another. Rounds take turns, so that a machine whose speed drifts harms all alike.
 * Prints Markdown tables.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { stopCodecPool } from '../src/media/codec-pool.ts';
import { stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import type { BareRun } from './bare-hearing.ts';
import { benchModels, type BenchModel } from './hearing-weights.ts';
import { footprintNow, footprintPeak, forgetPeaks, figuresAreTold, processorMs } from './process-figures.ts';
import { makeRecording, windowsOf, type Recording, type RecordingPlan } from './recordings.ts';
import { median } from './report/figures.ts';
import {
  hearLongThroughHttp,
  hearThroughHttp,
  startBare,
  type BareEngine,
  type HearingPlace,
} from './report/hearing-ways.ts';
import { printTable } from './report/markdown-table.ts';
import { startWhisperServer } from './report/whisper-server.ts';
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

interface Ears extends HearingPlace {
  readonly bare: BareEngine;
}

function withoutSpaces(text: string | undefined): string | undefined {
  return text?.replace(/\s/g, '');
}

/** Of the server without the child that hears; nothing where the system does not tell. */
function processorOf({ pid }: ServerProcess): number {
  return figuresAreTold ? processorMs(pid) : 0;
}

async function againstBare(ears: Ears, recordings: readonly Recording[]): Promise<void> {
  const row = printTable('', [
    'sound',
    'bare engine, median ms',
    'HTTP, median ms',
    'time against bare',
    'difference, ms',
    "server's processor time, ms",
    'real-time factor',
    'same text',
  ]);
  for (const recording of recordings) {
    const windows = await windowsOf(recording);
    const bare: BareRun[] = [];
    const http: BareRun[] = [];
    if (ROUNDS > 1) await Promise.all([ears.bare.hear(windows), hearThroughHttp(ears, recording)]); // Warm code.
    const usedBefore = processorOf(ears.server);
    for (let round = 0; round < ROUNDS; round += 1) {
      // Who comes first changes, since what runs before leaves the processor warm or busy.
      if (round % 2 === 0) bare.push(await ears.bare.hear(windows));
      http.push(await hearThroughHttp(ears, recording));
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

/** The program that comes with whisper.cpp, where somebody has built it; it decodes what it is sent in one piece. */
async function againstItsServer(place: HearingPlace, recordings: readonly Recording[]): Promise<void> {
  const program = env['WHISPER_SERVER'];
  if (program === undefined) {
    console.log('\nThe server of whisper.cpp is left out: WHISPER_SERVER names no program.');
    return;
  }
  const peer = await startWhisperServer(program, { folder: place.model.folder, threads: THREADS });
  try {
    const row = printTable('', [
      'sound',
      "whisper.cpp's server, median ms",
      'HTTP, median ms',
      'time against it',
    ]);
    for (const recording of recordings) {
      const [theirs, ours]: [number[], number[]] = [[], []];
      await peer.hear(recording.path);
      for (let round = 0; round < ROUNDS; round += 1) {
        theirs.push(await peer.hear(recording.path));
        ours.push((await hearThroughHttp(place, recording)).totalMs);
      }
      const [their, our] = [median(theirs), median(ours)];
      row(`${recording.seconds} s`, their.toFixed(0), our.toFixed(0), (our / their).toFixed(3));
    }
  } finally {
    await peer.stop();
  }
}

async function crowds(ears: Ears, recordings: readonly Recording[]): Promise<void> {
  const row = printTable('', [
    'sound',
    `${CROWD} in a row, median ms`,
    `${CROWD} at once, median ms`,
    'at once against in a row',
  ]);
  for (const recording of recordings) {
    const inARow: number[] = [];
    const atOnce: number[] = [];
    for (let round = 0; round < Math.max(1, ROUNDS / 3); round += 1) {
      inARow.push(
        await timed(async () => {
          for (let one = 0; one < CROWD; one += 1) await hearThroughHttp(ears, recording);
        }),
      );
      atOnce.push(
        await timed(() => Promise.all(Array.from({ length: CROWD }, () => hearThroughHttp(ears, recording)))),
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
async function memory(start: () => Promise<ServerProcess>, hours: readonly Recording[], short: Recording) {
  const row = printTable('', [
    'recording',
    'model loaded, MB (server + child)',
    'peak, MB',
    'growth, MB',
    'seconds',
  ]);
  for (const recording of hours) {
    const server = await start();
    try {
      await hearLongThroughHttp(server, short);
      const before = footprintNow(server.pid);
      forgetPeaks(server.pid);
      const ms = await hearLongThroughHttp(server, recording);
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

async function times(
  start: () => Promise<ServerProcess>,
  model: BenchModel,
  recordings: readonly Recording[],
) {
  const server = await start();
  const bare = await startBare(model, THREADS);
  try {
    await againstBare({ server, model, bare }, recordings);
    await crowds({ server, model, bare }, recordings);
    if (model.engine === 'whisper') await againstItsServer({ server, model }, recordings);
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
    if (wanted.memory) await memory(start, hours, short);
  }
} finally {
  await Promise.all([stopCodecPool(), stopDecodePool()]);
  rmSync(folder, { recursive: true, force: true });
}
