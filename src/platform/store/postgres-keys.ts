import type { KeyStore } from '../../core/ports/store.ts';
import { KEY_COLUMNS, toKeyRecord, toKeySecret, toKeyValues } from './key-rows.ts';
import type { PostgresDatabase } from './postgres-database.ts';

const BY_SECRET = `
  SELECT api_keys.*, hash AS found_hash, NULL::bigint AS valid_until FROM api_keys WHERE hash = $1
  UNION ALL
  SELECT api_keys.*, former.hash, former.valid_until
    FROM former_key_secrets AS former JOIN api_keys ON api_keys.id = former.key_id WHERE former.hash = $1`;

const CHANGE = `
  UPDATE api_keys SET name = $2, role = $3, scopes = $4, limits = $5, expires_at = $6
  WHERE id = $1 AND revoked_at IS NULL`;

/** Who rotates the same key at the same time waits at its row, and then retires the secret that is there by then. */
const ROTATE = `
  WITH replaced AS (SELECT id, hash FROM api_keys WHERE id = $1 AND revoked_at IS NULL FOR UPDATE),
  retired AS (
    INSERT INTO former_key_secrets (hash, key_id, valid_until) SELECT hash, id, $5 FROM replaced
  )
  UPDATE api_keys SET hash = $2, hint = $3, rotated_at = $4 FROM replaced WHERE api_keys.id = replaced.id`;

/** API keys in PostgreSQL. */
export function postgresKeys(database: PostgresDatabase): KeyStore {
  return {
    add: async (key) => {
      await database.change(
        `INSERT INTO api_keys (${KEY_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
        toKeyValues(key),
      );
    },
    list: async () =>
      (await database.rows('SELECT * FROM api_keys ORDER BY created_at, id')).map(toKeyRecord),
    any: async () => (await database.rows('SELECT 1 AS one FROM api_keys LIMIT 1')).length > 0,
    find: async (id) => {
      const [row] = await database.rows('SELECT * FROM api_keys WHERE id = $1', [id]);
      return row && toKeyRecord(row);
    },
    findSecret: async (hash) => {
      const [row] = await database.rows(BY_SECRET, [hash]);
      return row && toKeySecret(row);
    },
    change: async (id, { name, role, scopes, limits, expiresAt }) => {
      const documents = [JSON.stringify(scopes), JSON.stringify(limits)];
      return (await database.change(CHANGE, [id, name, role, ...documents, expiresAt ?? null])) === 1;
    },
    rotate: async (id, { hash, hint, rotatedAt, formerUntil }) =>
      (await database.change(ROTATE, [id, hash, hint, rotatedAt, formerUntil])) === 1,
    revoke: async (id, revokedAt) => {
      const text = 'UPDATE api_keys SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL';
      return (await database.change(text, [revokedAt, id])) === 1;
    },
  };
}
