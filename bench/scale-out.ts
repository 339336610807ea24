/**
 * What several workers on one PostgreSQL bring, and what PostgreSQL costs where SQLite would do: jobs per second with 1,
 * 2 and 4 processes, and in the same run how long it takes to write a job down, to claim one, to have an order
 * acknowledged, and until it is begun. Blobs are files in both layouts. Prints Markdown tables.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import { startPostgres, type PostgresServer } from '../test/postgres-server.ts';
import type { Store } from '../src/core/ports/store.ts';
import { createFileBlobs } from '../src/platform/blobs/file-blobs.ts';
import { openPostgresStore } from '../src/platform/store/postgres-store.ts';
import { openSqliteStore } from '../src/platform/store/sqlite-store.ts';
import { claimJob, finishJob, queuedJob, SLOTS } from './bare-jobs.ts';
import { startServer, type ServerProcess } from './server-process.ts';

/** `jobs` or `latency`: only that half. */
const ONLY = process.env['ONLY'];
const WORKERS = (process.env['WORKERS'] ?? '1,2,4').split(',').map(Number);
/** Jobs that one worker does at the same time. */
/** Steps of each kind, and orders over HTTP, that are timed. */
const STEPS = Number(process.env['STEPS'] ?? 400);
const ORDERS = Number(process.env['ORDERS'] ?? 60);

/** What the jobs of a row consist of. */
interface Work {
  readonly name: string;
  readonly jobs: number;
  /** How long the server elsewhere takes, in milliseconds; absent: flite speaks here. */
  readonly elsewhereMs?: number;
}

const SCALE = Number(process.env['SCALE'] ?? 1);
const WORKS: readonly Work[] = [
  { name: 'a server elsewhere works for 250 ms', jobs: 240 * SCALE, elsewhereMs: 250 },
  { name: 'a server elsewhere answers at once', jobs: 240 * SCALE, elsewhereMs: 0 },
  { name: 'flite speaks 5 s of sound here', jobs: 120 * SCALE },
];

const SENTENCE = 'This sentence is said again and again, until somebody has heard enough of it. ';
const BODY = Buffer.from(
  JSON.stringify({ model: 'tts-1', voice: 'alloy', input: SENTENCE, response_format: 'pcm' }),
);

