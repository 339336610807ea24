import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import { requestReplay } from './request-replay.ts';

const KEPT = { method: 'POST', url: '/', headers: {}, token: 'token', body: undefined } as const;

test('a request whose job was lost before it began is not answered, and does no harm', async () => {
  const app = fastify();
  let answered = 0;
  app.post('/', async () => {
    answered += 1;
    return 'answer';
  });
  const replay = requestReplay(app);
  await assert.rejects(replay(KEPT, AbortSignal.abort(new Error('lost'))), /lost/);
  assert.equal(answered, 0);
  assert.equal((await replay(KEPT, new AbortController().signal)).status, 200);
  assert.equal(answered, 1);
});

test('a request whose job is lost while it is answered ends with an error that somebody hears', async () => {
  const app = fastify();
  const begun = Promise.withResolvers<void>();
  app.post('/', () => {
    begun.resolve();
    return new Promise(() => {});
  });
  const losing = new AbortController();
  const answer = requestReplay(app)(KEPT, losing.signal);
  await begun.promise;
  losing.abort(new Error('lost'));
  await assert.rejects(answer);
});
