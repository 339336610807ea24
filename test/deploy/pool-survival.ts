import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startPostgres, type PostgresServer } from '../postgres-server.ts';
import { S3_ENVIRONMENT, startS3 } from '../s3-server.ts';
import { antiphon, inFolder } from '../program/program.ts';
import { freePort, startBalancer, untilDone, whyNoHaproxy, type Balancer } from './haproxy.ts';

/** How hard the pool is tried. */
export interface PoolOptions {
  /** How often each of the processes is killed. */
  readonly rounds: number;
  /** Who is killed, in this order; all four when absent. */
  readonly killed?: readonly PoolNode[];
  /** Callers who stream speech, one request after the other. */
  readonly callers: number;
  /** Jobs that are ordered and have not ended. */
  readonly ordered: number;
  /** Requests that have to go well while a process is away. */
  readonly meanwhile: number;
  /** Looks around before anything is killed. */
  readonly visit?: (pool: VisitedPool) => Promise<void>;
}

/** What a visitor sees. */
export interface VisitedPool {
  /** The balancer's, and that of a process behind it. */
  readonly origin: string;
  readonly behind: string;
  /** Of an administrator. */
  readonly key: string;
}

/** What became of the requests that began from one fault to the next. */
export interface FaultOutcome {
  readonly fault: string;
  readonly offered: number;
  /** Orders that were answered 202. */
  readonly accepted: number;
  /** Streams that arrived whole, and jobs whose right result could be fetched. */
  readonly completed: number;
  /** Answers 429 and 503. */
  readonly refused: number;
  /** Requests that broke at the killed process, which was working on them. */
  readonly broken: number;
  /** Requests that failed in any other way, as client and balancer saw them: should be none. */
  readonly failed: readonly string[];
  /** Accepted jobs without their right result: should be none. */
  readonly lost: number;
  /** Jobs that ended twice, or were begun from an order that nobody made: should be none. */
  readonly doubled: number;
  /** Until HAProxy had taken the process out, and in again after its start; of API processes only. */
  readonly outMs?: number;
  readonly inMs?: number;
}

export type PoolNode = 'api-1' | 'api-2' | 'worker-1' | 'worker-2';

const NODES: readonly PoolNode[] = ['api-1', 'worker-1', 'api-2', 'worker-2'];

/**
 * Two processes that answer and two that do jobs, on one PostgreSQL and one bucket, behind HAProxy. Under load they are
 * killed with signal 9 in turn and started again.
 */
export async function surviveNodeKills(
  options: PoolOptions,
): Promise<readonly FaultOutcome[] | { readonly reason: string }> {
  const reason = whyNoHaproxy();
  if (reason !== undefined) return { reason };
  const postgres = await startPostgres();
  if ('reason' in postgres) return postgres;
  try {
    return await onDatabase(postgres, options);
  } finally {
    await postgres.stop();
  }
}

async function onDatabase(postgres: PostgresServer, options: PoolOptions) {
  const s3 = await startS3();
  const { url: databaseUrl, drop } = await postgres.place();
  const outcomes: FaultOutcome[] = [];
  try {
    await inFolder(async (folder) => {
      const { stdout, stderr } = await antiphon(toCreateKey(databaseUrl));
      const key = stdout.toString().trim();
      assert.match(key, /^ant_/, stderr);
      const machines = machinesIn(folder, { ANTIPHON_DATABASE_URL: databaseUrl, ANTIPHON_BLOB_URL: s3.url });
      const receiver = await receiveEnds();
      const ports = { 'api-1': await freePort(), 'api-2': await freePort() };
      try {
        await Promise.all(NODES.map((node) => machines.start(node, portOf(node, ports))));
        const balancer = await startBalancer(folder, ports);
        try {
          outcomes.push(...(await inPool({ options, machines, balancer, receiver, ports, key })));
        } finally {
          await balancer.stop();
        }
      } finally {
        await machines.stop();
        receiver.close();
      }
    });
  } finally {
    await drop();
    await s3.close();
  }
  return outcomes;
}

function toCreateKey(databaseUrl: string): readonly string[] {
  return ['keys', 'create', 'pool', '--role', 'admin', '--database-url', databaseUrl];
}

