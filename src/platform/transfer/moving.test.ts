import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { assertOwnerIsThere, fillOwner, rowsIn, type FilledOwner } from '../../../test/full-installation.ts';
import { startPostgres, type PostgresServer } from '../../../test/postgres-server.ts';
import { S3_ENVIRONMENT, startS3 } from '../../../test/s3-server.ts';
import { listening, memoryBlobs } from '../../../test/support.ts';
import type { BlobStore } from '../../core/ports/blob-store.ts';
import type { Store } from '../../core/ports/store.ts';
import { createFileBlobs } from '../blobs/file-blobs.ts';
import { keyAuthenticator } from '../keys.ts';
import { openPostgresStore } from '../store/postgres-store.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { copyBlobs } from './blob-copy.ts';
import { databaseFile, openInstallation, openListedBlobs, type InstallationPlace } from './installation.ts';
import { moveInstallation } from './moving.ts';
import { openPostgresBank } from './postgres-bank.ts';
import { openSqliteBank } from './sqlite-bank.ts';
import { planTables, UnlikeTables, type TableShape } from './table-plan.ts';

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-move-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An embedded installation with two owners, closed again. */
async function embedded(dataDir: string) {
  const store = openSqliteStore(databaseFile({ dataDir }));
  const blobs = createFileBlobs(join(dataDir, 'blobs'));
  const owners = [await fillOwner(store, blobs, 'ann'), await fillOwner(store, blobs, 'bob')];
  await store.close();
  return owners;
}

/** A server on the new place knows the old key, and with it voices, sound and results. */
async function assertServed(
  { store, blobs }: { readonly store: Store; readonly blobs: BlobStore },
  owner: FilledOwner,
): Promise<void> {
  const authenticator = keyAuthenticator(store.keys);
  await listening({ store, blobs, authenticator }, async ({ origin }) => {
    const get = async (path: string, headers: Record<string, string>) => {
      const response = await fetch(`${origin}${path}`, { headers });
      assert.equal(response.status, 200, `${path}: ${await response.clone().text()}`);
      return response;
    };
    const [elevenlabs, own] = [{ 'xi-api-key': owner.secret }, { authorization: `Bearer ${owner.secret}` }];
    const sound = await get(`/v1/history/${owner.history.id}/audio`, elevenlabs);
    assert.deepEqual(new Uint8Array(await sound.arrayBuffer()), owner.blobs['history/ann']);
    assert.match(await (await get(`/v1/voices/${owner.voice.id}`, elevenlabs)).text(), /Scottish/);
    assert.match(await (await get(`/antiphon/v1/jobs/${owner.done}`, own)).text(), /"succeeded"/);
    await get(`/antiphon/v1/jobs/${owner.done}/result`, own);
    const wrong = await fetch(`${origin}/v1/history`, { headers: { 'xi-api-key': 'ant_wrong' } });
    assert.equal(wrong.status, 401);
  });
}

async function moveTo(source: InstallationPlace, target: InstallationPlace) {
  const from = await openInstallation(source, S3_ENVIRONMENT);
  const to = await openInstallation(target, S3_ENVIRONMENT);
  try {
    return await moveInstallation({ from, rowsTo: to.rows, blobsTo: to.blobs });
  } finally {
    await to.close();
    await from.close();
  }
}

const server = await startPostgres();
if ('reason' in server) test('an installation moves to PostgreSQL', { skip: server.reason });
else {
  after(() => server.stop());
  testMoves(server);
}

