/** The whole program holds a key to its limits, alone and with others on one database. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { assemble, type Assembly } from '../src/assembly.ts';
import { silentLogger } from '../src/core/ports/logger.ts';
import { loadConfig } from '../src/platform/config.ts';
import { startPostgres } from './postgres-server.ts';

interface Node {
  readonly assembly: Assembly;
  readonly app: FastifyInstance;
}

/** So many programs with the same settings, and folders of their own where they share a database. */
async function withNodes(
  count: number,
  settings: Readonly<Record<string, string>>,
  use: (nodes: readonly Node[]) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-limits-'));
  const nodes: Node[] = [];
  try {
    for (let index = 0; index < count; index += 1) {
      const commandLine = { dataDir: join(folder, String(index)), engines: 'flite', ...settings };
      const config = loadConfig({ commandLine, environment: {}, file: '' });
      const assembly = await assemble(config, { log: silentLogger, environment: {} });
      nodes.push({ assembly, app: await assembly.app() });
    }
    await use(nodes);
  } finally {
    for (const { app, assembly } of nodes) {
      await app.close();
      await assembly.stop();
    }
    await rm(folder, { recursive: true, force: true });
  }
}

/** Asks each node in turn, with a new key that may make two requests a minute; the states of the answers. */
async function statesOf(nodes: readonly Node[], tries: number): Promise<readonly number[]> {
  const [first] = nodes;
  assert.ok(first);
  const order = { name: 'limited', limits: { requestsPerMinute: 2 } };
  const { secret } = await first.assembly.core.keys.create(order);
  const states: number[] = [];
  for (let count = 0; count < tries; count += 1) {
    const { app } = nodes[count % nodes.length] ?? first;
    const { statusCode } = await app.inject({
      method: 'POST',
      url: '/v1/audio/speech',
      headers: { authorization: `Bearer ${secret}` },
      payload: { model: 'no-such-model', voice: 'alloy', input: 'Hello.' },
    });
    states.push(statusCode);
  }
  return states;
}

test('one program counts in memory', () =>
  withNodes(1, {}, async (nodes) => {
    assert.deepEqual(await statesOf(nodes, 3), [404, 404, 429]);
  }));

const database = await startPostgres();

if ('reason' in database) {
  test('two programs on one database share the limits of a key', { skip: database.reason });
} else {
  after(() => database.stop());
  test('two programs on one database share the limits of a key', async () => {
    const { url, drop } = await database.place();
    await withNodes(2, { databaseUrl: url }, async (nodes) => {
      assert.deepEqual(await statesOf(nodes, 4), [404, 404, 429, 429]);
    });
    await drop();
  });
}
