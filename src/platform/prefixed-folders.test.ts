import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AppError } from '../base/errors.ts';
import { createOutputFolders } from './prefixed-folders.ts';

async function withFolders(
  use: (at: { readonly folder: string; readonly other: string }) => Promise<void>,
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'antiphon-outputs-'));
  try {
    await use({ folder: join(root, 'one'), other: join(root, 'two') });
  } finally {
    await rm(root, { recursive: true });
  }
}

test('an address below a prefix becomes a file below its folder, the longest prefix first', () =>
  withFolders(async ({ folder, other }) => {
    const outputs = createOutputFolders({ 's3://bucket': folder, 's3://bucket/films/': other });
    assert(outputs.allows('s3://bucket/a/b.png'));
    await outputs.write('s3://bucket/a/b.png', Buffer.from('one'));
    await outputs.write('s3://bucket/a/b.png', Buffer.from('two'));
    await outputs.write('s3://bucket/films/c.png', Buffer.from('three'));
    assert.equal(await readFile(join(folder, 'a/b.png'), 'utf8'), 'two');
    assert.equal(await readFile(join(other, 'c.png'), 'utf8'), 'three');
    assert.deepEqual(await readdir(join(folder, 'a')), ['b.png']);
  }));

test('addresses elsewhere, and those that climb out or hide, are not allowed', () =>
  withFolders(async ({ folder }) => {
    const outputs = createOutputFolders({ 's3://bucket/renders': folder });
    const refused = [
      's3://bucket/rendersOther/a.png',
      's3://other/renders/a.png',
      's3://bucket/renders/',
      's3://bucket/renders/../a.png',
      's3://bucket/renders/./a.png',
      's3://bucket/renders//a.png',
      's3://bucket/renders/a\0.png',
      's3://bucket/renders/a\\b.png',
      `s3://bucket/renders/${'a/'.repeat(600)}b.png`,
      '/etc/passwd',
    ];
    for (const address of refused) assert.equal(outputs.allows(address), false, address);
    await assert.rejects(outputs.write('/etc/passwd', new Uint8Array(1)), { code: 'permission_denied' });
  }));

test('a link inside the folder leads nowhere else', () =>
  withFolders(async ({ folder, other }) => {
    const outputs = createOutputFolders({ 's3://bucket': folder, 's3://other': other });
    await outputs.write('s3://bucket/a.png', new Uint8Array(1));
    await outputs.write('s3://other/a.png', new Uint8Array(1));
    await symlink(other, join(folder, 'link'));
    await assert.rejects(
      outputs.write('s3://bucket/link/b.png', new Uint8Array(1)),
      (error: unknown) => error instanceof AppError && error.code === 'permission_denied',
    );
    assert.deepEqual(await readdir(other), ['a.png']);
  }));
