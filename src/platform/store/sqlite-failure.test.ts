import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { inTransaction } from './sqlite-transaction.ts';
import { withSqliteFailures } from './sqlite-failure.ts';

/** A part of a store that keeps texts. */
function keeper(database: DatabaseSync) {
  database.exec('CREATE TABLE IF NOT EXISTS texts (text TEXT)');
  return withSqliteFailures({
    keep: async (text: string) =>
      inTransaction(database, () => database.prepare('INSERT INTO texts VALUES (?)').run(text).changes),
    count: async () => Number(database.prepare('SELECT count(*) AS found FROM texts').get()?.['found']),
    break: async () => database.prepare('SELECT * FROM nowhere').all(),
  });
}

test('a full database tells callers to come again, keeps what it had, and takes more when there is room', async () => {
  const database = new DatabaseSync(':memory:');
  const texts = keeper(database);
  await texts.keep('first');
  database.exec('PRAGMA max_page_count = 3');
  const large = 'x'.repeat(100_000);
  await assert.rejects(texts.keep(large), {
    code: 'overloaded',
    reason: 'shortage',
    message: /no room left on the disk/,
    retryAfterMs: 10_000,
  });
  assert.equal(await texts.count(), 1);
  database.exec('PRAGMA max_page_count = 1000');
  await texts.keep(large);
  assert.equal(await texts.count(), 2);
});

test('a database that somebody else writes to, or that is read-only, tells callers to come again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-sqlite-'));
  const path = join(folder, 'a.sqlite');
  const [mine, other] = [new DatabaseSync(path, { timeout: 0 }), new DatabaseSync(path, { timeout: 0 })];
  try {
    const texts = keeper(mine);
    other.exec('BEGIN IMMEDIATE');
    await assert.rejects(texts.keep('x'), { code: 'overloaded', reason: 'shortage', retryAfterMs: 2000 });
    other.exec('COMMIT');
    mine.exec('PRAGMA query_only = 1');
    await assert.rejects(texts.keep('x'), { code: 'overloaded', message: /Nothing can be written/ });
    mine.exec('PRAGMA query_only = 0');
    assert.equal(await texts.keep('x'), 1);
  } finally {
    mine.close();
    other.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a mistake of ours stays what it is', () =>
  assert.rejects(keeper(new DatabaseSync(':memory:')).break(), /no such table/));
