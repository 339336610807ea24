/** The end of a job is told to an address of the caller, signed as Standard Webhooks say. */
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import OpenAI from 'openai';
import { Webhook } from 'standardwebhooks';
import { guardedPost } from '../src/platform/guarded-fetcher.ts';
import { createWebhookSender } from '../src/platform/standard-webhooks.ts';
import { Mailbox } from '../src/base/mailbox.ts';
import { memoryStore, testApp, testClock } from './support.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver on this machine. */
async function receiving(
  use: (receiver: { readonly url: string; readonly next: () => Promise<Received> }) => Promise<void>,
  answer: { readonly status: number; readonly headers?: Record<string, string> } = { status: 204 },
): Promise<void> {
  const letters = new Mailbox<Received>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      letters.put({ headers: request.headers, body });
      response.writeHead(answer.status, answer.headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  try {
    await use({
      url: `http://127.0.0.1:${port}/hook?of=ann`,
      next: async () => (await letters.next()) ?? assert.fail('no more letters'),
    });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const OWN_SECRET = Buffer.from('a secret of thirty-two bytes, ok').toString('base64');

async function order(url: string, headers: Record<string, string> = {}, input = 'Hello.') {
  const { app } = await testApp({ webhookNetworks: ['127.0.0.0/8'] });
  const accepted = await app.inject({
    method: 'POST',
    url: '/v1/audio/speech',
    payload: { model: 'tts-1', voice: 'alloy', input },
    headers: { prefer: 'respond-async', host: 'here.test', 'x-antiphon-webhook': url, ...headers },
  });
  const { id }: { id: string } = accepted.json();
  return { app, id };
}

function signed({ headers }: Received): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

describe('a webhook', () => {
  test('carries the job as it is shown, and is verified by the usual libraries with the installation’s secret', () =>
    receiving(async ({ url, next }) => {
      const { app, id } = await order(url);
      const letter = await next();
      const { secret }: { secret: string } = (
        await app.inject({ url: '/antiphon/v1/webhook-secret' })
      ).json();
      const verified = new Webhook(secret).verify(letter.body, signed(letter));
      const client = new OpenAI({ apiKey: 'none', webhookSecret: secret });
      const unwrapped: unknown = await client.webhooks.unwrap(letter.body, signed(letter));
      assert.deepEqual(unwrapped, verified);
      const shown = await app.inject({ url: `/antiphon/v1/jobs/${id}`, headers: { host: 'here.test' } });
      const { type, timestamp, data }: Record<string, unknown> = JSON.parse(letter.body);
      assert.equal(type, 'job.succeeded');
      assert.deepEqual(data, shown.json());
      assert.equal(timestamp, shown.json().finishedAt);
      assert.match(String(letter.headers['webhook-id']), new RegExp(`^msg_${id}_\\d+$`));
      assert.equal(letter.headers['content-type'], 'application/json');
      const forged = letter.body.replace('succeeded', 'failed');
      assert.throws(() => new Webhook(secret).verify(forged, signed(letter)));
      await app.close();
    }));

  for (const secret of [OWN_SECRET, `whsec_${OWN_SECRET}`]) {
    test(`is signed with the secret that the caller gave (${secret.slice(0, 6)}…)`, () =>
      receiving(async ({ url, next }) => {
        const { app } = await order(url, { 'x-antiphon-webhook-secret': secret });
        const letter = await next();
        new Webhook(OWN_SECRET).verify(letter.body, signed(letter));
        await app.close();
      }));
  }

  test('tells of a failure, too', () =>
    receiving(async ({ url, next }) => {
      const { app } = await order(url, {}, '');
      const { type, data } = JSON.parse((await next()).body);
      assert.deepEqual([type, data.state, data.error.status], ['job.failed', 'failed', 400]);
      await app.close();
    }));
});

describe('sending', () => {
  const message = (url: string) => ({ id: 'msg_1', url, body: '{}' });
  const senderFor = (allowedNetworks: readonly string[]) =>
    createWebhookSender({ settings: { allowedNetworks }, secrets: memoryStore().secrets, clock: testClock });
  const signal = AbortSignal.timeout(10_000);

  test('never goes to a machine that only this one can reach, unless the operator allows it', () =>
    receiving(async ({ url, next }) => {
      await assert.rejects(senderFor([]).send(message(url), signal), /not on the public internet/);
      await assert.rejects(senderFor([]).send(message(url.replace('http:', 'ftp:')), signal), /http/);
      assert.equal(await senderFor(['127.0.0.0/8']).send(message(url), signal), 204);
      assert.equal((await next()).body, '{}');
    }));

  test('follows no redirect, and tells the status', () =>
    receiving(
      async ({ url }) => {
        assert.equal(await senderFor(['127.0.0.0/8']).send(message(url), signal), 307);
      },
      { status: 307, headers: { location: 'http://127.0.0.1:1/' } },
    ));

  test('ends with its signal, also where nobody answers', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
    const end = new AbortController();
    server.once('request', () => end.abort());
    const post = { url: `http://127.0.0.1:${port}/`, headers: {}, body: '{}' };
    const settings = { allowedNetworks: ['127.0.0.0/8'] };
    await assert.rejects(guardedPost(post, settings, end.signal), { name: 'AbortError' });
    await assert.rejects(guardedPost(post, settings, AbortSignal.abort()), { name: 'AbortError' });
    server.closeAllConnections();
    server.close();
  });
});
