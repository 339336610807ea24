import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { get, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import fastify from 'fastify';
import { AppError } from '../base/errors.ts';
import { sendLateJson, type Pace } from './late-json.ts';

interface Asked {
  readonly response: IncomingMessage;
  /** Lets the answer be ready, or fail. */
  readonly settle: PromiseWithResolvers<unknown>;
}

async function asking(
  pace: Pace | undefined,
  use: (asked: Asked) => Promise<void>,
  early = false,
): Promise<void> {
  const settle = Promise.withResolvers<unknown>();
  const app = fastify({ forceCloseConnections: true });
  app.get('/', (_, reply) => sendLateJson(reply, settle.promise, pace));
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  try {
    if (early) settle.resolve({ early: true });
    const request = get({ host: '127.0.0.1', port });
    const [response]: IncomingMessage[] = await once(request, 'response');
    assert.ok(response);
    await use({ response, settle });
  } finally {
    settle.resolve(undefined);
    await app.close();
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  return Buffer.concat(await response.toArray()).toString();
}

test('an answer that is ready comes as any other', () =>
  asking(
    undefined,
    async ({ response }) => {
      assert.ok(response.headers['content-length']);
      assert.equal(await bodyOf(response), '{"early":true}');
    },
    true,
  ));

test('a late answer is announced by its headers and by spaces, and is still JSON', () =>
  asking({ graceMs: 1, beatMs: 1 }, async ({ response, settle }) => {
    // The headers are here although the answer is not.
    assert.equal(response.statusCode, 200);
    assert.match(String(response.headers['content-type']), /^application\/json/);
    const [first]: Buffer[] = await once(response, 'data');
    assert.match(String(first), /^ +$/);
    settle.resolve({ text: 'late' });
    const body = await bodyOf(response);
    assert.deepEqual(JSON.parse(body), { text: 'late' });
  }));

test('a late failure cuts the connection, so that nobody takes it for an answer', () =>
  asking({ graceMs: 1, beatMs: 1 }, async ({ response, settle }) => {
    settle.reject(new AppError('engine_failed', 'The engine broke.'));
    await assert.rejects(bodyOf(response));
  }));
