/** Making, changing and ending keys at /antiphon/v1/keys. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { createKeyBook, type KeyOrder } from '../src/core/access/key-book.ts';
import { keyAuthenticator } from '../src/platform/keys.ts';
import { memoryStore, testApp, testClock } from './support.ts';
import { toneEngine } from './tone-engine.ts';

interface KeyBody {
  readonly id: string;
  readonly key: string;
  readonly role: string;
  readonly state: string;
  readonly limits: Readonly<Record<string, number>>;
}

type Ask = (
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  url: string,
  body?: object,
) => Promise<{
  readonly status: number;
  readonly body: KeyBody & { readonly error: { code: string; message: string; param: string | null } };
  readonly headers: Readonly<Record<string, unknown>>;
}>;

/** Calls below `/antiphon/v1/keys` with a secret. */
function caller(app: FastifyInstance, secret?: string): Ask {
  return async (method, url, body) => {
    const options: InjectOptions = {
      method,
      url: `/antiphon/v1/keys${url}`,
      headers: secret === undefined ? {} : { authorization: `Bearer ${secret}` },
      ...(body ? { payload: body } : {}),
    };
    const answer = await app.inject(options);
    return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
  };
}

/** A server with real keys: an admin's, and others on demand. */
async function withAdmin(
  use: (parts: {
    readonly admin: Ask;
    readonly adminId: string;
    readonly as: (secret: string | undefined) => Ask;
    readonly make: (order?: Partial<KeyOrder>) => Promise<{ id: string; secret: string; ask: Ask }>;
    readonly app: FastifyInstance;
  }) => Promise<void>,
): Promise<void> {
  const store = memoryStore();
  const { app } = await testApp({ store, authenticator: keyAuthenticator(store.keys) });
  const book = createKeyBook({ keys: store.keys, clock: testClock, dialects: ['openai', 'elevenlabs'] });
  const as = (secret: string | undefined) => caller(app, secret);
  const make = async (order: Partial<KeyOrder> = {}) => {
    const { secret, record } = await book.create({ name: 'made', ...order });
    return { id: record.id, secret, ask: as(secret) };
  };
  const { id, ask } = await make({ name: 'boss', role: 'admin' });
  try {
    await use({ admin: ask, adminId: id, as, make, app });
  } finally {
    await app.close();
  }
}

test('an admin makes a key, whose secret is in this one answer only, and opens the door', () =>
  withAdmin(async ({ admin, as }) => {
    const made = await admin('POST', '', {
      name: 'team',
      scopes: { dialects: ['openai'], capabilities: ['speech'], models: ['tts-1'] },
      limits: { concurrency: 2, charactersPerDay: 1000 },
      expiresAt: '2999-01-31T12:00:00+02:00',
    });
    assert.equal(made.status, 201);
    assert.equal(made.headers['cache-control'], 'no-store');
    const { key, id, ...rest } = made.body;
    assert.match(key, /^ant_[A-Za-z0-9]{40}$/);
    const { createdAt, hint, ...facts } = rest as typeof rest & { createdAt: string; hint: string }; // The view has both.
    assert.ok(!Number.isNaN(Date.parse(createdAt)));
    assert.equal(hint, `${key.slice(0, 8)}…`);
    assert.deepEqual(facts, {
      name: 'team',
      role: 'user',
      state: 'active',
      scopes: { dialects: ['openai'], capabilities: ['speech'], models: ['tts-1'] },
      limits: { concurrency: 2, charactersPerDay: 1000 },
      rotatedAt: null,
      expiresAt: '2999-01-31T10:00:00.000Z',
      revokedAt: null,
    });
    for (const url of ['', `/${id}`]) {
      const shown = JSON.stringify((await admin('GET', url)).body);
      assert.ok(shown.includes(id));
      assert.ok(!shown.includes(key.slice(8)) && !shown.includes('hash'));
    }
    const own = await as(key)('GET', '/me');
    assert.deepEqual(own.body, {
      id,
      name: 'team',
      anonymous: false,
      role: 'user',
      scopes: facts.scopes,
      limits: facts.limits,
      expiresAt: facts.expiresAt,
    });
  }));

