import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeBlobContract } from '../../../test/contracts/blob-contract.ts';
import { createFileBlobs } from './file-blobs.ts';

describeBlobContract('file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-blobs-'));
  return {
    blobs: createFileBlobs(folder),
    count: async () => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).length;
    },
    remove: async () => rm(folder, { recursive: true, force: true }),
  };
});

test('what a killed process left half written is removed after an hour, and nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-blobs-'));
  const blobs = createFileBlobs(folder);
  const writing = Promise.withResolvers<void>();
  async function* bytes() {
    yield Uint8Array.of(1);
    await writing.promise;
    yield Uint8Array.of(2);
  }
  try {
    await blobs.put('history/kept', Uint8Array.of(1));
    const put = blobs.put('history/on-its-way', bytes());
    const now = Date.now() / 1000;
    const age = async (name: string, seconds: number) => {
      await writeFile(join(folder, name), 'x', { flag: 'a' });
      await utimes(join(folder, name), now - seconds, now - seconds);
    };
    await age('history/old.0123456789abcdef.part', 3_700);
    await age('old.fedcba9876543210.part', 90_000);
    await age('history/fresh.0123456789abcdef.part', 3_500);
    await age('history/kept', 90_000);
    await age('history/ours.part', 90_000);
    await blobs.sweep();
    writing.resolve();
    assert.equal(await put, 2);
    const left = await readdir(folder, { recursive: true });
    assert.deepEqual(left.toSorted(), [
      'history',
      'history/fresh.0123456789abcdef.part',
      'history/kept',
      'history/on-its-way',
      'history/ours.part',
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('there is nothing to remove from a folder that does not exist yet', () =>
  createFileBlobs(join(tmpdir(), 'antiphon-no-blobs')).sweep());
