/** What keys for some models, capabilities and dialects see and may do, through every dialect. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import OpenAI, { AuthenticationError } from 'openai';
import { createKeyBook, type KeyOrder } from '../src/core/access/key-book.ts';
import type { Engine } from '../src/core/engine.ts';
import { keyAuthenticator } from '../src/platform/keys.ts';
import { listening, memoryStore, testApp, testClock } from './support.ts';
import { toneEngine } from './tone-engine.ts';
import { toneSounds } from './tone-sounds.ts';

type Grants = Omit<KeyOrder, 'name'>;

/** A store with a key for each grant, and their secrets. */
async function keysFor(grants: readonly Grants[]) {
  const store = memoryStore();
  const dialects = ['openai', 'elevenlabs', 'eigen', 'aiml', 'antiphon'];
  const book = createKeyBook({ keys: store.keys, clock: testClock, dialects });
  const minted = await Promise.all(grants.map((grant) => book.create({ name: 'a key', ...grant })));
  return { store, authenticator: keyAuthenticator(store.keys), secrets: minted.map(({ secret }) => secret) };
}

const ENGINES: readonly Engine[] = [toneEngine(), toneSounds({ implements: ['stable-audio'] })];

type Get = (url: string, headers?: Readonly<Record<string, string>>) => Promise<string>;

async function withKey(
  grant: Grants,
  use: (parts: { app: FastifyInstance; get: Get; secret: string }) => Promise<void>,
): Promise<void> {
  const { secrets, ...parts } = await keysFor([grant]);
  const [secret = ''] = secrets;
  const { app } = await testApp({ engines: ENGINES, ...parts });
  const get: Get = async (url, headers = {}) => {
    const answer = await app.inject({ url, headers: { authorization: `Bearer ${secret}`, ...headers } });
    assert.equal(answer.statusCode, 200, answer.body);
    return answer.body;
  };
  try {
    await use({ app, get, secret });
  } finally {
    await app.close();
  }
}

/** The names in a list of models, wherever they stand. */
function names(body: string): string[] {
  const list: unknown = JSON.parse(body);
  const rows = Array.isArray(list) ? list : Object.values(list as object).find(Array.isArray); // A list, or one in an object.
  return (rows as { id?: string; model_id?: string; model?: string }[]).map(
    (row) => row.id ?? row.model_id ?? row.model ?? '',
  );
}

test('every dialect lists only the models that a key is for', () =>
  withKey(
    { scopes: { models: ['tts-1', 'eleven_multilingual_v2', 'higgs2p5', 'stable-audio'] } },
    async ({ get, secret }) => {
      const openai = names(await get('/v1/models'));
      assert.deepEqual(openai.sort(), ['eleven_multilingual_v2', 'higgs2p5', 'stable-audio', 'tts-1']);
      assert.deepEqual(names(await get('/v1/models', { 'xi-api-key': secret })), ['eleven_multilingual_v2']);
      assert.deepEqual(names(await get('/eigen/api/v1/models')), ['higgs2p5']);
      assert.deepEqual(names(await get('/aiml/v1/models')), ['stable-audio']);
      const { speech, sound, ...rest } = JSON.parse(await get('/antiphon/v1/capabilities')) as Record<
        string,
        { model: string }[]
      >; // The table is that.
      const models = [...(speech ?? []), ...(sound ?? [])].map(({ model }) => model);
      assert.deepEqual(models.sort(), ['eleven_multilingual_v2', 'higgs2p5', 'stable-audio', 'tts-1']);
      assert.ok(Object.values(rest).every((rows) => rows.length === 0));
    },
  ));

test('a model that a key is not for is not there by its name either', () =>
  withKey({ scopes: { models: ['tts-1'] } }, async ({ app, get, secret }) => {
    assert.equal((JSON.parse(await get('/v1/models/tts-1')) as { id: string }).id, 'tts-1');
    const headers = { authorization: `Bearer ${secret}` };
    const answer = await app.inject({ url: '/v1/models/tts-1-hd', headers });
    assert.equal(answer.statusCode, 404);
  }));

test('a key for an engine model sees and uses every name that leads nowhere else', () =>
  withKey({ scopes: { models: ['tone/tone'], capabilities: ['speech'] } }, async ({ app, get, secret }) => {
    const listed = names(await get('/v1/models'));
    for (const name of ['tts-1', 'eleven_v3', 'tone/tone']) assert.ok(listed.includes(name), name);
    assert.ok(!listed.includes('stable-audio'));
    const spoken = await app.inject({
      method: 'POST',
      url: '/v1/audio/speech',
      headers: { authorization: `Bearer ${secret}` },
      payload: { model: 'tts-1', voice: 'alloy', input: 'Hi.', response_format: 'pcm' },
    });
    assert.equal(spoken.statusCode, 200, spoken.body);
  }));

