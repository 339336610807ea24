import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { FileStore, SecretStore } from '../../core/ports/store.ts';
import { toFile } from './file-rows.ts';

/** What is known about files, in SQLite. */
export function sqliteFiles(database: DatabaseSync): FileStore {
  const put = database.prepare(
    `INSERT INTO files (id, owner_id, media_type, filename, byte_length, created_at, expires_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET media_type = excluded.media_type, filename = excluded.filename,
        byte_length = excluded.byte_length, created_at = excluded.created_at, expires_at = excluded.expires_at
      WHERE owner_id = excluded.owner_id`,
  );
  const findAny = database.prepare('SELECT * FROM files WHERE id = ?');
  const find = database.prepare('SELECT * FROM files WHERE id = ? AND owner_id = ?');
  const remove = database.prepare('DELETE FROM files WHERE id = ? AND owner_id = ?');
  const owned = database.prepare('SELECT * FROM files WHERE owner_id = ? LIMIT ?');
  const expired = database.prepare('SELECT * FROM files WHERE expires_at <= ? ORDER BY expires_at LIMIT ?');
  return {
    put: async ({ id, ownerId, mediaType, filename, byteLength, createdAt, expiresAt }) =>
      put.run(id, ownerId, mediaType, filename, byteLength, createdAt, expiresAt).changes === 1,
    find: async (id, ownerId) => {
      const row = find.get(id, ownerId);
      return row && toFile(row);
    },
    findAnyones: async (id) => {
      const row = findAny.get(id);
      return row && toFile(row);
    },
    remove: async (id, ownerId) => remove.run(id, ownerId).changes === 1,
    listOf: async (ownerId, limit) => owned.all(ownerId, limit).map(toFile),
    listExpired: async (now, limit) => expired.all(now, limit).map(toFile),
  };
}

/** Bytes of each secret. */
const SECRET_BYTES = 32;

/** The installation's secrets in SQLite. Two processes that make one at the same time get the same. */
export function sqliteSecrets(database: DatabaseSync): SecretStore {
  const insert = database.prepare('INSERT OR IGNORE INTO secrets (name, value) VALUES (?, ?)');
  const find = database.prepare('SELECT value FROM secrets WHERE name = ?');
  const read = (name: string): Uint8Array | undefined => {
    const value = find.get(name)?.['value'];
    return value instanceof Uint8Array ? value : undefined;
  };
  return {
    getOrCreate: async (name) => {
      const known = read(name);
      if (known) return known;
      insert.run(name, randomBytes(SECRET_BYTES));
      const made = read(name);
      if (!made) throw new Error(`The secret '${name}' was not kept.`);
      return made;
    },
  };
}
