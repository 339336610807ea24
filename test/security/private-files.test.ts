import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createFileBlobs } from '../../src/platform/blobs/file-blobs.ts';
import { takeLock } from '../../src/platform/models/download-lock.ts';
import { writeManifest } from '../../src/platform/models/install-manifest.ts';
import { prepareFile } from '../../src/platform/models/weights-path.ts';
import { openSqliteStore } from '../../src/platform/store/sqlite-store.ts';
import { createUploadFolder } from '../../src/platform/upload-folder.ts';

/** A folder in a process that makes everything readable for everybody, where nobody says otherwise. */
function openFolder(t: TestContext): string {
  const before = process.umask(0);
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-modes-'));
  t.after(() => {
    process.umask(before);
    rmSync(folder, { recursive: true, force: true });
  });
  return join(folder, 'data');
}

/** Everything below a folder, and itself, as `path: mode`. */
function modesIn(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return ['', ...entries].map((entry) => {
    const facts = statSync(join(folder, entry));
    const due = facts.isDirectory() ? 0o700 : 0o600;
    const mode = facts.mode & 0o777;
    return mode === due ? 'private' : `${entry}: ${mode.toString(8)}`;
  });
}

function assertPrivate(folder: string, least: number): void {
  const modes = modesIn(folder);
  assert.ok(modes.length >= least, `only ${modes.length} entries were seen`);
  assert.deepEqual(
    modes.filter((mode) => mode !== 'private'),
    [],
  );
}

const skip = process.platform === 'win32' ? 'this system has no such permissions' : false;

test('the database and what lies beside it can be read by its own user only', { skip }, async (t) => {
  const folder = openFolder(t);
  const store = openSqliteStore(join(folder, 'antiphon.sqlite'));
  assertPrivate(folder, 3);
  await store.close();
});

test('a database that everybody could read is closed to them when it is opened', { skip }, async (t) => {
  const folder = openFolder(t);
  const path = join(folder, 'antiphon.sqlite');
  await openSqliteStore(path).close();
  chmodSync(path, 0o644);
  const store = openSqliteStore(path);
  assertPrivate(folder, 3);
  await store.close();
});

test(
  'kept bytes, uploads, and models on their way are private, whatever the process is told',
  { skip },
  async (t) => {
    const folder = openFolder(t);
    await createFileBlobs(join(folder, 'blobs')).put('voices/a/b', Buffer.from('x'));
    const shelf = createUploadFolder({ folder: join(folder, 'uploads') }).open();
    async function* bytes() {
      yield Buffer.from('x');
    }
    await shelf.keep(bytes());
    const models = join(folder, 'models');
    const lock = await takeLock(join(models, '.locks', 'a.lock'));
    const file = { path: 'a.onnx', bytes: 1, sha256: '', pinnedBy: 'nobody' } as const;
    await prepareFile(models, 'voices/a.onnx');
    await writeManifest(models, {
      format: 1,
      id: 'a',
      repository: 'a/a',
      revision: 'main',
      installedAt: '',
      files: [file],
      damaged: [],
    });
    assertPrivate(folder, 12);
    lock?.release();
    await shelf.clear();
  },
);
