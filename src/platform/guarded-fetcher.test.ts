import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { createGuardedFetcher, type GuardedFetcherSettings } from './guarded-fetcher.ts';

/** A server on loopback, under a name that the fetcher's resolver is told. */
async function site(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  // A server that listens on TCP has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return `http://voices.example:${port}`;
}

/** Takes the loopback address for a public one, as long as it is reached by the name of the site. */
function fetcher(settings: Partial<GuardedFetcherSettings> = {}) {
  return createGuardedFetcher({
    allowedNetworks: [],
    resolve: async (host) => (host === 'voices.example' ? ['127.0.0.1'] : [host]),
    isPublic: (address) => address === '127.0.0.1',
    ...settings,
  });
}

const bounds = () => ({ maxBytes: 100_000, signal: new AbortController().signal });

test('gives the bytes, the type and the file name', async (t) => {
  const url = await site(t, (request, response) => {
    assert.equal(request.headers['accept-encoding'], 'identity');
    response.writeHead(200, { 'content-type': 'Audio/WAV; x=1' }).end('sound');
  });
  const media = await fetcher().fetch(`${url}/a%20voice.wav?token=1`, bounds());
  assert.equal(Buffer.from(media.bytes).toString(), 'sound');
  assert.deepEqual([media.mediaType, media.filename], ['audio/wav', 'a voice.wav']);
});

test('refuses every address that only this machine or its network can reach, however it is written', async () => {
  const guarded = createGuardedFetcher({ allowedNetworks: [] });
  const hosts = [
    ['127.0.0.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.1', '0.0.0.0', '10.0.0.5'],
    ['169.254.169.254', '192.168.0.1', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[fe80::1]'],
    ['[fd00::1]', '[64:ff9b::7f00:1]', 'localhost', '100.64.0.1'],
  ];
  for (const host of hosts.flat()) {
    await assert.rejects(
      guarded.fetch(`http://${host}/x.wav`, bounds()),
      { code: 'invalid_request', reason: 'private_address' },
      host,
    );
  }
});

test('refuses a host when one of its addresses is not public', async () => {
  const guarded = fetcher({
    resolve: async () => ['93.184.216.34', '10.0.0.1'],
    isPublic: (address) => address.startsWith('93.'),
  });
  await assert.rejects(guarded.fetch('http://two-faced.example/x', bounds()), { reason: 'private_address' });
});

test('connects to the address that was judged: the host is resolved once', async (t) => {
  const url = await site(t, (_, response) => response.end('once'));
  const answers = [['127.0.0.1'], ['10.0.0.1']];
  const guarded = fetcher({ resolve: async () => answers.shift() ?? [] });
  const media = await guarded.fetch(url, bounds());
  assert.equal(Buffer.from(media.bytes).toString(), 'once');
  assert.equal(answers.length, 1);
});

test('judges every redirect anew', async (t) => {
  const url = await site(t, (request, response) => {
    const to = new URL(request.url ?? '', 'http://x').searchParams.get('to') ?? '/end';
    if (request.url === '/end') response.end('arrived');
    else response.writeHead(302, { location: to }).end();
  });
  const arrived = await fetcher().fetch(`${url}/start`, bounds());
  assert.equal(Buffer.from(arrived.bytes).toString(), 'arrived');
  for (const to of ['http://10.0.0.1/', 'http://[::ffff:192.168.0.1]/', 'http://3232235521/']) {
    await assert.rejects(fetcher().fetch(`${url}/go?to=${encodeURIComponent(to)}`, bounds()), {
      reason: 'private_address',
    });
  }
  for (const to of ['file:///etc/passwd', 'gopher://voices.example/']) {
    await assert.rejects(fetcher().fetch(`${url}/go?to=${encodeURIComponent(to)}`, bounds()), {
      reason: 'scheme',
    });
  }
});

test('gives up after five redirects', async (t) => {
  let asked = 0;
  const url = await site(t, (_, response) => {
    asked += 1;
    response.writeHead(307, { location: '/again' }).end();
  });
  await assert.rejects(fetcher().fetch(url, bounds()), { reason: 'too_many_redirects' });
  assert.equal(asked, 6);
});

test('refuses what is larger than the limit, announced or not, without reading it all', async (t) => {
  let sent = 0;
  const url = await site(t, (request, response) => {
    if (request.url === '/announced') response.writeHead(200, { 'content-length': 2_000_000_000 });
    const pour = () => {
      while (sent < 50_000_000 && response.write(Buffer.alloc(65_536))) sent += 65_536;
    };
    response.on('drain', pour);
    pour();
  });
  await assert.rejects(fetcher().fetch(`${url}/announced`, bounds()), { code: 'payload_too_large' });
  await assert.rejects(fetcher().fetch(`${url}/poured`, bounds()), { code: 'payload_too_large' });
  assert.ok(sent < 20_000_000, `${sent} bytes were taken`);
});

test('gives up on a server that drips', async (t) => {
  const url = await site(t, (_, response) => {
    response.write('a');
  });
  await assert.rejects(fetcher({ timeoutMs: 50 }).fetch(url, bounds()), { code: 'timed_out' });
});

test('stops when its caller hangs up', async (t) => {
  const hangUp = new AbortController();
  const url = await site(t, (_, response) => {
    response.write('a');
    hangUp.abort();
  });
  await assert.rejects(fetcher().fetch(url, { maxBytes: 10, signal: hangUp.signal }), { code: 'cancelled' });
});

test('refuses web pages, errors, other schemes, credentials and nonsense, each by name', async (t) => {
  const url = await site(t, (request, response) => {
    if (request.url === '/page') response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    else response.writeHead(404).end();
  });
  const cases = [
    [`${url}/page`, 'web_page'],
    [`${url}/missing`, 'bad_status'],
    ['ftp://voices.example/x', 'scheme'],
    ['data:audio/wav;base64,AAAA', 'scheme'],
    ['http://user:pass@voices.example/', 'credentials'],
    ['no address', 'malformed'],
    ['http://', 'malformed'],
  ] as const;
  for (const [address, reason] of cases) {
    await assert.rejects(fetcher().fetch(address, bounds()), { code: 'invalid_request', reason }, address);
  }
});

test('says so when nobody answers or the host does not exist', async (t) => {
  const closed = await new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      // A server that listens on TCP has an address of this kind.
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
  await assert.rejects(fetcher().fetch(`http://voices.example:${closed}/`, bounds()), {
    reason: 'unreachable',
  });
  const lost = fetcher({ resolve: async () => Promise.reject(new Error('ENOTFOUND')) });
  await assert.rejects(lost.fetch('http://nowhere.example/', bounds()), { reason: 'unknown_host' });
  t.diagnostic('no name was looked up outside');
});

test('fetches from a private network that the installation allows', async (t) => {
  const url = await site(t, (_, response) => response.end('inside'));
  const inside = fetcher({ isPublic: () => false, allowedNetworks: ['127.0.0.0/8'] });
  const media = await inside.fetch(url, bounds());
  assert.equal(Buffer.from(media.bytes).toString(), 'inside');
});
