/**
 * A file of 100 MB through HTTP, once alone and by four clients at once: how long it takes, what the server uses of the
 * processors for it, and how much memory it takes meanwhile. Beside it a server of a few lines that writes the same body to
 * a file. What is sent is noise, which Antiphon takes in whole, looks at and refuses: nothing is decoded. Prints a Markdown table.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchModels } from './hearing-weights.ts';
import { footprintPeak, footprintNow, forgetPeaks, processorMsOfAll } from './process-figures.ts';
import { startBareServer } from './report/bare-process.ts';
import { median, shortFigure } from './report/figures.ts';
import { printTable } from './report/markdown-table.ts';
import { startServer } from './server-process.ts';

const MEGABYTES = Number(process.env['MEGABYTES'] ?? 100);
const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const CROWD = 4;
const PIECE = randomBytes(1_000_000);

interface Receiver {
  readonly name: string;
  readonly origin: string;
  readonly pid: number;
  readonly path: string;
  /** What it answers once it has all of it. */
  readonly status: number;
  /** Megabytes that it took before anything was sent. */
  readonly atStart: number;
}

const BOUNDARY = 'part-of-a-form';
const HEAD = Buffer.from(
  `--${BOUNDARY}\r\ncontent-disposition: form-data; name="model_id"\r\n\r\nscribe_v1\r\n` +
    `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="noise.wav"\r\n` +
    'content-type: application/octet-stream\r\n\r\n',
);
const TAIL = Buffer.from(`\r\n--${BOUNDARY}--\r\n`);

/** Sends the form and resolves with the milliseconds until its answer has come. */
function send({ origin, path, status, name }: Receiver): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const headers = {
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      'content-length': HEAD.length + MEGABYTES * PIECE.length + TAIL.length,
    };
    const sent = request(new URL(path, origin), { method: 'POST', headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => {
        if (answer.statusCode === status) resolve(performance.now() - startedAt);
        else reject(new Error(`${name} answered ${answer.statusCode}: ${text}`));
      });
    });
    sent.on('error', reject);
    sent.write(HEAD);
    let left = MEGABYTES;
    const pour = () => {
      while (left > 0) {
        left -= 1;
        if (!sent.write(PIECE)) {
          sent.once('drain', pour);
          return;
        }
      }
      sent.end(TAIL);
    };
    pour();
  });
}

interface Measured {
  readonly ms: number;
  readonly processorMs: number;
  /** Beyond what the process took when it had just been started. */
  readonly growth: number;
}

async function measure(receiver: Receiver, clients: number): Promise<Measured> {
  const usedBefore = processorMsOfAll(receiver.pid);
  const times = await Promise.all(Array.from({ length: clients }, () => send(receiver)));
  const peak = footprintPeak(receiver.pid);
  return {
    ms: Math.max(...times),
    processorMs: (processorMsOfAll(receiver.pid) - usedBefore) / clients,
    growth: peak.server + peak.children - receiver.atStart,
  };
}

async function inTurns(
  receivers: readonly Receiver[],
  clients: number,
): Promise<ReadonlyMap<string, readonly Measured[]>> {
  const all = new Map<string, Measured[]>();
  // What runs first pays for what is compiled meanwhile.
  for (const receiver of receivers) await measure(receiver, clients);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const receiver of receivers)
      all.set(receiver.name, [...(all.get(receiver.name) ?? []), await measure(receiver, clients)]);
  }
  return all;
}

function startedNow(pid: number): number {
  forgetPeaks(pid);
  const { server: itself, children } = footprintNow(pid);
  return itself + children;
}

const folder = mkdtempSync(join(tmpdir(), 'antiphon-uploads-'));
const bare = await startBareServer(['file', folder]);
const { modelsDir } = benchModels(join(folder, 'models'));
const server = await startServer(['--engines', 'whisper', '--models-dir', modelsDir, '--offline']);
try {
  const receivers: readonly Receiver[] = [
    { name: 'bare server, to a file', ...bare, path: '/', status: 200, atStart: startedNow(bare.pid) },
    { name: 'Antiphon', ...server, path: '/v1/speech-to-text', status: 415, atStart: startedNow(server.pid) },
  ];
  const row = printTable('', [
    `${MEGABYTES} MB`,
    'whole, median ms',
    'MB per second',
    "receiver's processor time, ms",
    'memory growth, MB',
    'time against bare',
  ]);
  for (const clients of [1, CROWD]) {
    const all = await inTurns(receivers, clients);
    const middle = (name: string, pick: (one: Measured) => number) => median((all.get(name) ?? []).map(pick));
    for (const { name } of receivers) {
      const ms = middle(name, (one) => one.ms);
      row(
        `${name}, ${clients} client${clients === 1 ? '' : 's'}`,
        ms.toFixed(0),
        shortFigure((clients * MEGABYTES * 1000) / ms),
        middle(name, (one) => one.processorMs).toFixed(0),
        Math.max(...(all.get(name) ?? []).map((one) => one.growth)).toFixed(1),
        (ms / middle('bare server, to a file', (one) => one.ms)).toFixed(2),
      );
    }
  }
} finally {
  await Promise.all([server.stop(), bare.stop()]);
  rmSync(folder, { recursive: true, force: true });
}
