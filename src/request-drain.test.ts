import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fastify from 'fastify';
import { drainBeforeClose } from './request-drain.ts';

interface Running {
  readonly response: IncomingMessage;
  /** Lets the answer be complete. */
  readonly finish: () => void;
  /** Begins to close the server; is fulfilled when it is closed. */
  readonly close: () => Promise<void>;
  /** Asks once more, on a connection of its own. */
  readonly ask: () => Promise<unknown>;
}

/** A server that is in the middle of an answer. */
async function withRunning(limitMs: number, use: (running: Running) => Promise<void>): Promise<void> {
  const gate = Promise.withResolvers<void>();
  const app = fastify({ forceCloseConnections: true });
  drainBeforeClose(app, { limitMs: () => limitMs });
  app.get('/', (_, reply) => {
    async function* answer() {
      yield 'begun';
      await gate.promise;
      yield ' and ended';
    }
    return reply.send(Readable.from(answer(), { encoding: 'utf8', highWaterMark: 1 }));
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  const ask = async () => {
    const [response]: IncomingMessage[] = await once(
      get({ host: '127.0.0.1', port, agent: false }),
      'response',
    );
    assert.ok(response);
    response.setEncoding('utf8');
    return response;
  };
  const response = await ask();
  await once(response, 'readable');
  try {
    await use({ response, ask, finish: gate.resolve, close: async () => app.close() });
  } finally {
    gate.resolve();
    await app.close();
  }
}

test('closing waits for what runs, which ends as it would have, and lets nobody new in', () =>
  withRunning(60_000, async ({ response, finish, close, ask }) => {
    const closed = close();
    // Closing begins at once, but not in the same turn.
    await new Promise((resolve) => setImmediate(resolve));
    await assert.rejects(ask(), { code: 'ECONNREFUSED' });
    finish();
    assert.equal((await response.toArray()).join(''), 'begun and ended');
    await closed;
  }));

test('what does not end within the limit is cut', () =>
  withRunning(1, async ({ response, close }) => {
    const closed = close();
    await assert.rejects(response.toArray(), { code: 'ECONNRESET' });
    await closed;
  }));

test('a caller who leaves is not waited for', () =>
  withRunning(60_000, async ({ response, close }) => {
    const closed = close();
    response.destroy();
    await closed;
  }));

test('with nothing to wait for, closing is done at once', async () => {
  const app = fastify();
  drainBeforeClose(app, { limitMs: () => 60_000 });
  await app.listen({ host: '127.0.0.1', port: 0 });
  await app.close();
});
