import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { assertOwnerIsThere, fillOwner } from '../../../test/full-installation.ts';
import { startPostgres, type PostgresServer } from '../../../test/postgres-server.ts';
import { S3_ENVIRONMENT, startS3 } from '../../../test/s3-server.ts';
import { blobGone } from '../blobs/blob-gone.ts';
import { createFileBlobs } from '../blobs/file-blobs.ts';
import { openPostgresStore } from '../store/postgres-store.ts';
import { migrateSqlite } from '../store/sqlite-migrating.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { checkBackup } from './backup-checking.ts';
import { writeBackup } from './backup-writing.ts';
import type { ListedBlobs } from './blob-copy.ts';
import { databaseFile, openInstallation, openListedBlobs, type InstallationPlace } from './installation.ts';
import { restoreBackup } from './restoring.ts';

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-backup-test-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function backUp(place: InstallationPlace, path: string, blobs?: ListedBlobs) {
  return writeBackup({
    place,
    blobs: blobs ?? openListedBlobs(place, S3_ENVIRONMENT),
    path,
    version: '0.0.0-test',
    now: 1_800_000_000_000,
  });
}

async function putBack(path: string, place: InstallationPlace, replace = false) {
  const backup = await checkBackup(path);
  const into = await openInstallation(place, S3_ENVIRONMENT);
  try {
    return await restoreBackup({ path, backup, into, folder: place.dataDir, replace });
  } finally {
    await into.close();
  }
}

/** An embedded installation whose server is still running. */
async function running(dataDir: string) {
  const store = openSqliteStore(databaseFile({ dataDir }));
  const blobs = createFileBlobs(join(dataDir, 'blobs'));
  return { store, blobs, ann: await fillOwner(store, blobs, 'ann') };
}

for (const kind of ['all.tar', 'all.tar.zst', 'folder']) {
  test(`an embedded installation is written to ${kind} while it runs, and put back somewhere else`, () =>
    inFolder(async (folder) => {
      const source = { dataDir: join(folder, 'old') };
      const { store, ann } = await running(source.dataDir);
      const path = join(folder, kind);
      const manifest = await backUp(source, path);
      assert.deepEqual(manifest.blobs, { count: 5, gone: 0, byteLength: 375_021 });
      await store.voices.remove(ann.voice.id, 'ann');
      await store.close();
      assert.equal(statSync(path).mode & 0o077, 0);
      assert.deepEqual(readdirSync(folder).sort(), [kind, 'old'].sort());
      const target = { dataDir: join(folder, 'new') };
      const report = await putBack(path, target);
      assert.equal(report.blobs, 5);
      assert.deepEqual(readdirSync(target.dataDir).sort(), ['antiphon.sqlite', 'blobs']);
      assert.equal(statSync(databaseFile(target)).mode & 0o077, 0);
      const again = openSqliteStore(databaseFile(target));
      await assertOwnerIsThere(again, createFileBlobs(join(target.dataDir, 'blobs')), ann);
      await again.close();
    }));
}

test('an installation that holds something is only replaced when that is asked for, and then wholly', () =>
  inFolder(async (folder) => {
    const [source, target] = [{ dataDir: join(folder, 'old') }, { dataDir: join(folder, 'new') }];
    const { store, ann } = await running(source.dataDir);
    await store.close();
    const path = join(folder, 'all.tar');
    await backUp(source, path);
    const other = openSqliteStore(databaseFile(target));
    const blobs = createFileBlobs(join(target.dataDir, 'blobs'));
    await fillOwner(other, blobs, 'bob');
    await assert.rejects(putBack(path, target), { code: 'conflict', message: /in use/ });
    await other.close();
    await assert.rejects(putBack(path, target), { code: 'conflict', message: /not empty/ });
    assert.ok(await blobs.find('history/bob'));
    const report = await putBack(path, target, true);
    assert.equal(report.removed, 5);
    assert.equal(await blobs.find('history/bob'), undefined);
    const again = openSqliteStore(databaseFile(target));
    await assertOwnerIsThere(again, blobs, ann);
    assert.deepEqual(
      (await again.keys.list()).map(({ id }) => id),
      ['ann'],
    );
    await again.close();
  }));

test('a blob that goes away or changes while it is read is left out, and that is no failure', () =>
  inFolder(async (folder) => {
    const source = { dataDir: join(folder, 'old') };
    const { store, blobs } = await running(source.dataDir);
    await store.close();
    const vanishing: ListedBlobs = {
      ...blobs,
      find: async (id) => {
        const found = await blobs.find(id);
        if (id === 'samples/ann') await blobs.remove(id);
        if (id === 'consents/ann') return undefined;
        if (id !== 'history/ann' || !found) return found;
        return {
          byteLength: found.byteLength,
          async *open() {
            yield new Uint8Array(1000);
            // As S3 tells it of an object that was replaced meanwhile.
            throw blobGone();
          },
        };
      },
    };
    const path = join(folder, 'all.tar.zst');
    const manifest = await backUp(source, path, vanishing);
    assert.deepEqual(manifest.blobs, { count: 2, gone: 3, byteLength: 20 });
    const target = { dataDir: join(folder, 'new') };
    const report = await putBack(path, target);
    assert.equal(report.blobs, 2);
    assert.equal(await createFileBlobs(join(target.dataDir, 'blobs')).find('history/ann'), undefined);
  }));

