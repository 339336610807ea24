import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import fastify, { type FastifyInstance } from 'fastify';
import { createApp } from './app.ts';
import { dialects } from './dialects/index.ts';
import { servePlayground } from './playground.ts';
import { testApp } from '../test/support.ts';

/** A server with nothing but a playground of two files. */
async function withPlayground(isBuilt: boolean, use: (app: FastifyInstance) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-pages-'));
  const app = fastify();
  try {
    if (isBuilt) {
      mkdirSync(join(folder, 'assets'));
      writeFileSync(join(folder, 'index.html'), '<meta name="style-nonce" content="%STYLE_NONCE%" />');
      writeFileSync(join(folder, 'assets', 'index-1.js'), 'export {};');
      writeFileSync(join(folder, 'assets', 'index-1.js.gz'), gzipSync('export {};'));
    }
    await servePlayground(app, folder);
    await use(app);
  } finally {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('serving the playground', () => {
  test('every page carries another nonce, which is the one of its policy, and no inline script or foreign origin is let in', () =>
    withPlayground(true, async (app) => {
      const nonces = new Set<string>();
      for (const method of ['GET', 'GET'] as const) {
        const { statusCode, headers, body } = await app.inject({ method, url: '/' });
        assert.equal(statusCode, 200);
        const nonce = /content="(\w{32})"/.exec(body)?.[1] ?? assert.fail(body);
        nonces.add(nonce);
        const policy = String(headers['content-security-policy']);
        assert.match(policy, /default-src 'none'/);
        assert.match(policy, new RegExp(`style-src 'self' 'nonce-${nonce}'`));
        assert.match(policy, /script-src 'self';/);
        assert.doesNotMatch(policy, /unsafe|https?:|\*/);
        assert.equal(headers['x-frame-options'], 'DENY');
        assert.equal(headers['cache-control'], 'no-cache');
      }
      assert.equal(nonces.size, 2);
    }));

  test('HEAD tells the same as GET without the page', () =>
    withPlayground(true, async (app) => {
      const { statusCode, headers, body } = await app.inject({ method: 'HEAD', url: '/' });
      assert.equal(statusCode, 200);
      assert.equal(headers['content-type'], 'text/html; charset=utf-8');
      assert.equal(body, '');
    }));

  test('parts, whose names change with their contents, may be kept for ever, and nothing beside them is served', () =>
    withPlayground(true, async (app) => {
      const part = await app.inject('/playground/assets/index-1.js');
      assert.equal(part.statusCode, 200);
      assert.match(String(part.headers['content-type']), /javascript/);
      assert.match(String(part.headers['cache-control']), /immutable/);
      for (const url of [
        '/playground/assets/..%2findex.html',
        '/playground/assets/',
        '/playground/assets/no.js',
      ])
        assert.ok((await app.inject(url)).statusCode >= 400, url);
    }));

  test('a part goes packed to a browser that unpacks it, and as it is to others', () =>
    withPlayground(true, async (app) => {
      const url = '/playground/assets/index-1.js';
      const packed = await app.inject({ url, headers: { 'accept-encoding': 'gzip, deflate, br' } });
      assert.equal(packed.headers['content-encoding'], 'gzip');
      assert.match(String(packed.headers['content-type']), /javascript/);
      assert.match(String(packed.headers.vary), /accept-encoding/i);
      assert.match(String(packed.headers['cache-control']), /immutable/);
      assert.equal(gunzipSync(packed.rawPayload).toString(), 'export {};');
      const plain = await app.inject({ url });
      assert.equal(plain.headers['content-encoding'], undefined);
      assert.match(String(plain.headers.vary), /accept-encoding/i);
      assert.equal(plain.body, 'export {};');
    }));

  test('where it was not built the server says how to build it', () =>
    withPlayground(false, async (app) => {
      const { statusCode, headers, body } = await app.inject('/');
      assert.equal(statusCode, 200);
      assert.match(String(headers['content-type']), /text\/plain/);
      assert.match(body, /npm run build/);
    }));
});

describe('the playground among the dialects', () => {
  test('nobody needs a key to see it, and what it asks of the APIs is let in like everybody else', async () => {
    const { app } = await testApp({ keys: ['secret'] });
    assert.equal((await app.inject('/')).statusCode, 200);
    assert.equal((await app.inject('/v1/models')).statusCode, 401);
    await app.close();
  });

  test('paths that are not there are still answered in the envelope of the dialect that they belong to', async () => {
    const { app } = await testApp();
    const openai = await app.inject('/v1/nothing');
    assert.equal(openai.statusCode, 404);
    assert.equal(openai.json().error.type, 'invalid_request_error');
    const elevenlabs = await app.inject('/elevenlabs/v1/nothing');
    assert.equal(elevenlabs.statusCode, 404);
    assert.ok(elevenlabs.json().detail);
    const part = await app.inject('/playground/nothing');
    assert.equal(part.statusCode, 404);
    await app.close();
  });

  test('a process that only does jobs serves no page', async () => {
    const { core } = await testApp();
    const worker = await createApp(core, { dialects, role: 'worker' });
    const { headers } = await worker.inject('/');
    assert.doesNotMatch(String(headers['content-type']), /text\/(html|plain)/);
    await worker.close();
  });
});
