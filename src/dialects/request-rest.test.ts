import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as ask, type ClientRequest, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { readRest, type RestLimits } from './request-rest.ts';

const PATIENT: RestLimits = { mostBytes: 100_000, idleMs: 60_000 };

/** What becomes of the rest of a request that `send` sends, once its first bytes have been read and refused. */
async function restOf(send: (caller: ClientRequest) => void, limits: RestLimits): Promise<boolean> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert(typeof address === 'object' && address);
  const caller = ask({ host: '127.0.0.1', port: address.port, method: 'POST' });
  caller.on('error', () => undefined);
  try {
    caller.write('the beginning');
    const [incoming] = (await once(server, 'request')) as [IncomingMessage]; // The event's first argument.
    await once(incoming, 'readable');
    incoming.read();
    const rest = readRest(incoming, limits);
    send(caller);
    return await rest;
  } finally {
    caller.destroy();
    server.close();
    server.closeAllConnections();
  }
}

test('reads to the end of what is sent', async () => {
  assert.equal(await restOf((caller) => void caller.end(Buffer.alloc(90_000)), PATIENT), true);
});

test('is done with a caller who hangs up', async () => {
  assert.equal(await restOf((caller) => void caller.destroy(), PATIENT), true);
});

test('gives up on a caller who sends more than anybody would by mistake', async () => {
  assert.equal(await restOf((caller) => void caller.write(Buffer.alloc(110_000)), PATIENT), false);
});

test('gives up on a caller who sends nothing and waits', async () => {
  assert.equal(await restOf(() => undefined, { ...PATIENT, idleMs: 1 }), false);
});
