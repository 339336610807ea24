import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { createApp } from '../../src/app.ts';
import type { Authenticator } from '../../src/core/ports/authenticator.ts';
import { dialects } from '../../src/dialects/index.ts';
import type { PagesAllowed } from '../../src/page-access.ts';
import { fixedKeys, listening, testApp } from '../support.ts';
import { connectSocket, refusedHandshake } from '../socket-client.ts';
import { answerTo, statuses } from './raw-connection.ts';

const HERE = 'http://localhost:5173';
const ELSEWHERE = 'https://elsewhere.example';
const STUDIO = 'https://studio.example.com';

interface Door {
  readonly cors?: PagesAllowed;
  readonly keys?: readonly string[];
  readonly authenticator?: Authenticator;
  readonly publicUrl?: string;
  readonly host?: string;
}

/** The server as the program mounts it: with its own name, and pages as they are unless told. */
async function door({ cors, host = '127.0.0.1', ...parts }: Door): Promise<FastifyInstance> {
  const { core } = await testApp(parts);
  return createApp(core, { dialects, cors, hosts: [host] });
}

async function allowedOrigin(app: FastifyInstance, origin: string): Promise<unknown> {
  const headers = { origin, 'access-control-request-method': 'POST', authorization: 'Bearer k' };
  const asked = await app.inject({ method: 'OPTIONS', url: '/v1/audio/speech', headers });
  const read = await app.inject({ url: '/v1/models', headers: { origin, authorization: 'Bearer k' } });
  const allowed = asked.headers['access-control-allow-origin'];
  assert.equal(read.headers['access-control-allow-origin'], allowed);
  return allowed;
}

describe('which web pages may call', () => {
  test('an OPTIONS that is none of a browser is answered in the envelope of the dialect, or with nothing where every page may call', async () => {
    const options = { method: 'OPTIONS', url: '/v1/audio/speech' } as const;
    const refused = await (await door({ cors: 'off' })).inject(options);
    assert.equal(refused.statusCode, 405);
    assert.equal(refused.json().error.code, 'method_not_supported');
    const headers = { 'content-type': 'application/json' };
    const broken = await (await door({ cors: 'off' })).inject({ ...options, headers, payload: '{' });
    assert.deepEqual([broken.statusCode, broken.json().error?.type], [400, 'invalid_request_error']);
    const empty = await (await door({ cors: 'any' })).inject(options);
    assert.deepEqual([empty.statusCode, empty.body], [204, '']);
  });

  test('unless told, those of this machine while there is no key, and none from elsewhere as soon as there is one', async () => {
    let keyed = false;
    const authenticator = { ...fixedKeys([]), required: async () => keyed };
    const app = await door({ authenticator });
    assert.equal(await allowedOrigin(app, HERE), HERE);
    assert.equal(await allowedOrigin(app, ELSEWHERE), undefined);
    keyed = true;
    assert.equal(await allowedOrigin(app, HERE), undefined);
    assert.equal(await allowedOrigin(app, ELSEWHERE), undefined);
  });

  const cases: readonly (readonly [PagesAllowed, readonly [string, unknown][]])[] = [
    [
      'off',
      [
        [HERE, undefined],
        [ELSEWHERE, undefined],
      ],
    ],
    [
      'loopback',
      [
        [HERE, HERE],
        ['http://[::1]:3000', 'http://[::1]:3000'],
        [ELSEWHERE, undefined],
        ['http://localhost.elsewhere.example', undefined],
        ['http://127.0.0.1.elsewhere.example', undefined],
        ['http://elsewhere.example/localhost', undefined],
        ['http://localhost@elsewhere.example', undefined],
        ['null', undefined],
      ],
    ],
    [
      'any',
      [
        [HERE, '*'],
        [ELSEWHERE, '*'],
      ],
    ],
    [
      [STUDIO],
      [
        [STUDIO, STUDIO],
        ['http://studio.example.com', undefined],
        [`${STUDIO}:8443`, undefined],
        [`${STUDIO}.elsewhere.example`, undefined],
        [HERE, undefined],
      ],
    ],
  ];
  for (const [cors, expected] of cases) {
    test(`--cors ${String(cors)}`, async () => {
      const app = await door({ cors, keys: ['k'] });
      for (const [origin, allowed] of expected)
        assert.equal(await allowedOrigin(app, origin), allowed, origin);
    });
  }

  test('an answer that depends on the page says so to caches, and credentials of a browser are never asked for', async () => {
    const app = await door({ cors: [STUDIO], keys: ['k'] });
    const { headers } = await app.inject({
      url: '/v1/models',
      headers: { origin: STUDIO, authorization: 'Bearer k' },
    });
    assert.match(String(headers['vary']), /origin/i);
    assert.equal(headers['access-control-allow-credentials'], undefined);
  });

  test('sockets open for the same pages', () =>
    listening({ cors: [STUDIO], keys: ['k'] }, async ({ origin }) => {
      const url = `${origin}/api/v1/generate/ws`;
      const own = await connectSocket({ url, origin: STUDIO });
      own.socket.close();
      for (const other of [HERE, ELSEWHERE, 'null']) {
        assert.equal((await refusedHandshake({ url, origin: other })).status, 401, other);
      }
    }));
});

