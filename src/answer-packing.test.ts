import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fastify, { type FastifyReply } from 'fastify';
import { packAnswers } from './answer-packing.ts';

const VOICES = { voices: Array.from({ length: 300 }, (_, id) => ({ id, name: `Zoë ${id}` })) };
const LONG = JSON.stringify(VOICES);

/** A server whose only route, for `GET` and `POST`, answers as it is told. */
function answering(answer: (reply: FastifyReply) => unknown) {
  const app = fastify();
  packAnswers(app);
  const handler = async (_: unknown, reply: FastifyReply) => answer(reply);
  app.get('/', handler);
  app.post('/', handler);
  return app;
}

const asking = (accepted: string) => ({ url: '/', headers: { 'accept-encoding': accepted } });

test('a long list goes packed to whoever unpacks it, and is the same afterwards', async () => {
  const app = answering(() => VOICES);
  for (const accepted of ['gzip', 'gzip, deflate, br', 'br;q=1.0, GZIP;q=0.2', '*', 'x-gzip']) {
    const { headers, rawPayload } = await app.inject(asking(accepted));
    assert.equal(headers['content-encoding'], 'gzip', accepted);
    assert.equal(headers['content-length'], String(rawPayload.length), accepted);
    assert.equal(headers['vary'], 'accept-encoding');
    assert.match(String(headers['content-type']), /^application\/json/);
    assert.ok(rawPayload.length < LONG.length / 4);
    assert.equal(gunzipSync(rawPayload).toString(), LONG);
  }
});

test('to others it goes as it is, and caches are told that there are two of it', async () => {
  const app = answering(() => VOICES);
  const answers = ['', 'identity', 'br', 'gzip;q=0', 'gzip; q=0.000, *', '*;q=0', 'gzipped'].map(asking);
  for (const asked of [...answers, { url: '/' }]) {
    const { headers, body } = await app.inject(asked);
    assert.equal(headers['content-encoding'], undefined);
    assert.equal(headers['vary'], 'accept-encoding');
    assert.equal(headers['content-length'], String(Buffer.byteLength(LONG)));
    assert.equal(body, LONG);
  }
});

test('what else an answer varies by is still said', async () => {
  const app = answering((reply) => reply.header('vary', 'Origin').send(VOICES));
  const { headers } = await app.inject(asking('gzip'));
  assert.equal(headers['vary'], 'Origin, accept-encoding');
});

test('only long JSON that is whole, free of marks and an answer to GET is packed', async () => {
  const answers: Readonly<Record<string, (reply: FastifyReply) => unknown>> = {
    short: () => ({ voices: [] }),
    sound: (reply) => reply.type('audio/mpeg').send(Buffer.alloc(9000)),
    text: (reply) => reply.type('text/plain').send(LONG),
    stream: (reply) => reply.type('application/json').send(Readable.from([LONG])),
    marked: (reply) => reply.header('etag', '"1"').send(VOICES),
    'in an encoding': (reply) => reply.header('content-encoding', 'identity').send(VOICES),
    refusal: (reply) => reply.code(404).send(VOICES),
    part: (reply) => reply.code(206).send(VOICES),
  };
  for (const [what, answer] of Object.entries(answers)) {
    const { headers } = await answering(answer).inject(asking('gzip'));
    assert.notEqual(headers['content-encoding'], 'gzip', what);
    assert.equal(headers['vary'], undefined, what);
  }
  const app = answering(() => VOICES);
  assert.equal(
    (await app.inject({ ...asking('gzip'), method: 'POST' })).headers['content-encoding'],
    undefined,
  );
  const head = await app.inject({ ...asking('gzip'), method: 'HEAD' });
  assert.equal(head.headers['content-encoding'], undefined);
  assert.equal(head.body, '');
});