interface Pool {
  readonly options: PoolOptions;
  readonly machines: ReturnType<typeof machinesIn>;
  readonly balancer: Balancer;
  readonly receiver: Receiver;
  readonly ports: Readonly<Record<'api-1' | 'api-2', number>>;
  readonly key: string;
}

async function inPool(pool: Pool): Promise<readonly FaultOutcome[]> {
  const { options, machines, balancer, ports } = pool;
  const faults = Array.from({ length: options.rounds }, () => options.killed ?? NODES).flat();
  const times = new Map<number, { outMs: number; inMs: number }>();
  const kills: { from: number; to: number }[] = [];
  await untilDone(async () => {
    const states = await Promise.all([balancer.server('api-1'), balancer.server('api-2')]);
    return states.every(({ status }) => status === 'UP');
  });
  const behind = `http://127.0.0.1:${ports['api-1']}`;
  await options.visit?.({ origin: balancer.origin, behind, key: pool.key });
  const load = await startLoad(pool);
  for (const [index, node] of faults.entries()) {
    await untilBusy(node, pool);
    load.enter(index);
    const killed = performance.now();
    await machines.kill(node);
    kills.push({ from: killed, to: performance.now() });
    if (isApi(node)) await untilDone(async () => (await balancer.server(node)).status.startsWith('DOWN'));
    const outMs = performance.now() - killed;
    await load.untilMore(options.meanwhile);
    await machines.start(node, portOf(node, ports));
    const started = performance.now();
    if (isApi(node)) {
      await untilDone(async () => (await balancer.server(node)).status === 'UP');
      times.set(index, { outMs, inMs: performance.now() - started });
    }
    await load.untilMore(2);
  }
  await load.stop();
  return tell(faults, await load.attempts(), { pool, kills, times });
}

function isApi(node: PoolNode): node is 'api-1' | 'api-2' {
  return node.startsWith('api');
}

function portOf(node: PoolNode, ports: Pool['ports']): number {
  return isApi(node) ? ports[node] : 0;
}

/** A process is killed while it works. */
async function untilBusy(node: PoolNode, { balancer, receiver }: Pool): Promise<void> {
  if (isApi(node)) return untilDone(async () => (await balancer.server(node)).current > 0);
  return untilDone(async () => receiver.outstanding() > 1);
}

interface Attempt {
  readonly id: string;
  readonly kind: 'stream' | 'order';
  /** Of the fault that it began after; -1 before the first. */
  readonly fault: number;
  readonly status: number | undefined;
  readonly isWhole: boolean;
  readonly begun: number;
  readonly ended: number;
  readonly jobId?: string;
}

interface Sums {
  readonly pool: Pool;
  /** When each process was told to die, and when it was dead. */
  readonly kills: readonly { readonly from: number; readonly to: number }[];
  readonly times: ReadonlyMap<number, { readonly outMs: number; readonly inMs: number }>;
}

/** Counts what became of everything. */
async function tell(faults: readonly PoolNode[], attempts: readonly Attempt[], { pool, kills, times }: Sums) {
  const { balancer, receiver } = pool;
  const logged = new Map(balancer.logged.map((one) => [one.id, one]));
  const results = await endsOf(attempts, pool);
  const all = await everyJob(pool);
  const orderedIds = new Set(attempts.map(({ jobId }) => jobId));
  const unanswered = attempts.filter(({ kind, jobId }) => kind === 'order' && jobId === undefined);
  const nobodys = all.filter((id) => !orderedIds.has(id)).length;
  const outcomes = [...faults.keys(), -1]
    .toSorted((one, other) => one - other)
    .map((index) => {
      const node = faults[index];
      const these = attempts.filter(({ fault }) => fault === index);
      const jobIds = these.flatMap(({ jobId }) => jobId ?? []);
      const bad = these.filter(({ isWhole, jobId }) => !isWhole && jobId === undefined);
      const refused = bad.filter(({ status }) => status === 429 || status === 503);
      // What began before a process was killed may have been under way at it. HAProxy says nothing of a request for which it
      // hung up on its caller, because it had gone to a process by an old connection and nothing came back.
      const isBroken = ({ id, fault, begun, ended }: Attempt) =>
        [fault, fault + 1].some((which) => {
          const dead = faults[which];
          if (dead === undefined || !isApi(dead)) return false;
          const { from, to } = kills[which] ?? { from: Infinity, to: 0 };
          const isAtKill = begun <= to && ended >= from;
          return logged.has(id) ? logged.get(id)?.server === dead : isAtKill;
        });
      const broken = bad.filter((one) => !refused.includes(one) && isBroken(one));
      return {
        fault: node === undefined ? 'none yet' : `kill -9 ${node}`,
        offered: these.length,
        accepted: jobIds.length,
        completed:
          these.filter(({ isWhole }) => isWhole).length + jobIds.filter((id) => results.get(id)).length,
        refused: refused.length,
        broken: broken.length,
        failed: bad
          .filter((one) => !refused.includes(one) && !broken.includes(one))
          .map((one) => JSON.stringify({ ...one, logged: logged.get(one.id) })),
        lost: jobIds.filter((id) => results.get(id) !== true).length,
        doubled: jobIds.filter((id) => (receiver.ends.get(id)?.size ?? 0) > 1).length,
        ...times.get(index),
      };
    });
  assert.ok(nobodys <= unanswered.length, `${nobodys} jobs that nobody ordered`);
  return outcomes;
}