test('every kind of damage is found before anything is put back', () =>
  inFolder(async (folder) => {
    const source = { dataDir: join(folder, 'old') };
    const { store } = await running(source.dataDir);
    await store.close();
    const path = join(folder, 'kept');
    await backUp(source, path);
    const damages: readonly [RegExp, () => void][] = [
      [/blob history\/ann is damaged/, () => spoil(join(path, 'blobs/history/ann'))],
      [/the database is damaged/, () => spoil(join(path, 'antiphon.sqlite'))],
      [/checksum/, () => rmSync(join(path, 'checksums/history/ann'))],
      [/checksum/, () => rmSync(join(path, 'blobs/history/ann'))],
      [/its end is missing/, () => rmSync(join(path, 'manifest.json'))],
      [/does not begin/, () => rmSync(join(path, 'antiphon-backup.json'))],
      [/is no part of a back-up/, () => writeFileSync(join(path, 'more'), '')],
      [/format/, () => writeFileSync(join(path, 'antiphon-backup.json'), '{"format":2}')],
    ];
    for (const [complaint, damage] of damages) {
      rmSync(path, { recursive: true });
      await backUp(source, path);
      damage();
      await assert.rejects(putBack(path, { dataDir: join(folder, 'new') }), complaint);
    }
    assert.equal(existsSync(join(folder, 'new')), false);
  }));

function spoil(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

test('a back-up of every earlier schema is brought up to date as it is put back, one of a later is refused', () =>
  inFolder(async (folder) => {
    const known = migrateSqlite(new DatabaseSync(':memory:')).known;
    for (const version of [1, 5, known - 1, known + 1]) {
      const dataDir = join(folder, `old-${version}`);
      const file = databaseFile({ dataDir });
      openSqliteStore(join(dataDir, 'nothing')).close();
      const database = new DatabaseSync(file);
      migrateSqlite(database, Math.min(version, known));
      database.exec(
        "INSERT INTO api_keys (id, name, hash, hint, created_at) VALUES ('k', 'old', 'h', 'ant_', 5)",
      );
      database.close();
      const path = join(folder, `${version}.tar`);
      if (version > known) {
        const newer = new DatabaseSync(file);
        newer.exec(`PRAGMA user_version = ${version}`);
        newer.close();
        await assert.rejects(backUp({ dataDir }, path), /made by a newer version/);
        assert.equal(existsSync(path), false);
        continue;
      }
      assert.equal((await backUp({ dataDir }, path)).database.schema, version);
      const target = { dataDir: join(folder, `new-${version}`) };
      await putBack(path, target);
      const store = openSqliteStore(databaseFile(target));
      assert.equal((await store.keys.find('k'))?.name, 'old');
      await store.close();
    }
  }));

const server = await startPostgres();
if ('reason' in server) test('PostgreSQL is backed up', { skip: server.reason });
else {
  after(() => server.stop());
  testScaled(server);
}

function testScaled(postgres: PostgresServer): void {
  test('PostgreSQL and S3 are written down as of one moment while servers write, and put back into either layout', () =>
    inFolder(async (folder) => {
      const [first, second] = [await postgres.place(), await postgres.place()];
      const s3 = await startS3();
      const source = { dataDir: folder, databaseUrl: `${first.url}&application_name=saved`, blobUrl: s3.url };
      const store = await openPostgresStore(source.databaseUrl);
      const ann = await fillOwner(store, openListedBlobs(source, S3_ENVIRONMENT), 'ann');
      const path = join(folder, 'all.tar.zst');
      const manifest = await backUp(source, path);
      assert.equal(manifest.blobs.count, 5);
      await store.keys.revoke('ann', 5);
      const homes: readonly InstallationPlace[] = [
        { dataDir: join(folder, 'embedded') },
        {
          dataDir: folder,
          databaseUrl: `${second.url}&application_name=restored`,
          blobUrl: `${s3.url}/other`,
        },
      ];
      for (const home of homes) {
        await putBack(path, home);
        const opened = home.databaseUrl
          ? await openPostgresStore(home.databaseUrl)
          : openSqliteStore(databaseFile(home));
        await assertOwnerIsThere(opened, openListedBlobs(home, S3_ENVIRONMENT), ann);
        await opened.close();
      }
      await store.close();
      await s3.close();
      await first.drop();
      await second.drop();
    }));
}