test('a key for some capabilities sees nothing of the others', () =>
  withKey({ scopes: { capabilities: ['music'] } }, async ({ get, secret }) => {
    assert.ok(!names(await get('/v1/models')).includes('tts-1'));
    assert.deepEqual(names(await get('/v1/models', { 'xi-api-key': secret })), []);
    assert.ok(names(await get('/aiml/v1/models')).includes('stable-audio'));
  }));

test('AI/ML API: whoever brings no key sees the whole catalogue, and a wrong key is refused', () =>
  withKey({ scopes: { models: ['stable-audio'] } }, async ({ app }) => {
    const all = await app.inject('/aiml/v1/models');
    assert.equal(names(all.body).length, 8);
    const wrong = await app.inject({
      url: '/aiml/v1/models',
      headers: { authorization: 'Bearer wrong' },
    });
    assert.equal(wrong.statusCode, 401);
  }));

test('a key for a public name reaches what serves it by that name only', () =>
  withKey({ scopes: { models: ['tts-1'] } }, async ({ app, secret }) => {
    const speak = async (model: string) => {
      const answer = await app.inject({
        method: 'POST',
        url: '/v1/audio/speech',
        headers: { authorization: `Bearer ${secret}` },
        payload: { model, voice: 'alloy', input: 'Hi.', response_format: 'pcm' },
      });
      return answer.statusCode;
    };
    assert.equal(await speak('tts-1'), 200);
    for (const model of ['tts-1-hd', 'tone/tone', 'tone', 'auto'])
      assert.equal(await speak(model), 403, model);
  }));

for (const [dialect, request, check] of [
  [
    'OpenAI',
    { url: '/v1/audio/speech', payload: { model: 'tts-1-hd', voice: 'alloy', input: 'Hi.' } },
    ({ error }: Body) => {
      assert.deepEqual([error?.type, error?.code], ['invalid_request_error', 'model_not_found']);
    },
  ],
  [
    'ElevenLabs',
    { url: '/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb', payload: { model_id: 'eleven_v3', text: 'Hi.' } },
    ({ detail }: Body) => {
      const { type, code } = detail as { type: string; code: string }; // Its problems are objects.
      assert.deepEqual([type, code], ['authorization_error', 'model_access_denied']);
    },
  ],
  [
    'Eigen',
    { url: '/api/v1/generate', payload: { model: 'higgs2p5', text: 'Hi.' } },
    ({ detail, error }: Body) => {
      assert.equal(detail, "This API key is not for the model 'higgs2p5'.");
      assert.equal(error, detail);
    },
  ],
  [
    'AI/ML API',
    { url: '/v2/generate/audio', payload: { model: 'stable-audio', prompt: 'Rain.' } },
    ({ message }: Body) => assert.equal(message, "This API key is not for the model 'stable-audio'."),
  ],
] as const) {
  test(`${dialect}: a model that the key is not for is refused with 403 in the vendor’s words`, () =>
    withKey({ scopes: { models: ['tts-1'] } }, async ({ app, secret }) => {
      const answer = await app.inject({
        method: 'POST',
        ...request,
        headers: { authorization: `Bearer ${secret}`, 'xi-api-key': secret },
      });
      assert.equal(answer.statusCode, 403, answer.body);
      check(answer.json());
    }));
}

interface Body {
  readonly error?: { readonly type?: string; readonly code?: string };
  readonly detail?: unknown;
  readonly message?: string;
}

test('the official client of OpenAI hears of an expired key, and does not try again', async () => {
  const store = memoryStore();
  const time = { now: Date.UTC(2026, 10, 3) };
  const clock = { now: () => time.now };
  const book = createKeyBook({ keys: store.keys, clock, dialects: [] });
  const { secret } = await book.create({ name: 'short', expiresAt: time.now + 1000 });
  time.now += 1000;
  let asked = 0;
  const real = keyAuthenticator(store.keys, clock);
  const authenticator: typeof real = {
    ...real,
    authenticate: (credential) => {
      asked += 1;
      return real.authenticate(credential);
    },
  };
  await listening({ store, authenticator }, async ({ origin }) => {
    const client = new OpenAI({ apiKey: secret, baseURL: `${origin}/v1` });
    await assert.rejects(client.models.list(), (error: unknown) => {
      assert.ok(error instanceof AuthenticationError);
      assert.equal(error.code, 'invalid_api_key');
      assert.match(error.message, /expired at 2026-11-03T00:00:01Z/);
      return true;
    });
  });
  assert.equal(asked, 1);
});
