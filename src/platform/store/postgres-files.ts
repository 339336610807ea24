import { randomBytes } from 'node:crypto';
import type { FileStore, SecretStore } from '../../core/ports/store.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { toFile } from './file-rows.ts';

/** What is known about files, in PostgreSQL. */
export function postgresFiles(database: PostgresDatabase): FileStore {
  return {
    put: async ({ id, ownerId, mediaType, filename, byteLength, createdAt, expiresAt }) =>
      (await database.change(PUT, [id, ownerId, mediaType, filename, byteLength, createdAt, expiresAt])) ===
      1,
    find: async (id, ownerId) => {
      const [row] = await database.rows('SELECT * FROM files WHERE id = $1 AND owner_id = $2', [id, ownerId]);
      return row && toFile(row);
    },
    findAnyones: async (id) => {
      const [row] = await database.rows('SELECT * FROM files WHERE id = $1', [id]);
      return row && toFile(row);
    },
    remove: async (id, ownerId) =>
      (await database.change('DELETE FROM files WHERE id = $1 AND owner_id = $2', [id, ownerId])) === 1,
    listOf: async (ownerId, limit) =>
      (await database.rows('SELECT * FROM files WHERE owner_id = $1 LIMIT $2', [ownerId, limit])).map(toFile),
    listExpired: async (now, limit) => {
      const text = 'SELECT * FROM files WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2';
      return (await database.rows(text, [now, limit])).map(toFile);
    },
  };
}

const PUT = `
  INSERT INTO files (id, owner_id, media_type, filename, byte_length, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (id) DO UPDATE SET media_type = excluded.media_type, filename = excluded.filename,
      byte_length = excluded.byte_length, created_at = excluded.created_at, expires_at = excluded.expires_at
    WHERE files.owner_id = excluded.owner_id`;

/** Bytes of each secret. */
const SECRET_BYTES = 32;

/** The installation's secrets in PostgreSQL. Two processes that make one at the same time get the same. */
export function postgresSecrets(database: PostgresDatabase): SecretStore {
  const read = async (name: string): Promise<Uint8Array | undefined> => {
    const [row] = await database.rows('SELECT value FROM secrets WHERE name = $1', [name]);
    const value = row?.['value'];
    return value instanceof Uint8Array ? Uint8Array.from(value) : undefined;
  };
  return {
    getOrCreate: async (name) => {
      const known = await read(name);
      if (known) return known;
      await database.change('INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        name,
        randomBytes(SECRET_BYTES),
      ]);
      const made = await read(name);
      if (!made) throw new Error(`The secret '${name}' was not kept.`);
      return made;
    },
  };
}
