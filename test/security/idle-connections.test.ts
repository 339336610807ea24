import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { serving } from '../program/program.ts';

/** `ANTIPHON_TEST_CONNECTIONS=10000` holds as many as the server lets in; the tests' own process needs as many files. */
const CONNECTIONS = Number(process.env['ANTIPHON_TEST_CONNECTIONS'] ?? 300);
/** What one idle connection may cost at most, in bytes, with what waits to be collected. */
const MOST_BYTES = 128 * 1024;

test(`${CONNECTIONS} callers who say nothing cost little, and everybody else is answered meanwhile`, async (t) => {
  if (process.platform !== 'linux') {
    t.skip('this system does not tell how much memory a process has');
    return;
  }
  await serving(['--engines', 'flite', '--log-level', 'silent'], async ({ origin, child }) => {
    for (let round = 0; round < 20; round += 1) await ask(origin);
    const before = memoryOf(child);
    const idle = await hold(origin, CONNECTIONS);
    try {
      await ask(origin);
      const each = Math.max(0, memoryOf(child) - before) / CONNECTIONS;
      t.diagnostic(`${Math.round(each)} bytes of memory for each of ${CONNECTIONS} idle connections`);
      assert.ok(each < MOST_BYTES, `${each} bytes each`);
      assert.equal(idle.filter(({ destroyed }) => destroyed).length, 0);
    } finally {
      for (const socket of idle) socket.destroy();
    }
    await ask(origin);
  });
});

test('beyond the limit nobody waits for nothing: the next is told that it is full, and there is room again afterwards', async () => {
  await serving(
    ['--engines', 'flite', '--log-level', 'silent', '--max-connections', '100'],
    async ({ origin }) => {
      const idle = await hold(origin, 100);
      const answer = await fetch(`${origin}/v1/models`);
      assert.equal(answer.status, 503);
      assert.equal(answer.headers.get('retry-after'), '5');
      assert.match(await answer.text(), /too many connections/);
      for (const socket of idle) socket.destroy();
      for (let tries = 0; ; tries += 1) {
        const again = await fetch(`${origin}/v1/models`);
        await again.arrayBuffer();
        if (again.status === 200) return;
        assert.ok(tries < 200, 'there is never room again');
      }
    },
  );
});

async function hold(origin: string, count: number): Promise<readonly Socket[]> {
  const { port } = new URL(origin);
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => socket.destroy());
      await once(socket, 'connect');
      return socket;
    }),
  );
}

async function ask(origin: string): Promise<void> {
  const answer = await fetch(`${origin}/v1/models`);
  assert.equal(answer.status, 200);
  await answer.arrayBuffer();
}

/** The memory of a process and of what the system keeps for it, as far as it tells, in bytes. */
function memoryOf({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