function testMoves(postgres: PostgresServer): void {
  test('an embedded installation moves to PostgreSQL and S3 with every row and byte, and back again', () =>
    inFolder(async (folder) => {
      const { url, drop } = await postgres.place();
      const s3 = await startS3();
      const source = { dataDir: join(folder, 'old') };
      const scaled = { dataDir: folder, databaseUrl: `${url}&application_name=moved`, blobUrl: s3.url };
      const owners = await embedded(source.dataDir);
      const report = await moveTo(source, scaled);
      assert.ok(
        report.rows?.every(({ rows }) => rows > 0),
        JSON.stringify(report.rows),
      );
      assert.equal(report.blobs?.copied, 10);
      const store = await openPostgresStore(scaled.databaseUrl);
      const blobs = openListedBlobs(scaled, S3_ENVIRONMENT);
      for (const owner of owners) await assertOwnerIsThere(store, blobs, owner);
      await store.close();

      const home = { dataDir: join(folder, 'new') };
      await moveTo(scaled, home);
      const [old, back] = [openSqliteBank(databaseFile(source)), openSqliteBank(databaseFile(home))];
      const [was, is] = [await rowsIn(old), await rowsIn(back)];
      for (const [table, rows] of Object.entries(was)) assert.ok(rows.length > 0, `${table} was empty`);
      assert.deepEqual(is, was);
      for (const bank of [old, back]) await bank.close();
      const again = openSqliteStore(databaseFile(home));
      for (const owner of owners)
        await assertOwnerIsThere(again, createFileBlobs(join(home.dataDir, 'blobs')), owner);
      await again.close();
      // Last, because it takes up the job that waits.
      const reopened = await openPostgresStore(scaled.databaseUrl);
      await assertServed({ store: reopened, blobs }, owners[0] ?? assert.fail());
      await reopened.close();
      await s3.close();
      await drop();
    }));

  test('the tables of both databases fit together, so that a new one cannot be forgotten', async () => {
    const { url, drop } = await postgres.place();
    const big = await openInstallation({ dataDir: '.', databaseUrl: url, blobUrl: undefined }, {});
    const small = openSqliteBank(':memory:');
    const [ours, theirs] = [
      await small.read((source) => source.tables()),
      await big.rows.read((source) => source.tables()),
    ];
    const names = (tables: readonly TableShape[]) => tables.map(({ name }) => name).sort();
    assert.deepEqual(names(ours), names(theirs));
    assert.equal(planTables(ours, theirs).length, ours.length);
    assert.equal(planTables(theirs, ours).length, ours.length);
    await small.close();
    await big.close();
    await drop();
  });

  test('what servers write while PostgreSQL is read is not seen', async () => {
    const { url, drop } = await postgres.place();
    const store = await openPostgresStore(url);
    await fillOwner(store, memoryBlobs(), 'ann');
    const bank = openPostgresBank(url);
    const counts = await bank.read(async (source) => {
      const tables = await source.tables();
      await fillOwner(store, memoryBlobs(), 'bob');
      const [keys = assert.fail()] = tables.filter(({ name }) => name === 'api_keys');
      return (await Array.fromAsync(source.rows(keys))).flat().length;
    });
    assert.equal(counts, 1);
    await bank.close();
    await store.close();
    await drop();
  });

  test('a target that holds something is refused, and nothing is changed', () =>
    inFolder(async (folder) => {
      const { url, drop } = await postgres.place();
      const target = { dataDir: folder, databaseUrl: url };
      await embedded(join(folder, 'old'));
      const store = await openPostgresStore(`${url}&application_name=other`);
      await store.secrets.getOrCreate('something');
      await store.close();
      await assert.rejects(moveTo({ dataDir: join(folder, 'old') }, target), {
        code: 'conflict',
        message: /not empty.*1 in secrets/,
      });
      await drop();
    }));

  test('a database that a server is connected to is refused, whichever it is', () =>
    inFolder(async (folder) => {
      const { url, drop } = await postgres.place();
      const own = `${url}&application_name=busy`;
      const source = { dataDir: join(folder, 'old') };
      await embedded(source.dataDir);
      const [local, shared] = [openSqliteStore(databaseFile(source)), await openPostgresStore(own)];
      const target = { dataDir: join(folder, 'new'), databaseUrl: own };
      await assert.rejects(moveTo(source, target), {
        code: 'conflict',
        message: /antiphon.sqlite is in use/,
      });
      await local.close();
      await shared.keys.list();
      await assert.rejects(moveTo(source, target), { code: 'conflict', message: /PostgreSQL.* in use/ });
      await shared.close();
      await moveTo(source, target);
      await drop();
    }));

  test('rows that fail to arrive leave the target empty, so that the move can be made anew', () =>
    inFolder(async (folder) => {
      const { url, drop } = await postgres.place();
      const source = { dataDir: join(folder, 'old') };
      await embedded(source.dataDir);
      const from = await openInstallation(source, {});
      const to = await openInstallation({ dataDir: folder, databaseUrl: url }, {});
      const broken = {
        ...to.rows,
        write: <T>(use: Parameters<typeof to.rows.write<T>>[0]) =>
          to.rows.write<T>((target) =>
            use({
              ...target,
              insert: async (plan, rows) => {
                await target.insert(plan, rows);
                if (plan.to.name === 'jobs') throw new Error('the line broke');
              },
            }),
          ),
      };
      await assert.rejects(moveInstallation({ from, rowsTo: broken }), /the line broke/);
      const report = await moveInstallation({ from, rowsTo: to.rows });
      assert.ok(report.rows?.every(({ rows }) => rows > 0));
      await to.close();
      await from.close();
      await drop();
    }));
}

