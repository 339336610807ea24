import type { DatabaseSync } from 'node:sqlite';
import type { KeyStore } from '../../core/ports/store.ts';
import { KEY_COLUMNS, toKeyRecord, toKeySecret, toKeyValues } from './key-rows.ts';
import { inTransaction } from './sqlite-transaction.ts';

/** API keys in SQLite. */
export function sqliteKeys(database: DatabaseSync): KeyStore {
  const insert = database.prepare(
    `INSERT INTO api_keys (${KEY_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const all = database.prepare('SELECT * FROM api_keys ORDER BY created_at, id');
  const first = database.prepare('SELECT 1 FROM api_keys LIMIT 1');
  const byId = database.prepare('SELECT * FROM api_keys WHERE id = ?');
  const bySecret = database.prepare(
    `SELECT api_keys.*, hash AS found_hash, NULL AS valid_until FROM api_keys WHERE hash = ?1
     UNION ALL
     SELECT api_keys.*, former.hash, former.valid_until
       FROM former_key_secrets AS former JOIN api_keys ON api_keys.id = former.key_id WHERE former.hash = ?1`,
  );
  const change = database.prepare(
    `UPDATE api_keys SET name = ?, role = ?, scopes = ?, limits = ?, expires_at = ?
     WHERE id = ? AND revoked_at IS NULL`,
  );
  const revoke = database.prepare('UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL');
  return {
    add: async (key) => {
      insert.run(...toKeyValues(key));
    },
    list: async () => all.all().map(toKeyRecord),
    any: async () => first.get() !== undefined,
    find: async (id) => {
      const row = byId.get(id);
      return row && toKeyRecord(row);
    },
    findSecret: async (hash) => {
      const row = bySecret.get(hash);
      return row && toKeySecret(row);
    },
    change: async (id, { name, role, scopes, limits, expiresAt }) => {
      const documents = [JSON.stringify(scopes), JSON.stringify(limits)] as const;
      return change.run(name, role, ...documents, expiresAt ?? null, id).changes === 1;
    },
    rotate: rotation(database),
    revoke: async (id, revokedAt) => revoke.run(revokedAt, id).changes === 1,
  };
}

function rotation(database: DatabaseSync): KeyStore['rotate'] {
  const retire = database.prepare(
    `INSERT INTO former_key_secrets (hash, key_id, valid_until)
     SELECT hash, id, ? FROM api_keys WHERE id = ? AND revoked_at IS NULL`,
  );
  const replace = database.prepare('UPDATE api_keys SET hash = ?, hint = ?, rotated_at = ? WHERE id = ?');
  return async (id, { hash, hint, rotatedAt, formerUntil }) =>
    inTransaction(database, () => {
      const isKnown = retire.run(formerUntil, id).changes === 1;
      if (isKnown) replace.run(hash, hint, rotatedAt, id);
      return isKnown;
    });
}
