import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { startPostgres } from '../../../test/postgres-server.ts';
import { memoryBlobs, testClock } from '../../../test/support.ts';
import { openPostgres } from '../store/postgres-database.ts';
import { migratePostgres } from '../store/postgres-migrating.ts';
import { migrateSqlite } from '../store/sqlite-migrating.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { checkBlobs } from './blob-checks.ts';
import { checkPostgres, checkSqlite, skewFinding } from './database-checks.ts';
import type { Finding } from './finding.ts';
import { checkDataFolder } from './folder-checks.ts';
import { checkMemory, checkNode, checkOpenFiles, openFilesLimit } from './machine-checks.ts';
import { checkPort, checkPublicUrl } from './network-checks.ts';

const MB = 1024 * 1024;

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-doctor-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function states(findings: readonly Finding[]): readonly string[] {
  for (const { state, advice } of findings) assert.equal(advice === undefined, state === 'ok');
  return findings.map(({ check, state }) => `${check} ${state}`);
}

test('an old Node.js is told from a new one', () => {
  assert.equal(checkNode('24.21.0').state, 'ok');
  assert.equal(checkNode('22.15.0').state, 'ok');
  assert.equal(checkNode('22.14.9').state, 'failure');
  assert.equal(checkNode('20.19.0').state, 'failure');
});

test('models that could take all memory, or nearly all, are told of, by the smallest limit', () => {
  const machine = { of: 'machine', usedBytes: 0, limitBytes: 64_000 * MB } as const;
  const container = { of: 'container', usedBytes: 0, limitBytes: 4096 * MB } as const;
  assert.equal(checkMemory(4096 * MB, [machine]).state, 'ok');
  assert.equal(checkMemory(3500 * MB, [machine, container]).state, 'warning');
  assert.equal(checkMemory(4096 * MB, [machine, container]).state, 'failure');
  assert.match(checkMemory(4096 * MB, [container, machine]).message, /the container has 4096 MB/);
  assert.equal(checkMemory(1, []).state, 'warning');
});

test('too few files that may be open are told of', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'limits');
    for (const [soft, state] of [
      ['256', 'failure'],
      ['1024', 'warning'],
      ['65536', 'ok'],
      ['unlimited', 'ok'],
    ] as const) {
      writeFileSync(path, `Max processes   1   1   processes\nMax open files   ${soft}   1048576   files\n`);
      assert.equal(checkOpenFiles(openFilesLimit(path)).state, state);
    }
    assert.equal(checkOpenFiles(openFilesLimit(join(folder, 'none'))).state, 'ok');
  }));

test('a data folder is held to its kind, rights, owner and room', () =>
  inFolder(async (folder) => {
    chmodSync(folder, 0o700);
    const plenty = 50_000 * MB;
    const look = async (facts = {}) => states(await checkDataFolder(folder, { freeBytes: plenty, ...facts }));
    assert.deepEqual(await look(), ['data-folder ok', 'permissions ok', 'disk-space ok']);
    assert.deepEqual(await look({ freeBytes: 500 * MB }), [
      'data-folder ok',
      'permissions ok',
      'disk-space warning',
    ]);
    assert.equal((await look({ freeBytes: 5 * MB }))[2], 'disk-space failure');
    assert.equal((await look({ uid: 12_345 }))[0], 'data-folder warning');
    assert.deepEqual(states(await checkDataFolder(join(folder, 'none'))), ['data-folder warning']);
    const file = join(folder, 'antiphon.sqlite');
    writeFileSync(file, '', { mode: 0o644 });
    chmodSync(file, 0o644);
    const [, permissions] = await checkDataFolder(folder);
    assert.match(permissions?.message ?? '', /antiphon\.sqlite \(644, not 600\)/);
    assert.deepEqual(states(await checkDataFolder(file)), ['data-folder failure']);
  }));

test('a data folder that cannot be written to is told of', async (t) => {
  // Nothing can be written there, not even by root.
  const [finding] = await checkDataFolder('/proc/self');
  if (!finding || finding.state === 'warning') return t.skip('this system has no /proc');
  assert.equal(finding.state, 'failure');
  assert.match(finding.message, /Nothing can be written/);
});