describe('a server that needs no key', () => {
  const speak = { method: 'POST', url: '/v1/audio/speech' } as const;
  const payload = { model: 'tts-1', voice: 'alloy', input: 'Hello.', response_format: 'pcm' };

  for (const host of [
    'localhost:8484',
    '127.0.0.1',
    '127.9.9.9:80',
    '[::1]:8484',
    'LOCALHOST',
    'my.localhost',
  ]) {
    test(`answers as ${host}`, async () => {
      const app = await door({});
      assert.equal((await app.inject({ ...speak, payload, headers: { host } })).statusCode, 200);
    });
  }

  for (const host of [
    'rebound.elsewhere.example',
    'localhost.elsewhere.example:8484',
    '127.0.0.1.elsewhere.example',
    'elsewhere.example:127',
    '10.0.0.1:8484',
    'localhost:8484@elsewhere.example',
    'localhost, elsewhere.example',
  ]) {
    test(`does not answer as ${host}: a name that leads here may belong to a page from elsewhere`, async () => {
      const app = await door({});
      for (const url of ['/v1/audio/speech', '/elevenlabs/v1/voices', '/antiphon/v1/jobs', '/nothing']) {
        const answer = await app.inject({ method: 'GET', url, headers: { host } });
        assert.equal(answer.statusCode, 403, url);
        assert.match(answer.body, /publicUrl/);
      }
    });
  }

  test('is asked by balancers whether it is well under whatever name they know', async () => {
    const app = await door({});
    for (const url of ['/health', '/ready'])
      assert.notEqual((await app.inject({ url, headers: { host: 'balancer' } })).statusCode, 403, url);
    assert.equal(
      (await app.inject({ url: '/health/../v1/models', headers: { host: 'balancer' } })).statusCode,
      403,
    );
  });

  test('answers under the names that its operator gave it', async () => {
    const app = await door({ publicUrl: 'https://media.example.com', host: '192.168.7.7' });
    for (const host of ['media.example.com', '192.168.7.7:8484'])
      assert.equal((await app.inject({ url: '/v1/models', headers: { host } })).statusCode, 200, host);
  });

  test('takes nothing from a page of elsewhere, not even what browsers send without asking', async () => {
    const app = await door({});
    const sent = (origin: string) =>
      app.inject({ ...speak, payload, headers: { origin, host: 'localhost:8484' } });
    assert.equal((await sent(ELSEWHERE)).statusCode, 403);
    assert.equal((await sent('null')).statusCode, 403);
    assert.equal((await sent(HERE)).statusCode, 200);
    assert.equal((await sent('http://localhost:8484')).statusCode, 200);
  });

  test('gives a file to whoever has its signed address, on whatever page', async () => {
    const { core } = await testApp();
    const app = await createApp(core, { dialects, hosts: ['127.0.0.1'] });
    const file = { ownerId: 'anonymous', mediaType: 'audio/wav', filename: 'a.wav', bytes: Buffer.from('a') };
    const { path } = await core.files.link(await core.files.keep(file));
    const { statusCode, headers } = await app.inject({ url: path, headers: { origin: ELSEWHERE } });
    assert.deepEqual([statusCode, headers['cross-origin-resource-policy']], [200, 'cross-origin']);
  });

  test('takes its own pages also where pages from elsewhere are off', async () => {
    const app = await door({ cors: 'off' });
    const sent = (origin: string) =>
      app.inject({ ...speak, payload, headers: { origin, host: 'localhost:8484' } });
    assert.equal((await sent('http://localhost:8484')).statusCode, 200);
    assert.equal((await sent(HERE)).statusCode, 403);
  });

  test('is reached by clients that name no host, as those of HTTP/1.0', () =>
    listening({}, async ({ origin }) => {
      assert.deepEqual(statuses(await answerTo(origin, 'GET /v1/models HTTP/1.0\r\n\r\n')), [200]);
    }));
});

test('a server with keys answers under every name and to every page that has a key', async () => {
  const app = await door({ keys: ['k'] });
  const headers = { authorization: 'Bearer k', host: 'anything.example', origin: ELSEWHERE };
  assert.equal((await app.inject({ url: '/v1/models', headers })).statusCode, 200);
});
