import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testApp } from '../../../test/support.ts';

const BYTES = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);

async function keptFile(options: Parameters<typeof testApp>[0] = {}) {
  const { app, core } = await testApp(options);
  const file = await core.files.keep({
    ownerId: 'ann',
    mediaType: 'audio/wav',
    filename: 'Übung (1).wav',
    bytes: BYTES,
  });
  const { path } = await core.files.link(file);
  const get = (headers = {}, url = path) => app.inject({ url, headers });
  return { app, core, file, path, get };
}

test('a file is given to whoever has its address, without a key, with everything a browser needs', async () => {
  const { app, file, get, path } = await keptFile({ keys: ['secret'], cors: 'loopback' });
  const whole = await get({ origin: 'https://anywhere.test' });
  assert.equal(whole.statusCode, 200);
  assert.deepEqual(new Uint8Array(whole.rawPayload), BYTES);
  const { headers } = whole;
  assert.equal(headers['content-type'], 'audio/wav');
  assert.equal(headers['content-length'], '1000');
  assert.equal(headers['accept-ranges'], 'bytes');
  assert.equal(headers['access-control-allow-origin'], '*');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['content-disposition'], "inline; filename*=UTF-8''%C3%9Cbung%20%281%29.wav");
  assert.match(String(headers['cache-control']), /^private, max-age=\d{5}, immutable$/);
  assert.equal(headers.etag, `"${file.id}-${file.createdAt}"`);
  assert.equal((await get({ 'if-none-match': `W/"x", ${headers.etag}` })).statusCode, 304);
  const head = await app.inject({ method: 'HEAD', url: path });
  assert.deepEqual([head.statusCode, head.headers['content-length'], head.body], [200, '1000', '']);
  await app.close();
});

test('a part of a file is given to whoever asks for it', async () => {
  const { app, file, get } = await keptFile();
  for (const [range, start, end] of [
    ['bytes=0-9', 0, 10],
    ['bytes=990-', 990, 1000],
    ['bytes=-10', 990, 1000],
    ['bytes=500-5000', 500, 1000],
  ] as const) {
    const part = await get({ range });
    assert.equal(part.statusCode, 206, range);
    assert.equal(part.headers['content-range'], `bytes ${start}-${end - 1}/1000`);
    assert.deepEqual(new Uint8Array(part.rawPayload), BYTES.subarray(start, end));
  }
  const outside = await get({ range: 'bytes=1000-' });
  assert.deepEqual([outside.statusCode, outside.headers['content-range']], [416, 'bytes */1000']);
  for (const headers of [
    { range: 'bytes=0-1,5-6' },
    { range: 'pages=1-2' },
    { range: 'bytes=0-9', 'if-range': '"older"' },
  ]) {
    const whole = await get(headers);
    assert.deepEqual([whole.statusCode, whole.rawPayload.length], [200, 1000], JSON.stringify(headers));
  }
  const same = await get({ range: 'bytes=0-9', 'if-range': `"${file.id}-${file.createdAt}"` });
  assert.equal(same.statusCode, 206);
  await app.close();
});

test('an address that was changed, or none of ours, finds nothing and tells nothing', async () => {
  const { app, path, get } = await keptFile();
  const [base = ''] = path.split('?');
  const said = new Set<string>();
  for (const url of [
    base,
    `${base}?expires=9999999999&signature=AAAA`,
    path.replace(/expires=\d/, 'expires=9'),
    `${path}A`,
    path.replace(/files\/./, 'files/z'),
    path.replace(/files\/[0-9a-f]+/, 'files/..%2f..%2fetc'),
  ]) {
    const answer = await get({}, url);
    assert.equal(answer.statusCode, 404, url);
    said.add(answer.body);
  }
  assert.equal(said.size, 1);
  await app.close();
});
