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
    await inFolder(async (folder) => {
      const port = await freePort();
      const file = join(folder, 'engines.cfg');
      writeFileSync(
        file,
        onePool(
          port,
          engines.map((engine) => engine.port),
        ),
      );
      const haproxy = spawn('haproxy', ['-W', '-db', '-f', file], { stdio: 'ignore' });
      const gone = once(haproxy, 'exit');
      const ask = (signal?: AbortSignal) =>
        fetch(`http://127.0.0.1:${port}/v1/images/generations`, {
          method: 'POST',
          ...(signal ? { signal } : {}),
        });
      try {
        await untilDone(() =>
          fetch(`http://127.0.0.1:${port}/health`).then(
            ({ ok }) => ok,
            () => false,
          ),
        );
        const served = [ask(), ask()];
        await untilDone(async () => engines.every(({ held }) => held.length === 1));
        // One leaves the queue by hanging up: no engine ever hears of it.
        const leaving = new AbortController();
        const left = ask(leaving.signal);
        const late = await Promise.race([ask(), ask()]);
        leaving.abort();
        await assert.rejects(left);
        assert.equal(late.status, 503);
        assert.equal(late.headers.get('retry-after'), '5');
        const { error } = (await late.json()) as { error: { code: string } }; // What the file says.
        assert.equal(error.code, 'server_busy');
        for (const { held } of engines) assert.equal(held.length, 1);
        for (const { held } of engines) held.shift()?.end('done');
        for (const one of served) assert.equal(await (await one).text(), 'done');
        assert.deepEqual(
          engines.map(({ most }) => most()),
          [1, 1],
        );
      } finally {
        haproxy.kill('SIGTERM');
        await gone;
      }
    });
    for (const engine of engines) engine.close();
  },
);

/** The pool of pictures alone, at addresses of this machine, whose queue is given up soon. */
function onePool(port: number, [one, two]: readonly number[]): string {
  const text = readFileSync('deploy/haproxy/engines.cfg', 'utf8');
  const [head = '', ...sections] = text.split(/^(?=listen |frontend )/m);
  const pool =
    sections.find((section) => section.startsWith('listen pictures')) ?? assert.fail('no pool of pictures');
  return [head.replace('timeout queue 30s', 'timeout queue 300ms'), pool]
    .join('')
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
