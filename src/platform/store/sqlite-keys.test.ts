import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { keyAuthenticator } from '../keys.ts';
import { openSqliteStore } from './sqlite-store.ts';

test('a key of an installation from before there were roles opens everything, as it did', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-keys-'));
  const path = join(folder, 'antiphon.sqlite');
  const before = new DatabaseSync(path);
  before.exec(readFileSync(new URL('migrations/0001-keys.sql', import.meta.url), 'utf8'));
  before.exec('PRAGMA user_version = 1');
  const insert = before.prepare('INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?)');
  // SHA-256 of "secret" and "other".
  insert.run(
    'k1',
    'old',
    '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b',
    'ant_',
    5,
    null,
  );
  insert.run('k2', 'gone', 'd9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa', 'ant_', 6, 7);
  before.close();
  const store = openSqliteStore(path);
  const authenticator = keyAuthenticator(store.keys);
  assert.deepEqual(await authenticator.authenticate('secret'), {
    id: 'k1',
    name: 'old',
    anonymous: false,
    grant: { role: 'admin', scopes: {}, limits: {} },
  });
  await assert.rejects(authenticator.authenticate('other'), { reason: 'unknown_key' });
  assert.deepEqual(
    (await store.keys.list()).map(({ expiresAt, revokedAt }) => [expiresAt, revokedAt]),
    [
      [undefined, undefined],
      [undefined, 7],
    ],
  );
  await store.close();
  rmSync(folder, { recursive: true });
});