test('a SQLite database that is missing, old, newer or damaged is told from a sound one', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.sqlite');
    const look = async () => states(await checkSqlite(path));
    assert.deepEqual(await look(), ['database warning']);
    const old = new DatabaseSync(path);
    migrateSqlite(old, 1);
    assert.deepEqual(await look(), ['database warning']);
    assert.equal(old.prepare('PRAGMA user_version').get()?.['user_version'], 1, 'looking has changed it');
    old.close();
    await openSqliteStore(path).close();
    assert.deepEqual(await look(), ['database ok']);
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA user_version = 1000');
    newer.close();
    assert.deepEqual(await look(), ['database failure']);
    writeFileSync(path, 'x'.repeat(8192));
    assert.deepEqual(await look(), ['database failure']);
  }));

test('clocks that differ are told of', () => {
  assert.deepEqual(
    [0, 0.4, -2, 60, -60].map((seconds) => skewFinding(seconds).state),
    ['ok', 'ok', 'warning', 'failure', 'failure'],
  );
});

test('blobs that fail, spoil bytes or keep what was removed are told from good ones', async () => {
  const good = memoryBlobs();
  assert.deepEqual(states(await checkBlobs(good)), ['blobs ok']);
  assert.equal(good.kept.size, 0);
  const broken = [
    { ...good, put: async () => Promise.reject(new Error('no room')) },
    { ...good, find: async () => undefined },
    {
      ...good,
      find: async () => ({
        byteLength: 4096,
        async *open() {
          yield new Uint8Array(100);
        },
      }),
    },
    { ...memoryBlobs(), remove: async () => undefined },
  ];
  for (const blobs of broken) assert.deepEqual(states(await checkBlobs(blobs)), ['blobs failure']);
});

test('a free port, one of ours and one of somebody else are told apart, and so are public addresses', async () => {
  assert.equal((await checkPort('127.0.0.1', 0)).state, 'ok');
  let said: object = { status: 'ok', version: '1' };
  const server = createServer((_request, response) => response.end(JSON.stringify(said)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  const url = `http://127.0.0.1:${port}`;
  assert.match((await checkPort('127.0.0.1', port)).message, /A server of this program answers/);
  assert.equal((await checkPublicUrl(url)).state, 'ok');
  said = { hello: 'world' };
  assert.equal((await checkPort('127.0.0.1', port)).state, 'failure');
  assert.match((await checkPublicUrl(url)).message, /is not this program/);
  await new Promise((resolve) => server.close(resolve));
  assert.equal((await checkPort('127.0.0.1', port)).state, 'ok');
  assert.match((await checkPublicUrl(url)).message, /does not answer/);
  assert.equal((await checkPort('192.0.2.1', 80)).state, 'failure');
});

const server = await startPostgres();
if ('reason' in server) test('PostgreSQL is looked at', { skip: server.reason });
else {
  after(() => server.stop());
  test('PostgreSQL that is new, up to date, newer or away is told apart, and its clock compared', async () => {
    const { url, drop } = await server.place();
    const names = ['database', 'database-version', 'clock'];
    const look = async (now = () => testClock.now()) => states(await checkPostgres(url, { now }));
    assert.deepEqual(await look(), [`${names[0]} warning`, `${names[1]} ok`, `${names[2]} ok`]);
    const database = openPostgres(url);
    await migratePostgres(database);
    assert.equal((await look())[0], 'database ok');
    assert.equal((await look(() => testClock.now() + 3_600_000))[2], 'clock failure');
    await database.change('UPDATE schema_version SET version = 1000');
    assert.equal((await look())[0], 'database failure');
    await database.close();
    await drop();
    const away = new URL(url);
    away.port = '1';
    assert.deepEqual(states(await checkPostgres(away.href, testClock)), ['database failure']);
  });
}

test('a folder that is only made to be looked at is left as it was', () =>
  inFolder(async (folder) => {
    const inner = join(folder, 'data');
    mkdirSync(inner, { mode: 0o700 });
    await checkDataFolder(inner);
    const { readdirSync } = await import('node:fs');
    assert.deepEqual(readdirSync(inner), []);
  }));
