/** That what lies on disk is what was sent, to the byte, whatever the pieces in which it came. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fastify from 'fastify';
import { mediaChunks } from '../src/core/media-input.ts';
import { acceptForms } from '../src/dialects/accept-forms.ts';
import { readForm } from '../src/dialects/parse-form.ts';
import { filePart, rawForm, textPart, type RawForm } from './raw-form.ts';
import { watchedUploads } from './upload-support.ts';

interface Read {
  readonly digests: readonly string[];
  readonly heads: readonly string[];
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A server that tells the digests of the files of a form, each read twice, and of their first bytes. */
async function reader(t: { after(done: () => void): void }) {
  const app = fastify();
  await acceptForms(app, { uploads: watchedUploads(t).room, log: app.log });
  app.post('/', async (request): Promise<Read> => {
    const { files } = await readForm(request, { fileBytes: 64_000_000, files: 4 });
    const digests: string[] = [];
    for (const { media } of [...files, ...files]) {
      const hash = createHash('sha256');
      const chunks = mediaChunks(media);
      if (chunks instanceof Uint8Array) hash.update(chunks);
      else for await (const chunk of chunks) hash.update(chunk);
      digests.push(hash.digest('hex'));
    }
    return { digests, heads: files.map(({ head }) => digest(head)) };
  });
  t.after(() => void app.close());
  return app;
}

function expected(files: readonly Uint8Array[]): Read {
  return {
    digests: [...files, ...files].map(digest),
    heads: files.map((file) => digest(file.subarray(0, 65_536))),
  };
}

/** All but the last letter of what ends a part, over and over: wherever a piece of the form ends, its end may have begun. */
function nearlyEnding({ headers }: RawForm): Buffer {
  const boundary = /boundary=(.*)/.exec(headers['content-type'] ?? '')?.[1] ?? '';
  assert.ok(boundary !== '');
  const bait = `\r\n--${boundary.slice(0, -1)}`;
  // Of odd length, so that pieces of 64 KiB end at every letter of it.
  return Buffer.from((bait.length % 2 === 0 ? `${bait}x` : bait).repeat(120_000));
}

test('files come over the network to the byte, and are there to be read again', async (t) => {
  const app = await reader(t);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  const bait = nearlyEnding(rawForm([]));
  const files = [bait, randomBytes(300_000), randomBytes(9_000_001), bait.subarray(1)];
  const form = rawForm([textPart('model', 'any'), ...files.map((file) => filePart(file))]);
  const answer = await fetch(`http://127.0.0.1:${port}/`, {
    method: 'POST',
    headers: form.headers,
    body: Uint8Array.from(form.payload),
  });
  assert.deepEqual(await answer.json(), expected(files));
});

test('a form that came over no network stays as it was for whoever holds it', async (t) => {
  const app = await reader(t);
  const file = randomBytes(3_000_000);
  const { headers, payload } = rawForm([filePart(file)]);
  const pieces: Buffer[] = [];
  for (let at = 0; at < payload.length; at += 65_536) {
    // Each in a buffer of its own, as a connection hands them out.
    pieces.push(Buffer.from(new Uint8Array(payload.subarray(at, at + 65_536)).buffer));
  }
  for (const time of ['first', 'second']) {
    const answer = await app.inject({
      method: 'POST',
      url: '/',
      headers,
      payload: Readable.from(pieces, { objectMode: false }),
    });
    assert.deepEqual(answer.json(), expected([file]), time);
  }
  assert.deepEqual(Buffer.concat(pieces), payload);
});
