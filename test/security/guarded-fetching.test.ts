import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import {
  createGuardedFetcher,
  guardedPost,
  type GuardedFetcherSettings,
} from '../../src/platform/guarded-fetcher.ts';

const bounds = () => ({ maxBytes: 100_000, signal: new AbortController().signal });

/** Every name leads to this machine, which counts as public only where it is said so. */
function fetcher(settings: Partial<GuardedFetcherSettings> = {}) {
  return createGuardedFetcher({ allowedNetworks: [], resolve: async () => ['127.0.0.1'], ...settings });
}

async function site(
  t: TestContext,
  answer: RequestListener,
): Promise<{ port: number; seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  // A server that listens on TCP has an address of this kind.
  return { port: (server.address() as AddressInfo).port, seen };
}

describe('an address that only this machine or its network can reach', () => {
  const written: Readonly<Record<string, readonly string[]>> = {
    'in other digits': ['2130706433', '0x7f.1', '0177.1', '017700000001', '127.0.1', '0', '0x0', '00.0.0.0'],
    'in letters that look like digits': ['１２７.０.０.１', '①②⑦.0.0.1', '127。0。0。1', '%31%32%37.0.0.1'],
    'as IPv6': ['[::]', '[::1]', '[0:0:0:0:0:0:0:1]', '[fe80::1]', '[fc00::1]', '[fec0::1]', '[ff02::1]'],
    'as IPv4 in IPv6': ['[::ffff:127.0.0.1]', '[::ffff:a00:1]', '[::127.0.0.1]', '[::ffff:0:127.0.0.1]'],
    'behind a translator or a tunnel': [
      '[64:ff9b::7f00:1]',
      '[64:ff9b:1::a00:1]',
      '[2002:7f00:1::]',
      '[2001::1]',
    ],
    'of a cloud': ['169.254.169.254', '[fd00:ec2::254]', '168.63.129.16', '100.100.100.200', '192.0.0.192'],
    'that means everybody or nobody': [
      '255.255.255.255',
      '224.0.0.1',
      '240.0.0.1',
      '198.18.0.1',
      '192.0.2.1',
    ],
  };
  for (const [how, hosts] of Object.entries(written)) {
    test(`is not fetched from, written ${how}`, async () => {
      const guarded = createGuardedFetcher({ allowedNetworks: [] });
      for (const host of hosts) {
        for (const url of [`http://${host}/x.wav`, `https://${host}:8443/x.wav`]) {
          await assert.rejects(guarded.fetch(url, bounds()), { reason: 'private_address' }, url);
        }
      }
    });
  }

  test('is not fetched from by a name, however that is written', async () => {
    const urls = [
      'http://a.test/',
      'http://a.test./',
      'HTTP://A.TEST/',
      'http:a.test',
      'http:\\\\a.test\\x',
      'http://ä.test/',
    ];
    for (const url of urls) {
      await assert.rejects(fetcher().fetch(url, bounds()), { reason: 'private_address' }, url);
    }
  });

  test('does not hide behind what looks like a public one', async () => {
    const guarded = createGuardedFetcher({ allowedNetworks: [] });
    const urls = [
      ['http://1.1.1.1@127.0.0.1/', 'credentials'],
      ['http://1.1.1.1:80@127.0.0.1/', 'credentials'],
      ['http://1.1.1.1&@127.0.0.1#@8.8.8.8/', 'credentials'],
      ['http://127.0.0.1#@1.1.1.1/', 'private_address'],
      ['http://127.0.0.1?@1.1.1.1/', 'private_address'],
      ['http://127.0.0.1\\@1.1.1.1/', 'private_address'],
      ['http://[::1%251]/', 'malformed'],
      ['http://127.0.0.1:99999/', 'malformed'],
      ['http://256.0.0.1/', 'malformed'],
    ] as const;
    for (const [url, reason] of urls) await assert.rejects(guarded.fetch(url, bounds()), { reason }, url);
  });

  test('may be allowed by the operator, and only that', async (t) => {
    const { port } = await site(t, (_, response) => response.end('sound'));
    const guarded = createGuardedFetcher({ allowedNetworks: ['127.0.0.1/32'] });
    assert.equal(
      Buffer.from((await guarded.fetch(`http://127.0.0.1:${port}/`, bounds())).bytes).toString(),
      'sound',
    );
    for (const host of ['127.0.0.2', '[::1]', '10.0.0.1'])
      await assert.rejects(guarded.fetch(`http://${host}:${port}/`, bounds()), { reason: 'private_address' });
  });
});

