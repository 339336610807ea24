/**
 * What passing speech on costs: 200 kB of raw samples from a server that has them ready, through Antiphon, through a
 * proxy of a few lines, and, where it is installed, through Portkey's gateway; all in processes of their own, in one
 * run. The ways take turns, so that a machine whose speed drifts harms all alike. Prints Markdown tables.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { writePassingConfig } from './passing-config.ts';
import { startServer } from './server-process.ts';

const SECONDS = Number(process.env['SECONDS'] ?? 5);
const WARM_UP_SECONDS = Number(process.env['WARM_UP_SECONDS'] ?? 15);
const ROUNDS = Number(process.env['ROUNDS'] ?? 3);
const CONNECTIONS = [1, 10];
const BYTES = 200_000;
/** Folder in which Portkey's gateway is installed; see the README. */
const PORTKEY = process.env['PORTKEY'];

/** A way to the samples. */
interface Way {
  readonly name: string;
  readonly port: number;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Figures {
  readonly requests: number;
  readonly seconds: number;
  readonly firstMs: number[];
}

const BODY = JSON.stringify({
  model: 'tts-1',
  voice: 'alloy',
  input: 'Good evening.',
  response_format: 'pcm',
});

function ask(way: Way, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(BODY),
      authorization: 'Bearer bench',
      ...way.headers,
    };
    const target = {
      host: '127.0.0.1',
      port: way.port,
      path: '/v1/audio/speech',
      method: 'POST',
      headers,
      agent,
    };
    const sent = request(target, (answer) => {
      let firstMs: number | undefined;
      let byteLength = 0;
      answer.on('data', (chunk: Buffer) => {
        firstMs ??= performance.now() - startedAt;
        byteLength += chunk.length;
      });
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200 && byteLength === BYTES && firstMs !== undefined) resolve(firstMs);
        else reject(new Error(`${way.name}: status ${answer.statusCode}, ${byteLength} bytes`));
      });
    });
    sent.on('error', reject);
    sent.end(BODY);
  });
}

/** Every connection asks again as soon as it has its answer. */
async function load(way: Way, connections: number, seconds: number): Promise<Figures> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const firstMs: number[] = [];
  const startedAt = performance.now();
  const endAt = startedAt + seconds * 1000;
  const one = async () => {
    while (performance.now() < endAt) firstMs.push(await ask(way, agent));
  };
  await Promise.all(Array.from({ length: connections }, one));
  agent.destroy();
  return { requests: firstMs.length, seconds: (performance.now() - startedAt) / 1000, firstMs };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const children: ChildProcess[] = [];

async function startChild(...args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, ['bench/edge-upstream.ts', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  for await (const chunk of child.stdout) {
    const port = /port (\d+)/.exec(String(chunk))?.[1];
    if (port) return Number(port);
  }
  throw new Error('A server of the benchmark did not start.');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  server.close();
  await once(server, 'close');
  return port;
}

async function startPortkey(folder: string, upstream: number): Promise<Way> {
  const port = await freePort();
  const script = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  if (!existsSync(script)) throw new Error(`There is no ${script}.`);
  const child = spawn(process.execPath, [script, `--port=${port}`, '--headless'], {
    stdio: 'ignore',
    env: { ...process.env, NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: '127.0.0.1,localhost' },
  });
  children.push(child);
  const way = {
    name: 'Portkey 1.15.2',
    port,
    headers: { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `http://127.0.0.1:${upstream}/v1` },
  };
  const agent = new Agent();
  for (let tries = 0; ; tries += 1) {
    try {
      await ask(way, agent);
      return way;
    } catch (error) {
      if (tries > 100) throw error;
      await pause(100);
    }
  }
}

/** All ways in turns. */
async function measure(ways: readonly Way[], connections: number): Promise<Map<string, Figures>> {
  const all = new Map<string, Figures>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const way of ways) {
      const figures = await load(way, connections, SECONDS / ROUNDS);
      const before = all.get(way.name) ?? { requests: 0, seconds: 0, firstMs: [] };
      all.set(way.name, {
        requests: before.requests + figures.requests,
        seconds: before.seconds + figures.seconds,
        firstMs: [...before.firstMs, ...figures.firstMs],
      });
    }
  }
  return all;
}

function printTable(connections: number, all: ReadonlyMap<string, Figures>): void {
  const rate = (name: string) => (all.get(name)?.requests ?? 0) / (all.get(name)?.seconds ?? 1);
  const first = (name: string) => quantile(all.get(name)?.firstMs ?? [], 0.5);
  const direct = first('upstream itself');
  console.log(`\n### ${connections} connection${connections === 1 ? '' : 's'}\n`);
  console.log(
    '| | requests per second | first byte, median ms | p95 ms | added to the upstream, ms | requests against the bare proxy | against Portkey |',
  );
  console.log('|---|---|---|---|---|---|---|');
  for (const [name, { firstMs }] of all) {
    const cells = [
      name,
      rate(name).toFixed(0),
      first(name).toFixed(2),
      quantile(firstMs, 0.95).toFixed(2),
      (first(name) - direct).toFixed(2),
      (rate(name) / rate('bare proxy')).toFixed(2),
      all.has('Portkey 1.15.2') ? (rate(name) / rate('Portkey 1.15.2')).toFixed(2) : 'not installed',
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'antiphon-edge-'));
const upstream = await startChild('upstream');
const proxy = await startChild('proxy', String(upstream));
const server = await startServer([
  '--config',
  writePassingConfig(folder, { url: `http://127.0.0.1:${upstream}`, concurrency: 64 }),
]);
try {
  const ways: Way[] = [
    { name: 'upstream itself', port: upstream },
    { name: 'bare proxy', port: proxy },
    { name: 'Antiphon', port: Number(new URL(server.origin).port) },
    ...(PORTKEY === undefined ? [] : [await startPortkey(PORTKEY, upstream)]),
  ];
  if (PORTKEY === undefined)
    console.log('Portkey is left out: PORTKEY names no folder in which it is installed.');
  // A server runs for days: what its code costs while it is still being compiled is not what is asked here.
  for (const way of ways) await load(way, 10, WARM_UP_SECONDS);
  for (const connections of CONNECTIONS) printTable(connections, await measure(ways, connections));
} finally {
  await server.stop();
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
