import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Why HAProxy cannot be used here; undefined where it can. */
export function whyNoHaproxy(): string | undefined {
  return spawnSync('haproxy', ['-v']).error
    ? 'haproxy is not installed (Debian: apt-get install haproxy)'
    : undefined;
}

/** What HAProxy says of a configuration file: nothing is wrong with it when the code is 0. */
export function checkHaproxy(path: string): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync('haproxy', ['-c', '-f', path], { encoding: 'utf8' });
  return { code: status, said: stdout + stderr };
}

/** One request as HAProxy logged it. */
export interface LoggedRequest {
  /** What its header `x-try` held. */
  readonly id: string;
  readonly server: string;
  readonly status: number;
  /** How it ended: `----` when all was well, see "Session state at disconnection" in HAProxy's manual. */
  readonly ending: string;
}

/** A server as HAProxy sees it. */
export interface BalancedServer {
  readonly status: string;
  /** Requests that it is working on, and all that it ever got. */
  readonly current: number;
  readonly total: number;
}

export interface Balancer {
  readonly origin: string;
  readonly logged: readonly LoggedRequest[];
  server(name: string): Promise<BalancedServer>;
  stop(): Promise<void>;
}

const LOGGED = /^\S+ \[[^\]]*\] \S+ [^/\s]+\/(\S+) \S+ (-?\d+) \d+ \S+ \S+ (\S{4}) .*\{([^}]*)\} "/;

/** Starts HAProxy from deploy/haproxy/api.cfg, with addresses of this machine and quicker checks and nothing else changed. */
export async function startBalancer(
  folder: string,
  servers: Readonly<Record<string, number>>,
): Promise<Balancer> {
  const [front, figures] = [await freePort(), await freePort()];
  let text = readFileSync('deploy/haproxy/api.cfg', 'utf8');
  const replace = (from: string | RegExp, to: string) => {
    assert.notEqual(text.search(from), -1, `${from} is not in api.cfg`);
    text = text.replace(from, to);
  };
  replace(/^ {4}bind :8080$/m, `    bind 127.0.0.1:${front}\n    capture request header x-try len 20`);
  replace('bind 127.0.0.1:8404', `bind 127.0.0.1:${figures}`);
  replace('inter 1s fastinter 300ms downinter 1s', 'inter 100ms');
  for (const [name, port] of Object.entries(servers))
    replace(new RegExp(`server ${name} \\S+$`, 'm'), `server ${name} 127.0.0.1:${port}`);
  const file = join(folder, 'api.cfg');
  await writeFile(file, text);
  const child = spawn('haproxy', ['-W', '-db', '-f', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const gone = once(child, 'exit');
  const logged: LoggedRequest[] = [];
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  createInterface(child.stdout).on('line', (line) => {
    const [, server = '', status, ending = '', id = ''] = LOGGED.exec(line) ?? [];
    if (id !== '') logged.push({ id, server, status: Number(status), ending });
  });
  const figuresOf = async () => {
    const table = await (await fetch(`http://127.0.0.1:${figures}/;csv`)).text();
    return table.split('\n').map((line) => line.split(','));
  };
  await untilDone(async () => {
    assert.equal(child.exitCode, null, `HAProxy ended: ${said}`);
    return figuresOf().then(
      () => true,
      () => false,
    );
  });
  return {
    origin: `http://127.0.0.1:${front}`,
    logged,
    server: async (name) => {
      const [head = [], ...rows] = await figuresOf();
      const row = rows.find(([backend, server]) => backend === 'antiphon' && server === name) ?? [];
      const cell = (column: string) => row[head.indexOf(column)] ?? '';
      return { status: cell('status'), current: Number(cell('scur')), total: Number(cell('stot')) };
    },
    stop: async () => {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** Asks again and again until the answer is yes. */
export async function untilDone(isDone: () => Promise<boolean>): Promise<void> {
  while (!(await isDone())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  server.close();
  await once(server, 'close');
  return port;
}
