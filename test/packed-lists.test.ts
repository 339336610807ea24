/** That lists and documents of the whole server go packed over a connection, and are what they are without it. */
import assert from 'node:assert/strict';
import { get, type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { listening } from './support.ts';

interface Heard {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

/** What comes over the connection, which `fetch` would unpack. */
function hear(url: string, headers: Readonly<Record<string, string>>): Promise<Heard> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (answer) => {
      buffer(answer).then(
        (bytes) => resolve({ status: answer.statusCode, headers: answer.headers, bytes }),
        reject,
      );
    }).on('error', reject);
  });
}

test('each API has long lists or documents packed for a client that asks for it, and they are the same to all', () =>
  listening({ keys: ['k'], cors: ['https://page.example'] }, async ({ origin }) => {
    const asking = { authorization: 'Bearer k', 'xi-api-key': 'k', origin: 'https://page.example' };
    for (const path of ['/v1/models', '/antiphon/v1/capabilities', '/openapi/eigen.json']) {
      const plain = await hear(origin + path, asking);
      const packed = await hear(origin + path, { ...asking, 'accept-encoding': 'gzip, deflate' });
      assert.deepEqual([plain.status, packed.status], [200, 200], path);
      assert.equal(plain.headers['content-encoding'], undefined, path);
      assert.equal(packed.headers['content-encoding'], 'gzip', path);
      assert.equal(packed.headers['content-length'], String(packed.bytes.length), path);
      for (const { headers } of [plain, packed]) {
        assert.match(String(headers.vary), /origin/i);
        assert.match(String(headers.vary), /accept-encoding/);
      }
      assert.deepEqual(JSON.parse(gunzipSync(packed.bytes).toString()), JSON.parse(plain.bytes.toString()));
      assert.ok(packed.bytes.length < plain.bytes.length / 2, path);
    }
  }));

test('refusals and sound are as they were', () =>
  listening({ keys: ['k'] }, async ({ origin }) => {
    const accepting = { 'accept-encoding': 'gzip' };
    const refused = await hear(`${origin}/v1/models`, accepting);
    assert.equal(refused.status, 401);
    assert.equal(refused.headers['content-encoding'], undefined);
    const spoken = await fetch(`${origin}/v1/audio/speech`, {
      method: 'POST',
      headers: { ...accepting, authorization: 'Bearer k', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'tts-1', voice: 'alloy', input: 'Hello.', response_format: 'wav' }),
    });
    assert.equal(spoken.status, 200);
    assert.equal(spoken.headers.get('content-encoding'), null);
    assert.equal(Buffer.from(await spoken.arrayBuffer()).toString('latin1', 0, 4), 'RIFF');
  }));
