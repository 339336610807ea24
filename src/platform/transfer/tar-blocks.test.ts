import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { collectBytes } from '../../base/stream.ts';
import { readArchive } from './archive-reading.ts';
import { createArchive } from './archive-writing.ts';
import { readTarHeader, TAR_BLOCK, tarHeader, tarPadding } from './tar-blocks.ts';

const FILES = {
  'first.json': new TextEncoder().encode('{}'),
  empty: new Uint8Array(),
  'blobs/whole-block': new Uint8Array(TAR_BLOCK).fill(7),
  [`blobs/${'long/'.repeat(30)}name`]: new Uint8Array(70_001).fill(9),
} as const;

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-tar-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function write(path: string): Promise<void> {
  const archive = await createArchive(path, 1_800_000_000);
  for (const [name, bytes] of Object.entries(FILES)) {
    await archive.add(
      name,
      bytes.length,
      (async function* () {
        for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
      })(),
    );
  }
  await archive.finish();
}

async function read(path: string): Promise<Record<string, Uint8Array>> {
  const found: Record<string, Uint8Array> = {};
  for await (const { name, bytes } of readArchive(path, (names) => names))
    found[name] = new Uint8Array(await collectBytes(bytes()));
  return found;
}

for (const kind of ['one.tar', 'one.tar.zst', 'folder']) {
  test(`what goes into ${kind} comes out again, and nobody else can read it`, () =>
    inFolder(async (folder) => {
      const path = join(folder, kind);
      await write(path);
      assert.deepEqual(await read(path), { ...FILES });
      assert.equal(statSync(path).mode & 0o077, 0);
    }));
}

test('files that are passed over, or left in the middle, do not hinder the next', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'one.tar.zst');
    await write(path);
    const names: string[] = [];
    for await (const { name, bytes } of readArchive(path, (all) => all)) {
      names.push(name);
      if (name.startsWith('blobs/')) for await (const _first of bytes()) break;
    }
    assert.deepEqual(names, Object.keys(FILES));
  }));

test('the system’s own tar reads the archive', (t) =>
  inFolder(async (folder) => {
    const path = join(folder, 'one.tar');
    await write(path);
    const { status, error } = spawnSync('tar', ['xf', path, '-C', folder]);
    if (error) return t.skip('there is no tar on this machine');
    assert.equal(status, 0);
    for (const [name, bytes] of Object.entries(FILES))
      assert.deepEqual(new Uint8Array(readFileSync(join(folder, name))), bytes);
  }));

test('an archive that was cut, or is something else, is told from a whole one', () =>
  inFolder(async (folder) => {
    for (const kind of ['one.tar', 'one.tar.zst']) {
      const path = join(folder, kind);
      await write(path);
      await truncate(path, Math.floor(statSync(path).size / 2));
      await assert.rejects(read(path), kind);
      await writeFile(path, 'x'.repeat(5000));
      await assert.rejects(read(path), kind);
    }
  }));

test('an archive that fails while it is written leaves nothing behind', () =>
  inFolder(async (folder) => {
    for (const kind of ['one.tar', 'one.tar.zst', 'folder']) {
      const archive = await createArchive(join(folder, kind), 0);
      const breaking = async function* () {
        yield new Uint8Array(10);
        throw new Error('the disk broke');
      };
      await assert.rejects(archive.add('a', 100, breaking()), /the disk broke/);
      await archive.abandon();
      assert.deepEqual(await read(folder), {}, kind);
    }
  }));

test('sizes beyond eight gigabytes are told, and names that do not fit are refused', () => {
  for (const size of [0, 511, 8 ** 11 - 1, 8 ** 11, 2 ** 45 + 3])
    assert.deepEqual(readTarHeader(tarHeader({ name: 'a', size }, 5)), { name: 'a', size });
  assert.equal(tarPadding(512).length, 0);
  assert.equal(tarPadding(513).length, 511);
  assert.throws(() => tarHeader({ name: 'a'.repeat(101), size: 0 }, 0), /too long/);
  const damaged = tarHeader({ name: 'a', size: 5 }, 5);
  damaged[0] = 98;
  assert.throws(() => readTarHeader(damaged), /damaged/);
});
