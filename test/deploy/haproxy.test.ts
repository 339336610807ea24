import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { inFolder } from '../program/program.ts';
import { checkHaproxy, freePort, untilDone, whyNoHaproxy } from './haproxy.ts';

const reason = whyNoHaproxy();
const FILES = ['deploy/haproxy/api.cfg', 'deploy/haproxy/engines.cfg'];

for (const path of FILES) {
  test(`HAProxy takes ${path}`, { skip: reason ?? false }, () => {
    const { code, said } = checkHaproxy(path);
    assert.equal(code, 0, said);
    // The names of the servers lead somewhere where the file is used.
    const warnings = said
      .split('\n')
      .filter((line) => line.includes('WARNING') && !line.includes('could not resolve address'));
    assert.deepEqual(warnings, []);
  });

  for (const [from, to] of [
    ['leastconn', 'leastcon'],
    ['timeout queue', 'timeout queues'],
    ['retry-on conn-failure', 'retry-on sometimes'],
  ] as const) {
    test(`HAProxy refuses ${path} with "${to}"`, { skip: reason ?? false }, async () => {
      await inFolder(async (folder) => {
        const planted = join(folder, 'planted.cfg');
        writeFileSync(planted, readFileSync(path, 'utf8').replace(from, to));
        assert.equal(checkHaproxy(planted).code, 1);
      });
    });
  }
}

test(
  'a pool gives an engine one request at a time, and tells in JSON who waited in vain when to come again',
  { skip: reason ?? false },
  async () => {
    const engines = [await startEngine(), await startEngine()];
    try {
      await inFolder(async (folder) => {
        const pool = await startPool(
          folder,
          engines.map(({ port }) => port),
        );
        try {
          await checkPool(pool, engines);
        } finally {
          await pool.stop();
        }
      });
    } finally {
      for (const engine of engines) engine.close();
    }
  },
);

async function checkPool(
  { ask, waiting }: Awaited<ReturnType<typeof startPool>>,
  engines: readonly Awaited<ReturnType<typeof startEngine>>[],
) {
  const served = Promise.all([ask(), ask()].map(async (one) => (await one).text()));
  served.catch(() => undefined); // Told where it is awaited; what fails before that is what matters.
  await untilDone(async () => engines.every(({ held }) => held.length === 1));
  // One leaves the queue by hanging up: no engine ever hears of it.
  const leaving = new AbortController();
  const left = assert.rejects(ask(leaving.signal), { name: 'AbortError' });
  await untilDone(async () => (await waiting()) === 1);
  leaving.abort();
  await left;
  await untilDone(async () => (await waiting()) === 0);
  const late = await ask();
  assert.equal(late.status, 503);
  assert.equal(late.headers.get('retry-after'), '5');
  const { error } = (await late.json()) as { error: { code: string } }; // What the file says.
  assert.equal(error.code, 'server_busy');
  for (const { held } of engines) assert.equal(held.length, 1);
  for (const { held } of engines) held.shift()?.end('done');
  assert.deepEqual(await served, ['done', 'done']);
  assert.deepEqual(
    engines.map(({ most }) => most()),
    [1, 1],
  );
}

/** HAProxy with the pool of pictures alone, ready to be asked. */
async function startPool(folder: string, engines: readonly number[]) {
  const [port, figures] = [await freePort(), await freePort()];
  const file = join(folder, 'engines.cfg');
  writeFileSync(file, onePool(port, figures, engines));
  const haproxy = spawn('haproxy', ['-W', '-db', '-f', file], { stdio: 'ignore' });
  const gone = once(haproxy, 'exit');
  await untilDone(() =>
    fetch(`http://127.0.0.1:${port}/health`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return {
    ask: (signal?: AbortSignal) =>
      fetch(`http://127.0.0.1:${port}/v1/images/generations`, {
        method: 'POST',
        ...(signal ? { signal } : {}),
      }),
    /** How many requests wait for an engine. */
    waiting: async () => {
      const text = await (await fetch(`http://127.0.0.1:${figures}/metrics`)).text();
      return Number(/^haproxy_backend_current_queue\{proxy="pictures"\} (\d+)/m.exec(text)?.[1]);
    },
    stop: async () => {
      haproxy.kill('SIGTERM');
      await gone;
    },
  };
}

/** The pool of pictures alone and the figures, at addresses of this machine, with a queue that is given up soon. */
function onePool(port: number, figures: number, [one, two]: readonly number[]): string {
  const whole = readFileSync('deploy/haproxy/engines.cfg', 'utf8');
  const [head = '', ...sections] = whole.split(/^(?=listen |frontend )/m);
  const section = (title: string) =>
    sections.find((text) => text.startsWith(title)) ?? assert.fail(`no ${title}`);
  return [
    head.replace('timeout queue 30s', 'timeout queue 2s'),
    section('listen pictures'),
    section('frontend figures'),
  ]
    .join('')
    .replace('127.0.0.1:8405', `127.0.0.1:${figures}`)
    .replace('127.0.0.1:9003', `127.0.0.1:${port}`)
    .replace('pictures-1:8091', `127.0.0.1:${one}`)
    .replace('pictures-2:8091', `127.0.0.1:${two}`);
}

/** An engine that answers when it is told to. */
async function startEngine() {
  const held: ServerResponse[] = [];
  let most = 0;
  const server = createServer((request, response) => {
    if (request.url === '/health') return void response.end('well');
    request.resume();
    held.push(response);
    most = Math.max(most, held.length);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  return {
    port,
    held,
    most: () => most,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