/** A server that says the same after a while, and the configuration by which it is used. */
async function startElsewhere(folder: string, waitMs: number) {
  const samples = Buffer.alloc(20_000);
  const server = createServer(async (incoming, outgoing) => {
    for await (const chunk of incoming) void chunk;
    if (incoming.method === 'GET') {
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{"object":"list","data":[]}');
      return;
    }
    await pause(waitMs);
    outgoing.writeHead(200, { 'content-type': 'audio/pcm' }).end(samples);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  const voices = [{ name: 'alloy' }];
  const model = { id: 'tts-1', capability: 'speech', upstream: 'tts-1', implements: ['tts-1'], voices };
  const remote = { id: 'elsewhere', adapter: 'openai-media', profile: 'openai', concurrency: 64 };
  const config = join(folder, `elsewhere-${port}.json`);
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(config, JSON.stringify({ remotes: [{ ...remote, url, models: [model] }] }));
  return {
    args: ['--config', config],
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function settings(folder: string, more: Readonly<Record<string, string>>): readonly string[] {
  const all = {
    'data-dir': folder,
    engines: 'flite',
    workers: '1',
    'history-days': '0',
    'job-workers': String(SLOTS),
    'jobs-per-owner': '1000',
    'max-waiting-jobs': '100000',
    'drain-seconds': '0',
    ...more,
  };
  return Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
}

/** Puts all orders down in one stroke and tells how many ended in each second from the first beginning to the last end. */
async function jobsPerSecond(databaseUrl: string, folder: string, jobs: number): Promise<number> {
  const blobs = createFileBlobs(join(folder, 'blobs'));
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  const now = Date.now();
  const rows = await Promise.all(
    Array.from({ length: jobs }, async () => {
      const id = randomUUID();
      const blob = `files/${id.replaceAll('-', '')}`;
      await blobs.put(blob, BODY);
      return rowOf(id, { blob, now });
    }),
  );
  try {
    await sql`INSERT INTO jobs ${sql(rows)}`;
    const ids = rows.map(({ id }) => id);
    for (;;) {
      const [told] = await sql`
        SELECT count(*) FILTER (WHERE state IN ('queued', 'running')) AS open, count(*) FILTER (WHERE state = 'failed') AS failed,
          max(finished_at) - min(started_at) AS milliseconds
        FROM jobs WHERE id = ANY (${ids})`;
      if (Number(told?.['failed']) > 0) throw new Error('A job failed.');
      if (Number(told?.['open']) === 0) return (jobs / Number(told?.['milliseconds'])) * 1000;
      await pause(100);
    }
  } finally {
    await sql.end();
  }
}

function rowOf(id: string, { blob, now }: { readonly blob: string; readonly now: number }) {
  const headers = { 'content-type': 'application/json' };
  const body = { blob, byteLength: BODY.length };
  const input = { method: 'POST', url: '/openai/v1/audio/speech', headers, body };
  return {
    id,
    owner_id: 'anonymous',
    kind: 'request',
    dialect: 'openai',
    model: '/v1/audio/speech',
    priority: 0,
    state: 'queued',
    created_at: now,
    queued_at: now,
    available_at: now,
    record: JSON.stringify({ version: 1, input, notes: {} }),
    has_webhook: 0,
  };
}

async function scaleOut(server: PostgresServer, folder: string): Promise<void> {
  const [least = 1] = WORKERS;
  const titles = WORKERS.map((count) => `${count} worker${count === 1 ? '' : 's'}`);
  const ratios = WORKERS.slice(1).map((count) => `${count} against ${least}`);
  console.log(`\n| each job | ${[...titles, ...ratios].join(' | ')} |`);
  console.log(`|---|${[...titles, ...ratios].map(() => '---|').join('')}`);
  for (const work of WORKS) {
    const rates: number[] = [];
    for (const count of WORKERS) rates.push(await withWorkers(count, work, { server, folder }));
    const [first = 1] = rates;
    const cells = [
      ...rates.map((rate) => rate.toFixed(1)),
      ...rates.slice(1).map((rate) => (rate / first).toFixed(2)),
    ];
    console.log(`| ${[work.name, ...cells].join(' | ')} |`);
  }
}

async function withWorkers(
  count: number,
  { jobs, elsewhereMs }: Work,
  { server, folder }: { readonly server: PostgresServer; readonly folder: string },
): Promise<number> {
  const { url, drop } = await server.place();
  const elsewhere = elsewhereMs === undefined ? undefined : await startElsewhere(folder, elsewhereMs);
  const args = [
    ...settings(folder, { 'database-url': url, role: 'worker' }),
    ...(elsewhere ? elsewhere.args : []),
  ];
  const workers: ServerProcess[] = [];
  try {
    for (let index = 0; index < count; index += 1) workers.push(await startServer(args));
    // What a process does for the first time takes longer.
    await jobsPerSecond(url, folder, count * SLOTS * 2);
    return await jobsPerSecond(url, folder, jobs);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    elsewhere?.close();
    await drop();
  }
}

type Times = Record<string, number[]>;

/** Each step of a job on a store, without anything around it. */
async function timeSteps(store: Store, times: Times): Promise<void> {
  const { jobs } = store;
  const timed = async <T>(step: string, act: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const done = await act();
    (times[step] ??= []).push(performance.now() - startedAt);
    return done;
  };
  await timed('write down', () => jobs.add(queuedJob('somebody'), 1_000_000));
  const claimed = await timed('claim', () => claimJob(jobs));
  if (!claimed) throw new Error('There is nothing to do.');
  await timed('end', () => finishJob(jobs, claimed));
}

/** One order over HTTP with idle workers, until it is acknowledged and until it is begun. */
async function timeOrder(origin: string, times: Times): Promise<void> {
  const startedAt = performance.now();
  const response = await fetch(`${origin}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'respond-async' },
    body: BODY,
  });
  const { id } = (await response.json()) as { id: string }; // An accepted request is answered with its job.
  (times['order acknowledged (HTTP)'] ??= []).push(performance.now() - startedAt);
  for (;;) {
    const found = await fetch(`${origin}/antiphon/v1/jobs/${id}`);
    const job = (await found.json()) as { state: string; createdAt: string; startedAt: string }; // As docs/jobs.md says.
    if (job.state === 'failed') throw new Error(JSON.stringify(job));
    if (job.state === 'succeeded') {
      (times['from written down to begun'] ??= []).push(
        Date.parse(job.startedAt) - Date.parse(job.createdAt),
      );
      return;
    }
    await pause(20);
  }
}

async function compareDatabases(server: PostgresServer, folder: string): Promise<void> {
  const { url, drop } = await server.place();
  const all: Record<'SQLite' | 'PostgreSQL', Times> = { SQLite: {}, PostgreSQL: {} };
  const stores = {
    SQLite: openSqliteStore(join(folder, 'steps.sqlite')),
    PostgreSQL: await openPostgresStore(url),
  };
  for (let step = 0; step < STEPS; step += 1)
    for (const name of ['SQLite', 'PostgreSQL'] as const) await timeSteps(stores[name], all[name]);
  await Promise.all(Object.values(stores).map((store) => store.close()));
  const elsewhere = await startElsewhere(folder, 0);
  const one = join(folder, 'one');
  const several = settings(join(folder, 'several'), { 'database-url': url });
  const servers = [
    await startServer([...settings(one, {}), ...elsewhere.args]),
    await startServer([...several, ...elsewhere.args, '--role', 'api']),
    await startServer([...several, ...elsewhere.args, '--role', 'worker']),
  ];
  try {
    const [embedded, api] = servers;
    if (!embedded || !api) throw new Error('No server.');
    for (const { origin } of [embedded, api])
      for (let count = 0; count < 5; count += 1) await timeOrder(origin, {});
    for (let count = 0; count < ORDERS; count += 1) {
      await timeOrder(embedded.origin, all.SQLite);
      await timeOrder(api.origin, all.PostgreSQL);
    }
  } finally {
    await Promise.all(servers.map((each) => each.stop()));
    elsewhere.close();
    await drop();
  }
  printLatencies(all);
}

function printLatencies({ SQLite, PostgreSQL }: Record<'SQLite' | 'PostgreSQL', Times>): void {
  console.log(
    '\n| | SQLite, median ms | p95 ms | PostgreSQL, median ms | p95 ms | added at the median, ms |',
  );
  console.log('|---|---|---|---|---|---|');
  for (const [step, before] of Object.entries(SQLite)) {
    const after = PostgreSQL[step] ?? [];
    const cells = [
      quantile(before, 0.5),
      quantile(before, 0.95),
      quantile(after, 0.5),
      quantile(after, 0.95),
      quantile(after, 0.5) - quantile(before, 0.5),
    ];
    console.log(`| ${[step, ...cells.map((value) => value.toFixed(2))].join(' | ')} |`);
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const server = await startPostgres();
if ('reason' in server) throw new Error(server.reason);
const folder = mkdtempSync(join(tmpdir(), 'antiphon-scale-out-'));
try {
  if (ONLY !== 'latency') await scaleOut(server, folder);
  if (ONLY !== 'jobs') await compareDatabases(server, folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
}
