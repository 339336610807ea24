import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readlinkSync } from 'node:fs';
import { readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { describeBlobContract } from '../../../test/contracts/blob-contract.ts';
import { untilSo } from '../../../test/limits-support.ts';
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

const noHandles = existsSync('/proc/self/fd') ? false : 'this system does not show which files are open';

test(
  'bytes that are asked for and left, unread or half read, keep no file open',
  { skip: noHandles },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'antiphon-blobs-'));
    const openFiles = () =>
      readdirSync('/proc/self/fd').filter((handle) => linkOf(`/proc/self/fd/${handle}`).startsWith(folder));
    try {
      const blobs = createFileBlobs(folder);
      await blobs.put('files/one', new Uint8Array(1_000_000));
      const blob = (await blobs.find('files/one')) ?? assert.fail('it is gone');
      const unread = blob.open();
      const sent = Readable.from(blob.open({ start: 1, end: 9 }), { objectMode: false });
      sent.destroy();
      await once(sent, 'close');
      for await (const chunk of blob.open()) {
        assert.equal(openFiles().length, 1, `while ${chunk.length} bytes are looked at`);
        break;
      }
      await untilSo(() => openFiles().length === 0);
      assert.ok(unread);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

/** What a handle leads to; nothing when it was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