test('a name that answers differently the second time is not asked a second time, in any hop', async (t) => {
  const { port, seen } = await site(t, (request, response) => {
    if (request.url === '/start') response.writeHead(302, { location: `http://b.test:${port}/end` }).end();
    else response.end('arrived');
  });
  const asked: string[] = [];
  const resolve = async (host: string) => {
    asked.push(host);
    return asked.filter((one) => one === host).length === 1 ? ['127.0.0.1'] : ['10.0.0.1'];
  };
  const guarded = fetcher({ resolve, isPublic: (address) => address === '127.0.0.1' });
  await guarded.fetch(`http://a.test:${port}/start`, bounds());
  assert.deepEqual(asked, ['a.test', 'b.test']);
  assert.deepEqual(
    seen.map(({ headers }) => headers.host),
    [`a.test:${port}`, `b.test:${port}`],
  );
});

test('nothing of the server goes along: no cookie, no key, no address of where it was sent from', async (t) => {
  const { port, seen } = await site(t, (request, response) => {
    if (request.url === '/start') response.writeHead(302, { location: '/end', 'set-cookie': 'a=b' }).end();
    else response.end('x');
  });
  await fetcher({ isPublic: () => true }).fetch(`http://a.test:${port}/start`, bounds());
  for (const { headers } of seen)
    assert.deepEqual(Object.keys(headers).sort(), ['accept-encoding', 'connection', 'host', 'user-agent']);
  assert.equal(seen.length, 2);
});

test('ports of mail, shells and other services are refused, unless the operator allowed the network', async () => {
  for (const port of [0, 1, 22, 25, 110, 143, 465, 587, 993]) {
    const guarded = fetcher({ isPublic: () => true });
    await assert.rejects(guarded.fetch(`http://a.test:${port}/`, bounds()), { reason: 'port' }, String(port));
  }
  const allowed = createGuardedFetcher({ allowedNetworks: ['127.0.0.0/8'] });
  await assert.rejects(allowed.fetch('http://127.0.0.1:1/', bounds()), { reason: 'unreachable' });
});

test('a name server that never answers holds nobody longer than the time there is', async () => {
  const never = () => new Promise<readonly string[]>(() => undefined);
  await assert.rejects(fetcher({ resolve: never, timeoutMs: 20 }).fetch('http://a.test/', bounds()), {
    code: 'timed_out',
  });
  const hangUp = new AbortController();
  const waiting = fetcher({ resolve: never }).fetch('http://a.test/', { maxBytes: 1, signal: hangUp.signal });
  hangUp.abort();
  await assert.rejects(waiting, { code: 'cancelled' });
});

test('what is sent, such as a webhook, goes by the same rules and follows nobody elsewhere', async (t) => {
  const { port, seen } = await site(t, (_, response) =>
    response.writeHead(307, { location: 'http://10.0.0.1/' }).end(),
  );
  const { signal } = new AbortController();
  const message = (url: string) => ({ url, headers: {}, body: '{}' });
  const settings = { allowedNetworks: [] };
  for (const url of ['http://127.0.0.1/', 'http://[::ffff:10.0.0.1]/', 'http://169.254.169.254/latest']) {
    await assert.rejects(guardedPost(message(url), settings, signal), { reason: 'private_address' }, url);
  }
  const open = { ...settings, isPublic: () => true };
  assert.equal(await guardedPost(message(`http://127.0.0.1:${port}/`), open, signal), 307);
  assert.equal(seen.length, 1);
});
