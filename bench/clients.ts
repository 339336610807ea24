/**
 * Many open streams: clients that each listen to a speech that a model elsewhere makes just in time, first straight from that
 * server, then through Antiphon. A stream is continuous when a player that begins with its first samples never runs dry. Clients,
 * server and the server elsewhere are processes of their own on one machine. Prints a Markdown table.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { footprintNow, footprintPeak, forgetPeaks, processorMsOfAll } from './process-figures.ts';
import { startBareServer } from './report/bare-process.ts';
import { quantile } from './report/figures.ts';
import { printTable } from './report/markdown-table.ts';
import { writePassingConfig } from './passing-config.ts';
import { startServer } from './server-process.ts';

const CLIENTS = (process.env['CLIENTS'] ?? '1,10,100,1000').split(',').map(Number);
const SPEECH_SECONDS = Number(process.env['SPEECH_SECONDS'] ?? 8);
const SECOND_BYTES = 48_000;
/** Clients do not come all at the same moment, but within this time. */
const ARRIVAL_MS = 2000;

const BODY = JSON.stringify({
  model: 'tts-1',
  voice: 'alloy',
  input: 'Good evening.',
  response_format: 'pcm',
});

interface Stream {
  readonly firstMs: number;
  /** How long a player would have waited in all, in milliseconds. */
  readonly dryMs: number;
}

interface Place {
  readonly name: string;
  readonly origin: string;
  readonly pid: number;
}

function listen({ name, origin }: Place, agent: Agent): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(BODY) };
    const sent = request(
      new URL('/v1/audio/speech', origin),
      { method: 'POST', headers, agent },
      (answer) => {
        let firstAt: number | undefined;
        let bytes = 0;
        let dryMs = 0;
        answer.on('data', (chunk: Buffer) => {
          const now = performance.now();
          firstAt ??= now;
          // The player has been standing still for all the time by which the sound is later than it was needed.
          dryMs = Math.max(dryMs, now - firstAt - (bytes / SECOND_BYTES) * 1000);
          bytes += chunk.length;
        });
        answer.on('error', reject);
        answer.on('end', () => {
          const isWhole = answer.statusCode === 200 && bytes === SPEECH_SECONDS * SECOND_BYTES;
          if (isWhole && firstAt !== undefined) resolve({ firstMs: firstAt - startedAt, dryMs });
          else reject(new Error(`${name}: status ${answer.statusCode}, ${bytes} bytes`));
        });
      },
    );
    sent.on('error', reject);
    sent.end(BODY);
  });
}

async function crowd(place: Place, clients: number): Promise<readonly PromiseSettledResult<Stream>[]> {
  const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });
  return Promise.allSettled(
    Array.from({ length: clients }, async (_, index) => {
      await pause((index / clients) * ARRIVAL_MS);
      return listen(place, agent);
    }),
  );
}

function tellFailure(all: readonly PromiseSettledResult<Stream>[]): void {
  const failed = all.find((one) => one.status === 'rejected');
  if (failed) console.error(failed.reason);
}

const folder = mkdtempSync(join(tmpdir(), 'antiphon-clients-'));
const upstream = await startBareServer(['speech'], { SPEECH_SECONDS: String(SPEECH_SECONDS) });
const server = await startServer([
  '--config',
  writePassingConfig(folder, { url: upstream.origin, concurrency: 1024 }),
]);
try {
  const places: readonly Place[] = [
    { name: 'that server itself', ...upstream },
    { name: 'Antiphon', ...server },
  ];
  for (const place of places) await crowd(place, 5); // Warm code.
  const row = printTable('', [
    'streams at once',
    'clients',
    'whole and right',
    'continuous',
    'first sound, median ms',
    'p95 ms',
    'longest silence, ms',
    "sender's processor ms for a second of one stream",
    'memory for a stream, MB',
  ]);
  for (const clients of CLIENTS) {
    for (const place of places) {
      forgetPeaks(place.pid);
      const before = footprintNow(place.pid).server;
      const usedBefore = processorMsOfAll(place.pid);
      const all = await crowd(place, clients);
      const used = processorMsOfAll(place.pid) - usedBefore;
      const whole = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      tellFailure(all);
      const first = whole.map(({ firstMs }) => firstMs);
      const continuous = whole.filter(({ dryMs }) => dryMs === 0).length;
      row(
        `${place.name}, ${clients.toLocaleString('en')}`,
        clients.toLocaleString('en'),
        `${((100 * whole.length) / clients).toFixed(1)} %`,
        `${((100 * continuous) / clients).toFixed(1)} %`,
        quantile(first, 0.5).toFixed(1),
        quantile(first, 0.95).toFixed(1),
        Math.max(0, ...whole.map(({ dryMs }) => dryMs)).toFixed(0),
        (used / clients / SPEECH_SECONDS).toFixed(2),
        ((footprintPeak(place.pid).server - before) / clients).toFixed(3),
      );
    }
  }
} finally {
  await Promise.all([server.stop(), upstream.stop()]);
  rmSync(folder, { recursive: true, force: true });
}