const SENTENCE = 'This sentence is said again and again, until somebody has heard enough of it. ';
const CHARACTERS = 200;

function speech(): string {
  const input = SENTENCE.repeat(10).slice(0, CHARACTERS);
  return JSON.stringify({ model: 'tts-1', voice: 'alloy', input, response_format: 'pcm' });
}

/** Streams and orders through the balancer, without a pause, until it is told to stop. */
async function startLoad({ options, balancer, receiver, key }: Pool) {
  const attempts: Attempt[] = [];
  let fault = -1;
  const stopping = new AbortController();
  const isGoing = () => !stopping.signal.aborted;
  let wellDone = 0;
  const ask = async (kind: Attempt['kind'], right: Buffer | undefined): Promise<void> => {
    const id = `try-${attempts.length}-${Math.round(performance.now() * 1000)}`;
    const [begunAfter, begun] = [fault, performance.now()];
    const answer = await speak(balancer.origin, {
      id,
      key,
      hook: kind === 'order' ? receiver.url : undefined,
    });
    const isWhole =
      kind === 'stream' && answer.status === 200 && (right?.equals(answer.bytes ?? Buffer.of()) ?? true);
    const jobId = kind === 'order' && answer.status === 202 ? jobIn(answer.bytes) : undefined;
    if (jobId !== undefined) receiver.expect(jobId);
    if (isWhole || jobId !== undefined) wellDone += 1;
    attempts.push({
      id,
      kind,
      fault: begunAfter,
      status: answer.status,
      isWhole,
      begun,
      ended: performance.now(),
      ...(jobId ? { jobId } : {}),
    });
  };
  const right = await speak(balancer.origin, { id: 'first', key, hook: undefined });
  assert.equal(right.status, 200, right.bytes?.toString());
  const caller = async () => {
    while (isGoing()) await ask('stream', right.bytes);
  };
  const orderer = async () => {
    while (isGoing()) {
      await ask('order', undefined);
      while (isGoing() && receiver.outstanding() >= options.ordered) await receiver.next();
    }
  };
  const lanes = [...Array.from({ length: options.callers }, caller), orderer()];
  return {
    enter: (index: number) => {
      fault = index;
    },
    untilMore: async (count: number) => {
      const goal = wellDone + count;
      await untilDone(async () => wellDone >= goal);
    },
    stop: async () => {
      stopping.abort();
      receiver.wake();
      await Promise.all(lanes);
    },
    attempts: async () => attempts,
  };
}

interface Asking {
  readonly id: string;
  readonly key: string;
  /** Makes it an order whose end is told there. */
  readonly hook: string | undefined;
}

