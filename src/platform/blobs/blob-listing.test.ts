import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startS3 } from '../../../test/s3-server.ts';
import { createFileBlobs } from './file-blobs.ts';
import { createS3Blobs } from './s3-blobs.ts';
import { listObjects } from './s3-listing.ts';
import type { S3Request } from './s3-requests.ts';

test('files tell all their blobs, and nothing else that lies among them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-listing-'));
  const blobs = createFileBlobs(folder);
  for (const id of ['a', 'b/c', 'b/d/e-f_g']) await blobs.put(id, new Uint8Array(id.length));
  writeFileSync(join(folder, 'b', 'x.0123456789abcdef.part'), 'half');
  writeFileSync(join(folder, '.hidden'), '');
  mkdirSync(join(folder, 'empty'));
  const found = (await Array.fromAsync(blobs.list())).sort((one, other) => one.id.localeCompare(other.id));
  assert.deepEqual(found, [
    { id: 'a', byteLength: 1 },
    { id: 'b/c', byteLength: 3 },
    { id: 'b/d/e-f_g', byteLength: 9 },
  ]);
  assert.deepEqual(await Array.fromAsync(createFileBlobs(join(folder, 'none')).list()), []);
  rmSync(folder, { recursive: true, force: true });
});

test('S3 tells all blobs under its own prefix', async () => {
  const s3 = await startS3();
  const blobs = createS3Blobs(s3.place);
  const other = createS3Blobs({ ...s3.place, prefix: 'some/other/' });
  await other.put('x', new Uint8Array(1));
  for (const id of ['a', 'b/c', 'b/d/e-f_g']) await blobs.put(id, new Uint8Array(id.length));
  const found = await Array.fromAsync(blobs.list());
  assert.deepEqual(found.map(({ id, byteLength }) => `${id} ${byteLength}`).sort(), [
    'a 1',
    'b/c 3',
    'b/d/e-f_g 9',
  ]);
  await s3.close();
});

test('a listing in several pages is read to its end, and names are taken for what they are', async () => {
  const asked: S3Request[] = [];
  const page = (keys: readonly string[], next: string) =>
    `<ListBucketResult>${keys.map((key) => `<Contents><Key>${key}</Key><Size>7</Size></Contents>`).join('')}${next}</ListBucketResult>`;
  const send = async (request: S3Request) => {
    asked.push(request);
    const isFirst = request.query?.['continuation-token'] === undefined;
    return new Response(
      isFirst
        ? page(['p/one', 'p/folder/'], '<NextContinuationToken>a&amp;b=</NextContinuationToken>')
        : page(['p/two', 'q/strange'], ''),
    );
  };
  const found = await Array.fromAsync(listObjects(send, 'p/'));
  assert.deepEqual(found, [
    { id: 'one', byteLength: 7 },
    { id: 'two', byteLength: 7 },
  ]);
  assert.deepEqual(
    asked.map(({ query }) => [query?.['prefix'], query?.['continuation-token']]),
    [
      ['p/', undefined],
      ['p/', 'a&b='],
    ],
  );
});