test('nobody else gets at an embedded database while it is moved', () =>
  inFolder(async (folder) => {
    const path = databaseFile({ dataDir: folder });
    const bank = openSqliteBank(path);
    await bank.hold();
    const other = openSqliteBank.bind(undefined, path);
    // The second opening would wait for minutes; a plain one says at once that it is locked.
    const { DatabaseSync } = await import('node:sqlite');
    const plain = new DatabaseSync(path, { timeout: 0 });
    assert.throws(() => plain.exec('SELECT count(*) FROM api_keys'), /locked/);
    plain.close();
    await bank.close();
    await other().close();
  }));

test('blobs that are there with the same length are passed over, and others are copied again', () =>
  inFolder(async (folder) => {
    const source = createFileBlobs(join(folder, 'from'));
    const target = memoryBlobs();
    for (const id of ['a', 'b/c', 'b/d-e_f']) await source.put(id, new Uint8Array(10).fill(1));
    await target.put('a', new Uint8Array(10).fill(2));
    await target.put('b/c', new Uint8Array(9));
    const heard: number[] = [];
    const counts = await copyBlobs(source, target, (bytes) => heard.push(bytes));
    assert.deepEqual(counts, { copied: 2, skipped: 1, gone: 0, bytes: 30 });
    assert.deepEqual(heard, [10, 10, 10]);
    assert.deepEqual(target.kept.get('a'), new Uint8Array(10).fill(2));
    assert.deepEqual(target.kept.get('b/c'), new Uint8Array(10).fill(1));
  }));

test('a table or column that would be lost is named, and nothing is copied', () => {
  const shape = (name: string, ...columns: readonly string[]): TableShape => ({
    name,
    columns: columns.map((column) => ({ name: column, kind: 'text', required: column !== 'note' })),
    references: [],
  });
  const plan = (from: readonly TableShape[], to: readonly TableShape[]) => () => planTables(from, to);
  assert.throws(plan([shape('a', 'id'), shape('b', 'id')], [shape('a', 'id')]), UnlikeTables);
  assert.throws(plan([shape('a', 'id')], [shape('a', 'id'), shape('b', 'id')]), /source has no table b/);
  assert.throws(plan([shape('a', 'id', 'more')], [shape('a', 'id')]), /target has no a\.more/);
  assert.throws(plan([shape('a', 'id')], [shape('a', 'id', 'more')]), /source has no a\.more/);
  assert.doesNotThrow(plan([shape('a', 'id')], [shape('a', 'id', 'note', 'sequence')]));
});

test('tables whose rows refer to others come after them', () => {
  const shape = (name: string, ...references: readonly string[]): TableShape => ({
    name,
    columns: [],
    references,
  });
  const tables = [shape('a', 'c'), shape('b', 'a'), shape('c')];
  assert.deepEqual(
    planTables(tables, tables).map(({ to }) => to.name),
    ['c', 'a', 'b'],
  );
});