async function speak(origin: string, { id, key, hook }: Asking) {
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${key}`,
    'x-try': id,
    ...(hook === undefined ? {} : { prefer: 'respond-async', 'x-antiphon-webhook': hook }),
  };
  let status: number | undefined;
  try {
    const response = await fetch(`${origin}/v1/audio/speech`, { method: 'POST', headers, body: speech() });
    status = response.status;
    return { status, bytes: Buffer.from(await response.arrayBuffer()) };
  } catch {
    // A broken answer keeps its status: it may have begun well.
    return { status: status === 200 ? undefined : status, bytes: undefined };
  }
}

function jobIn(bytes: Buffer | undefined): string {
  const { id } = JSON.parse(String(bytes)) as { id: string }; // An accepted request is answered with its job.
  return id;
}

/** Whether each accepted job has the right result, when all have ended. */
async function endsOf(attempts: readonly Attempt[], { balancer, receiver, key }: Pool) {
  await receiver.allEnded();
  const headers = { authorization: `Bearer ${key}` };
  const right = await speak(balancer.origin, { id: 'last', key, hook: undefined });
  const results = new Map<string, boolean>();
  for (const id of attempts.flatMap(({ jobId }) => jobId ?? [])) {
    const result = await fetch(`${balancer.origin}/antiphon/v1/jobs/${id}/result`, { headers });
    const bytes = Buffer.from(await result.arrayBuffer());
    results.set(id, right.bytes?.equals(bytes) ?? false);
  }
  return results;
}

async function everyJob({ balancer, key }: Pool): Promise<readonly string[]> {
  const ids: string[] = [];
  for (;;) {
    const after = ids.at(-1);
    const query = after === undefined ? '' : `&after=${after}`;
    const response = await fetch(`${balancer.origin}/antiphon/v1/jobs?limit=100${query}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { jobs } = (await response.json()) as { jobs: { id: string }[] }; // What the list of jobs holds.
    ids.push(...jobs.map(({ id }) => id));
    if (jobs.length < 100) return ids;
  }
}

type Receiver = Awaited<ReturnType<typeof receiveEnds>>;

/** Hears the webhooks of jobs. */
async function receiveEnds() {
  const ends = new Map<string, Set<string>>();
  const expected = new Set<string>();
  let heard = Promise.withResolvers<void>();
  const wake = () => {
    heard.resolve();
    heard = Promise.withResolvers();
  };
  const server = createServer((request, response) => {
    const id = String(request.headers['webhook-id']);
    const jobId = id.split('_')[1] ?? '';
    ends.set(jobId, (ends.get(jobId) ?? new Set()).add(id));
    request.resume();
    response.writeHead(204).end();
    wake();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  const outstanding = () => [...expected].filter((id) => !ends.has(id)).length;
  return {
    url: `http://127.0.0.1:${port}/`,
    ends,
    expect: (jobId: string) => expected.add(jobId),
    outstanding,
    next: () => heard.promise,
    wake,
    allEnded: async () => {
      while (outstanding() > 0) await heard.promise;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The four processes, each as if on a machine of its own. */
function machinesIn(folder: string, shared: Readonly<Record<string, string>>) {
  const running = new Map<PoolNode, { readonly child: ChildProcess; readonly gone: Promise<unknown> }>();
  const end = async (node: PoolNode, signal: NodeJS.Signals) => {
    const machine = running.get(node);
    running.delete(node);
    machine?.child.kill(signal);
    await machine?.gone;
  };
  return {
    start: async (node: PoolNode, port: number) => {
      const settings = {
        port,
        'data-dir': `${folder}/${node}`,
        role: node.slice(0, node.indexOf('-')),
        engines: 'flite',
        workers: 1,
        'log-level': 'silent',
        'job-workers': 2,
        'jobs-per-owner': 4,
        'job-lease-seconds': 1,
        'drain-seconds': 0,
      };
      const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
      const child = spawn(process.execPath, ['bin/antiphon.js', 'serve', ...flags], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, ...S3_ENVIRONMENT, ...shared, ANTIPHON_FETCH_ALLOW: '127.0.0.0/8' },
      });
      running.set(node, { child, gone: once(child, 'exit') });
      let banner = '';
      for await (const chunk of child.stdout) {
        banner += String(chunk);
        if (/generate .*\n/.test(banner)) return;
      }
      assert.fail(`no banner of ${node}: ${banner}`);
    },
    kill: (node: PoolNode) => end(node, 'SIGKILL'),
    stop: async () => {
      await Promise.all([...running.keys()].map((node) => end(node, 'SIGTERM')));
    },
  };
}