test('a key is changed field by field, and revoked', () =>
  withAdmin(async ({ admin, make }) => {
    const { id, ask } = await make({ limits: { concurrency: 2, requestsPerMinute: 9 } });
    const changed = await admin('PATCH', `/${id}`, {
      name: 'renamed',
      role: 'admin',
      limits: { concurrency: null },
      scopes: { capabilities: ['speech'] },
      expiresAt: '2999-01-31',
    });
    assert.equal(changed.status, 200);
    const { createdAt: _made, hint: _hint, ...facts } = changed.body as unknown as Record<string, unknown>; // JSON.
    assert.deepEqual(facts, {
      id,
      name: 'renamed',
      role: 'admin',
      state: 'active',
      scopes: { capabilities: ['speech'] },
      limits: { requestsPerMinute: 9 },
      rotatedAt: null,
      expiresAt: '2999-01-31T00:00:00.000Z',
      revokedAt: null,
    });
    assert.equal((await ask('GET', '')).status, 200);
    for (let time = 1; time <= 2; time += 1) {
      const revoked = await admin('DELETE', `/${id}`);
      assert.deepEqual([revoked.status, revoked.body.state], [200, 'revoked']);
    }
    assert.equal((await ask('GET', '/me')).status, 401);
  }));

test('a new secret takes the place of the old one, at once or after a time of grace', () =>
  withAdmin(async ({ admin, as, make }) => {
    const { id, ask } = await make();
    const first = await admin('POST', `/${id}/rotate`, { graceSeconds: 60 });
    assert.deepEqual([first.status, first.body.id], [200, id]);
    assert.equal(first.headers['cache-control'], 'no-store');
    assert.equal((await ask('GET', '/me')).body.id, id);
    const second = await admin('POST', `/${id}/rotate`);
    assert.equal((await as(second.body.key)('GET', '/me')).body.id, id);
    const refused = await as(first.body.key)('GET', '/me');
    assert.deepEqual([refused.status, refused.body.error.code], [401, 'unauthenticated']);
    assert.match(refused.body.error.message, /was replaced/);
  }));

test('what is wrong with a key is said by the name of the field', () =>
  withAdmin(async ({ admin, make }) => {
    const { id } = await make();
    for (const [body, param] of [
      [{ role: 'king' }, 'role'],
      [{ scopes: { capabilities: ['singing'] } }, 'scopes.capabilities'],
      [{ scopes: { dialects: ['openia'] } }, 'scopes.dialects'],
      [{ scopes: { models: 'tts-1' } }, 'scopes.models'],
      [{ scopes: { models: [] } }, 'scopes.models'],
      [{ limits: { concurrency: -1 } }, 'limits.concurrency'],
      [{ limits: { requestsPerMinute: 'many' } }, 'limits.requestsPerMinute'],
      [{ expiresAt: '2020-01-01' }, 'expiresAt'],
      [{ expiresAt: 'soon' }, 'expiresAt'],
      [{ expiresAt: 4_000_000_000 }, 'expiresAt'],
    ] as const) {
      for (const [method, url, given] of [
        ['POST', '', { name: 'x', ...body }],
        ['PATCH', `/${id}`, body],
      ] as const) {
        const answer = await admin(method, url, given);
        assert.deepEqual([answer.status, answer.body.error.param], [400, param], JSON.stringify(given));
      }
    }
    // A limit that is misspelt must not be a key without limit.
    for (const body of [
      { name: 'x', limit: { concurrency: 1 } },
      { name: 'x', limits: { concurency: 1 } },
      {},
    ]) {
      assert.equal((await admin('POST', '', body)).status, 400);
    }
    assert.equal(
      (await admin('POST', `/${id}/rotate`, { graceSeconds: -1 })).body.error.param,
      'graceSeconds',
    );
    assert.equal((await admin('GET', '/nobody')).status, 404);
    await admin('DELETE', `/${id}`);
    assert.equal((await admin('POST', `/${id}/rotate`)).status, 409);
    assert.equal((await admin('PATCH', `/${id}`, { name: 'x' })).status, 409);
  }));

