/** Keys with limits, and keys for some dialects only, through the server itself. */
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { describe, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { Grant } from '../src/core/access/grant.ts';
import type { RequestLimiter } from '../src/core/ports/request-limiter.ts';
import { grantedKeys, untilSo } from './limits-support.ts';
import { stuckEngine } from './stuck-engine.ts';
import { listening, testApp } from './support.ts';

const KEY = 'sk-limited';
const VOICE = '21m00Tcm4TlvDq8ikWAM';
const as = (key = KEY) => ({ authorization: `Bearer ${key}` });

async function withKey(
  grant: Partial<Grant>,
  use: (app: FastifyInstance) => Promise<void>,
  options: Parameters<typeof testApp>[0] = {},
): Promise<void> {
  const { authenticator } = grantedKeys({ [KEY]: grant });
  const { app } = await testApp({ authenticator, ...options });
  try {
    await use(app);
  } finally {
    await app.close();
  }
}

const speak = (app: FastifyInstance, headers: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url: '/openai/v1/audio/speech',
    headers: { ...as(), ...headers },
    payload: { model: 'tts-1', voice: 'alloy', input: 'Hello.', response_format: 'pcm' },
  });

const perMinute = (requestsPerMinute: number) => ({ limits: { requestsPerMinute } });

describe('requests per minute', () => {
  test('OpenAI: every answer tells how many are left, and the one too many is a 429 that says when to come again', () =>
    withKey(perMinute(2), async (app) => {
      for (const left of ['1', '0']) {
        const { statusCode, headers } = await speak(app);
        assert.equal(statusCode, 200);
        assert.equal(headers['x-ratelimit-limit-requests'], '2');
        assert.equal(headers['x-ratelimit-remaining-requests'], left);
        assert.match(String(headers['x-ratelimit-reset-requests']), /^(1m0s|5\d(\.\d+)?s)$/);
      }
      const refused = await speak(app);
      assert.equal(refused.statusCode, 429);
      assert.deepEqual(
        [refused.json().error.type, refused.json().error.code],
        ['requests', 'rate_limit_exceeded'],
      );
      assert.match(refused.json().error.message, /2 requests per minute/);
      assert.equal(refused.headers['x-ratelimit-remaining-requests'], '0');
      assert.ok(Number(refused.headers['retry-after']) >= 50);
      assert.ok(Number(refused.headers['retry-after-ms']) > 50_000);
    }));

  test('the other dialects say it in their words', () =>
    withKey(perMinute(0), async (app) => {
      const post = (url: string) => app.inject({ method: 'POST', url, headers: as(), payload: {} });
      const elevenlabs = await post(`/elevenlabs/v1/text-to-speech/${VOICE}`);
      assert.equal(elevenlabs.statusCode, 429);
      assert.deepEqual(
        [elevenlabs.json().detail.type, elevenlabs.json().detail.code],
        ['rate_limit_error', 'rate_limit_exceeded'],
      );
      const eigen = await post('/eigen/api/v1/generate');
      assert.equal(eigen.statusCode, 429);
      assert.match(eigen.json().detail, /0 requests per minute/);
      const aiml = await post('/aiml/v2/generate/audio');
      assert.equal(aiml.statusCode, 429);
      assert.match(aiml.body, /Too Many Requests/);
      for (const { headers } of [elevenlabs, eigen, aiml]) assert.ok(Number(headers['retry-after']) > 50);
    }));

  test('what makes nothing is not counted: lists, polls, our own API', () =>
    withKey(perMinute(0), async (app) => {
      for (const url of [
        '/v1/models',
        '/elevenlabs/v1/voices',
        '/antiphon/v1/jobs',
        '/antiphon/v1/capabilities',
      ]) {
        assert.equal((await app.inject({ url, headers: as() })).statusCode, 200, url);
      }
    }));

  test('an answer that is wanted later counts once, when it is asked for', () =>
    withKey(perMinute(1), async (app) => {
      await app.ready();
      const later = await speak(app, { prefer: 'respond-async' });
      assert.equal(later.statusCode, 202);
      assert.equal(later.headers['x-ratelimit-remaining-requests'], '0');
      const { id } = later.json<{ id: string }>();
      const awake = setInterval(() => undefined, 1000);
      const events = await app.inject({ url: `/antiphon/v1/jobs/${id}/events`, headers: as() });
      clearInterval(awake);
      assert.match(events.body, /"state":"succeeded"/);
      const result = await app.inject({ url: `/antiphon/v1/jobs/${id}/result`, headers: as() });
      assert.equal(result.statusCode, 200);
      assert.equal((await speak(app)).statusCode, 429);
    }));

  test('web pages may read the headers', () =>
    withKey(perMinute(5), async (app) => {
      const { headers } = await speak(app, { origin: 'https://example.com' });
      const exposed = String(headers['access-control-expose-headers']);
      for (const name of ['x-ratelimit-remaining-requests', 'current-concurrent-requests', 'retry-after']) {
        assert.ok(exposed.includes(name), `${name} in ${exposed}`);
      }
    }));

  test('a key without limits never comes to the limiter', async () => {
    const { authenticator } = grantedKeys({ [KEY]: { limits: { charactersPerDay: 10_000 } } });
    const limiter: RequestLimiter = {
      enter: () => assert.fail('somebody without a limit was counted'),
      standing: () => assert.fail('somebody without a limit was looked up'),
    };
    const { app } = await testApp({ authenticator, limiter });
    const { statusCode, headers } = await speak(app);
    assert.equal(statusCode, 200);
    assert.equal(headers['x-ratelimit-limit-requests'], undefined);
    await app.close();
  });
});

