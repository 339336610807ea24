import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualTime } from '../../../test/manual-time.ts';
import { memoryBlobs, memoryStore, testStorage } from '../../../test/support.ts';
import { collectBytes } from '../../base/stream.ts';
import { createFileService } from './file-keeping.ts';
import type { FileToKeep } from './file-service.ts';

const HOUR_MS = 3_600_000;

function service(store = memoryStore()) {
  const time = manualTime(1_700_000_000_500);
  const blobs = memoryBlobs();
  const { signer } = testStorage({ store });
  const files = createFileService({
    files: store.files,
    blobs,
    signer,
    clock: time.clock,
    keepMs: () => HOUR_MS,
  });
  return { files, time, blobs };
}

function sound(facts: Partial<FileToKeep> = {}): FileToKeep {
  const bytes = Uint8Array.of(1, 2, 3);
  return { ownerId: 'ann', mediaType: 'audio/wav', filename: 'a “b”.wav', bytes, ...facts };
}

function partsOf(path: string) {
  const url = new URL(path, 'http://here');
  const expires = url.searchParams.get('expires') ?? '';
  return {
    id: url.pathname.split('/')[4] ?? '',
    expires,
    signature: url.searchParams.get('signature') ?? '',
  };
}

const NO_FILE = { code: 'not_found', subject: 'file' };

test('a file is kept for its owner, and for whoever has its address', async () => {
  const { files } = service();
  const kept = await files.keep(sound());
  assert.match(kept.id, /^[0-9a-f]{32}$/);
  assert.deepEqual(await files.find(kept.id, 'ann'), kept);
  assert.equal(await files.find(kept.id, 'bob'), undefined);
  assert.equal(await files.read(kept.id, 'bob'), undefined);
  const { path, expiresAt } = await files.link(kept);
  assert.equal(expiresAt, 1_700_003_600_000);
  assert.ok(
    path.startsWith(
      `/antiphon/v1/files/${kept.id}/a%20%E2%80%9Cb%E2%80%9D.wav?expires=1700003600&signature=`,
    ),
  );
  const opened = await files.open(partsOf(path));
  assert.deepEqual(opened.file, kept);
  assert.deepEqual(await collectBytes(opened.blob.open()), Uint8Array.of(1, 2, 3));
});

test('an address that was changed in any part opens nothing', async () => {
  const { files } = service();
  const [one, other] = [await files.keep(sound()), await files.keep(sound())];
  const address = partsOf((await files.link(one)).path);
  const changed = [
    { id: other.id },
    { expires: String(Number(address.expires) + 1) },
    { expires: `${address.expires}0` },
    { expires: '' },
    { expires: 'Infinity' },
    { signature: '' },
    { signature: `${address.signature}=` },
    { signature: `${address.signature.slice(0, -1)}${address.signature.endsWith('A') ? 'B' : 'A'}` },
    { signature: partsOf((await files.link(other)).path).signature },
  ];
  for (const change of changed) await assert.rejects(files.open({ ...address, ...change }), NO_FILE);
  await files.open(address);
});

test('an address of another installation opens nothing, one of another process does', async () => {
  const store = memoryStore();
  const { files } = service(store);
  const kept = await files.keep(sound());
  const address = partsOf((await files.link(kept)).path);
  await assert.rejects(service().files.open(address), NO_FILE);
  const { signer } = testStorage({ store });
  assert.equal(await signer.verify(`file ${kept.id} until ${address.expires}`, address.signature), true);
});

test('a file is gone when it has expired, and its bytes when that was swept', async () => {
  const { files, time, blobs } = service();
  const kept = await files.keep(sound());
  const longer = await files.keep(sound({ keepMs: 2 * HOUR_MS }));
  const address = partsOf((await files.link(kept)).path);
  await time.advance(HOUR_MS - 501);
  await files.open(address);
  await time.advance(501);
  await assert.rejects(files.open(address), NO_FILE);
  assert.equal(await files.find(kept.id, 'ann'), undefined);
  assert.equal(blobs.kept.size, 2);
  await files.sweep();
  assert.deepEqual([...blobs.kept.keys()], [`files/${longer.id}`]);
});

test('what is kept again under the same id takes the place of the first, and never of somebody else’s', async () => {
  const { files } = service();
  const id = 'a'.repeat(32);
  await files.keep(sound({ id }));
  const again = await files.keep(sound({ id, bytes: Uint8Array.of(9) }));
  assert.equal(again.byteLength, 1);
  await assert.rejects(files.keep(sound({ id, ownerId: 'bob', bytes: Uint8Array.of(7) })), {
    code: 'internal',
  });
  const blob = await files.read(id, 'ann');
  assert.deepEqual(blob && (await collectBytes(blob.open())), Uint8Array.of(9));
});

test('a file that was removed is gone, and only its owner removes it', async () => {
  const { files, blobs } = service();
  const kept = await files.keep(sound());
  const address = partsOf((await files.link(kept)).path);
  assert.equal(await files.remove(kept.id, 'bob'), false);
  await files.open(address);
  assert.equal(await files.remove(kept.id, 'ann'), true);
  await assert.rejects(files.open(address), NO_FILE);
  assert.equal(blobs.kept.size, 0);
});