test('keys and whatever changes the installation are for admins', () =>
  withAdmin(async ({ app, make }) => {
    const { id, secret, ask } = await make();
    for (const [method, url, body] of [
      ['GET', ''],
      ['GET', `/${id}`],
      ['POST', '', { name: 'x', role: 'admin' }],
      ['PATCH', `/${id}`, { role: 'admin' }],
      ['DELETE', `/${id}`],
      ['POST', `/${id}/rotate`],
    ] as const) {
      const answer = await ask(method, url, body);
      assert.deepEqual(
        [answer.status, answer.body.error.code],
        [403, 'permission_denied'],
        `${method} ${url}`,
      );
    }
    for (const [method, url] of [
      ['GET', '/antiphon/v1/webhook-secret'],
      ['POST', '/antiphon/v1/models/whisper/base/pull'],
      ['DELETE', '/antiphon/v1/models/whisper/base'],
    ] as const) {
      const answer = await app.inject({ method, url, headers: { authorization: `Bearer ${secret}` } });
      assert.equal(answer.statusCode, 403, url);
    }
    assert.equal((await ask('GET', '/me')).body.role, 'user');
  }));

test('the last admin key is neither revoked nor demoted over the network', () =>
  withAdmin(async ({ admin, adminId, make }) => {
    for (const [method, body] of [['DELETE'], ['PATCH', { role: 'user' }]] as const) {
      const answer = await admin(method, `/${adminId}`, body);
      assert.deepEqual([answer.status, answer.body.error.code], [409, 'conflict']);
      assert.match(answer.body.error.message, /last admin key/);
    }
    assert.equal((await admin('PATCH', `/${adminId}`, { name: 'chief' })).status, 200);
    const other = await make({ role: 'admin' });
    assert.equal((await other.ask('DELETE', `/${adminId}`)).status, 200);
    assert.equal((await admin('GET', '/me')).status, 401);
  }));

test('without any key everybody is an admin, who makes the first key an admin’s', async () => {
  const store = memoryStore();
  const { app } = await testApp({ store, authenticator: keyAuthenticator(store.keys) });
  const anybody = caller(app);
  assert.deepEqual((await anybody('GET', '/me')).body, {
    id: 'anonymous',
    name: 'anonymous',
    anonymous: true,
    role: 'admin',
    scopes: {},
    limits: {},
    expiresAt: null,
  });
  const refused = await anybody('POST', '', { name: 'x' });
  assert.deepEqual([refused.status, refused.body.error.param], [400, 'role']);
  const made = await anybody('POST', '', { name: 'x', role: 'admin' });
  assert.equal(made.status, 201);
  assert.equal((await anybody('GET', '')).status, 401);
  assert.equal((await caller(app, made.body.key)('GET', '')).status, 200);
  await app.close();
});

test('why an engine is down, which may name addresses, is for admins', async () => {
  const store = memoryStore();
  const health = () => ({ state: 'unhealthy', reason: 'http://10.0.0.7:8000 does not answer' }) as const;
  const engines = [{ ...toneEngine(), health }];
  const { app } = await testApp({ engines, store, authenticator: keyAuthenticator(store.keys) });
  const book = createKeyBook({ keys: store.keys, clock: testClock, dialects: [] });
  const seenBy = async (role: 'admin' | 'user') => {
    const { secret } = await book.create({ name: role, role });
    const headers = { authorization: `Bearer ${secret}` };
    return (await app.inject({ url: '/antiphon/v1/engines', headers })).json().engines[0].health;
  };
  assert.deepEqual(await seenBy('admin'), health());
  assert.deepEqual(await seenBy('user'), { state: 'unhealthy' });
  await app.close();
});
