import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { fillOwner, type FilledOwner } from '../../../test/full-installation.ts';
import { startPostgres, type PostgresServer } from '../../../test/postgres-server.ts';
import { memoryBlobs } from '../../../test/support.ts';
import type { Store } from '../../core/ports/store.ts';
import { openPostgresBank } from '../transfer/postgres-bank.ts';
import { sqliteBank } from '../transfer/sqlite-bank.ts';
import type { TableBank } from '../transfer/table-copy.ts';
import { planTables, type TableShape } from '../transfer/table-plan.ts';
import { openPostgres } from './postgres-database.ts';
import { knownMigrations, migratePostgres } from './postgres-migrating.ts';
import { openPostgresStore } from './postgres-store.ts';
import { openSqliteDatabase } from './sqlite-database.ts';
import { migrateSqlite, sqliteSchema } from './sqlite-migrating.ts';
import { openSqliteStore } from './sqlite-store.ts';

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-schemas-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A database of today with something in every table. */
async function today(path: string): Promise<FilledOwner> {
  const store = openSqliteStore(path);
  const filled = await fillOwner(store, memoryBlobs(), 'ann');
  await store.close();
  return filled;
}

/** Puts what an older schema has room for of today's rows into it, and tells its tables. */
function fillOld(source: TableBank, old: TableBank): Promise<readonly string[]> {
  return source.read((from) =>
    old.write(async (to) => {
      const targets = await to.tables();
      const known = (await from.tables()).flatMap((table) => narrowed(table, targets));
      for (const plan of planTables(known, targets)) {
        for await (const rows of from.rows(plan.from)) await to.insert(plan, rows.map(plan.convert));
        assert.ok((await to.count(plan.to.name)) > 0, plan.to.name);
      }
      return known.map(({ name }) => name);
    }),
  );
}

function narrowed(table: TableShape, targets: readonly TableShape[]): TableShape[] {
  const target = targets.find(({ name }) => name === table.name);
  if (!target) return [];
  const names = new Set(target.columns.map(({ name }) => name));
  return [{ ...table, columns: table.columns.filter(({ name }) => names.has(name)) }];
}

/** What was in the tables of the older schema is read through the store as it was written. */
async function assertKept(store: Store, tables: readonly string[], filled: FilledOwner): Promise<void> {
  const { voice, history, dictionary, versions, key } = filled;
  const looks: Readonly<Record<string, () => Promise<void>>> = {
    api_keys: async () => {
      const found = await store.keys.find('ann');
      assert.deepEqual([found?.name, found?.hash, found?.hint], [key.name, key.hash, key.hint]);
    },
    former_key_secrets: async () => assert.equal((await store.keys.find('ann'))?.role, 'user'),
    voices: async () => {
      assert.deepEqual(await store.voices.find(voice.id, ['ann']), voice);
      assert.deepEqual(await store.voices.findNamed(voice.name.toUpperCase(), ['ann']), [voice]);
    },
    voice_consents: async () => assert.equal((await store.consents.list('ann')).length, 1),
    history: async () => {
      assert.deepEqual(await store.history.find(history.id, 'ann'), history);
      assert.equal(await store.history.totalBytes(), history.byteLength);
    },
    dictionaries: async () =>
      assert.deepEqual(await store.dictionaries.find(dictionary.id, 'ann'), dictionary),
    dictionary_versions: async () =>
      assert.deepEqual(await store.dictionaries.findVersion(dictionary.id, 'version-ann-2'), versions[1]),
    jobs: async () => {
      assert.equal((await store.jobs.find(filled.done, 'ann'))?.state, 'succeeded');
      assert.equal((await store.jobs.find(filled.waiting, 'ann'))?.webhook?.url, 'https://example.com/hook');
    },
    files: async () => assert.equal((await store.files.listOf('ann', 10)).length, 2),
    secrets: async () => assert.equal((await store.secrets.getOrCreate('fixture')).length, 32),
    usage_sums: async () => assert.equal(await store.usage.removeOf('ann'), 1),
  };
  for (const table of tables) {
    const look = looks[table];
    assert.ok(look, `Say here how ${table} is read, so that its rows are known to outlast an update.`);
    await look();
  }
}

test('every earlier SQLite schema is brought up to date with all that it holds', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'today.sqlite');
    const filled = await today(path);
    const { known } = sqliteSchema(new DatabaseSync(path));
    const shapeOf = (database: DatabaseSync) =>
      JSON.stringify(
        database.prepare('SELECT type, name, tbl_name FROM sqlite_schema ORDER BY type, name').all(),
      );
    const fresh = openSqliteDatabase(':memory:');
    migrateSqlite(fresh);
    for (let version = 1; version <= known; version += 1) {
      const file = join(folder, `${version}.sqlite`);
      const database = openSqliteDatabase(file);
      migrateSqlite(database, version);
      const source = openSqliteDatabase(path);
      const tables = await fillOld(sqliteBank(source), sqliteBank(database));
      source.close();
      database.close();
      const store = openSqliteStore(file);
      await assertKept(store, tables, filled);
      await store.close();
      const updated = new DatabaseSync(file);
      assert.equal(shapeOf(updated), shapeOf(fresh), `from version ${version}`);
      updated.close();
    }
  }));

test('a SQLite database of a newer version is refused in one line, and left as it is', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'new.sqlite');
    const database = openSqliteDatabase(path);
    migrateSqlite(database);
    database.exec('PRAGMA user_version = 1000');
    assert.throws(() => openSqliteStore(path), {
      message: /made by a newer version.*1000/,
      reason: 'newer_schema',
    });
    assert.equal(sqliteSchema(database).version, 1000);
    database.close();
  }));

const server = await startPostgres();
if ('reason' in server) test('earlier PostgreSQL schemas are brought up to date', { skip: server.reason });
else {
  after(() => server.stop());
  testPostgres(server);
}

function testPostgres(postgres: PostgresServer): void {
  test('every earlier PostgreSQL schema is brought up to date with all that it holds', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'today.sqlite');
      const filled = await today(path);
      for (let version = 1; version <= knownMigrations(); version += 1) {
        const { url, drop } = await postgres.place();
        const database = openPostgres(url);
        await migratePostgres(database, version);
        await database.close();
        const [source, old] = [openSqliteDatabase(path), openPostgresBank(url)];
        const tables = await fillOld(sqliteBank(source), old);
        source.close();
        await old.close();
        const store = await openPostgresStore(url);
        await assertKept(store, tables, filled);
        await store.close();
        await drop();
      }
    }));
}