describe('requests at the same time', () => {
  const grant = { limits: { concurrency: 1 } };
  const body = (text: string) => ({
    method: 'POST',
    headers: { 'xi-api-key': KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
  });

  test('ElevenLabs: a request has its place until its last byte, and every answer tells how many there are', async () => {
    const stuck = stuckEngine({ after: 1 });
    const { authenticator } = grantedKeys({ [KEY]: grant });
    await listening({ engines: [stuck.engine], authenticator }, async ({ origin }) => {
      const url = `${origin}/v1/text-to-speech/${VOICE}/stream?output_format=pcm_16000`;
      const first = await fetch(
        url,
        body('A text that is long enough to be spoken in several pieces of sound.'),
      );
      assert.equal(first.headers.get('current-concurrent-requests'), '1');
      assert.equal(first.headers.get('maximum-concurrent-requests'), '1');
      await untilSo(() => stuck.stuck() === 1);
      const refused = await fetch(url, body('Hello.'));
      assert.equal(refused.status, 429);
      const { detail } = (await refused.json()) as { detail: Record<string, string> }; // The vendor's envelope.
      assert.deepEqual(
        [detail['type'], detail['code'], detail['status']],
        ['rate_limit_error', 'concurrent_limit_exceeded', 'too_many_concurrent_requests'],
      );
      assert.equal(refused.headers.get('retry-after'), '1');
      const listed = await fetch(`${origin}/v1/models`, { headers: { 'xi-api-key': KEY } });
      assert.equal(listed.status, 200);
      assert.equal(listed.headers.get('current-concurrent-requests'), '1');
      assert.equal(listed.headers.get('maximum-concurrent-requests'), '1');
      stuck.free();
      await first.arrayBuffer();
      const next = await fetch(url, body('Hello.'));
      assert.equal(next.status, 200);
      await next.arrayBuffer();
    });
  });

  test('a caller who hangs up gives the place back', async () => {
    const stuck = stuckEngine();
    const { authenticator } = grantedKeys({ [KEY]: grant });
    await listening({ engines: [stuck.engine], authenticator }, async ({ origin, core }) => {
      const principal = await authenticator.authenticate(KEY);
      const caller = httpRequest(`${origin}/v1/text-to-speech/${VOICE}`, body('Hello.'));
      caller.on('error', () => undefined);
      caller.end(body('Hello.').body);
      await untilSo(() => stuck.stuck() === 1);
      assert.equal(core.limiter.standing(principal).concurrency?.current, 1);
      caller.destroy();
      await untilSo(() => core.limiter.standing(principal).concurrency?.current === 0);
    });
  });

  test('a request that fails gives the place back', () =>
    withKey(grant, async (app) => {
      for (let count = 0; count < 3; count += 1) {
        const wrong = await app.inject({
          method: 'POST',
          url: '/openai/v1/audio/speech',
          headers: as(),
          payload: { model: 'no-such-model', voice: 'alloy', input: 'Hello.' },
        });
        assert.equal(wrong.statusCode, 404);
      }
    }));

  test('a job has no place while it waits or runs', async () => {
    const stuck = stuckEngine();
    await withKey(
      grant,
      async (app) => {
        await app.ready();
        for (let count = 0; count < 3; count += 1) {
          assert.equal((await speak(app, { prefer: 'respond-async' })).statusCode, 202);
        }
        stuck.free();
      },
      { engines: [stuck.engine] },
    );
  });
});

describe('keys for some dialects', () => {
  const grant = { scopes: { dialects: ['openai'] } };

  test('are refused by all others, in their words', () =>
    withKey(grant, async (app) => {
      assert.equal((await speak(app)).statusCode, 200);
      for (const url of [
        '/elevenlabs/v1/voices',
        '/eigen/api/v1/models',
        '/aiml/v2/generate/audio?generation_id=x',
      ]) {
        const { statusCode, body } = await app.inject({ url, headers: as() });
        assert.equal(statusCode, 403, url);
        assert.match(body, /not for the API of '(elevenlabs|eigen|aiml)'/);
      }
    }));

  test('see their own jobs all the same', () =>
    withKey(grant, async (app) => {
      assert.equal((await app.inject({ url: '/antiphon/v1/jobs', headers: as() })).statusCode, 200);
    }));
});

describe('wrong keys', () => {
  const guess = (app: FastifyInstance, headers: Record<string, string> = {}) =>
    app.inject({ url: '/v1/models', headers: { ...as('sk-wrong'), ...headers } });

  test('more than sixty in a minute are a 429, while a right key of the same address is let in', () =>
    withKey({}, async (app) => {
      for (let count = 0; count < 60; count += 1) assert.equal((await guess(app)).statusCode, 401);
      const refused = await guess(app);
      assert.equal(refused.statusCode, 429);
      assert.equal(refused.json().error.code, 'rate_limit_exceeded');
      assert.equal(refused.headers['retry-after'], '60');
      assert.equal((await app.inject({ url: '/v1/models', headers: as() })).statusCode, 200);
      // Who has none guesses nothing.
      assert.equal((await app.inject({ url: '/v1/models' })).statusCode, 401);
    }));

  test('an address that a caller makes up counts for nothing', () =>
    withKey({}, async (app) => {
      for (let count = 0; count < 60; count += 1) await guess(app, { 'x-forwarded-for': `10.0.0.${count}` });
      assert.equal((await guess(app, { 'x-forwarded-for': '10.0.0.99' })).statusCode, 429);
    }));

  test('behind a trusted balancer they count by the address that it names', () =>
    withKey(
      {},
      async (app) => {
        const from = (address: string) => guess(app, { 'x-forwarded-for': address });
        for (let count = 0; count < 60; count += 1) await from('198.51.100.7');
        assert.equal((await from('198.51.100.7')).statusCode, 429);
        assert.equal((await from('198.51.100.8')).statusCode, 401);
      },
      { trustedProxies: ['127.0.0.0/8'] },
    ));
});
