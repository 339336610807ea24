import { z } from 'zod';

/** The first file of a back-up: what it is. */
export const HEAD_NAME = 'antiphon-backup.json';
/** Every row, as a SQLite database. */
export const DATABASE_NAME = 'antiphon.sqlite';
/** The last file of a back-up: without it there is an end missing. */
export const MANIFEST_NAME = 'manifest.json';
/** Before the id of a blob. */
export const BLOB_PREFIX = 'blobs/';
/** Before the id of a blob, for the file with its SHA-256 that follows it. */
export const CHECKSUM_PREFIX = 'checksums/';

/** Stands for the checksum of a blob that was removed or replaced while it was read. */
export const GONE = 'gone';

/** How back-ups are laid out; a change that older programs would misread takes the next number. */
export const BACKUP_FORMAT = 1;

export const backupHead = z.object({
  format: z.literal(BACKUP_FORMAT),
  program: z.string(),
  madeAt: z.string(),
  database: z.enum(['sqlite', 'postgres']),
  blobs: z.enum(['files', 's3']),
});

export const backupManifest = z.object({
  database: z.object({ byteLength: z.number(), sha256: z.string(), schema: z.number() }),
  blobs: z.object({ count: z.number(), gone: z.number(), byteLength: z.number() }),
});

/** What a back-up says of itself at its beginning. */
export type BackupHead = z.output<typeof backupHead>;

/** What a back-up says at its end of what is in it. */
export type BackupManifest = z.output<typeof backupManifest>;

/** The files of a back-up in a folder, in the order in which an archive has them. */
export function inBackupOrder(names: readonly string[]): readonly string[] {
  const blobs = names.filter((name) => name.startsWith(BLOB_PREFIX)).sort();
  const known = new Set(names);
  const paired = blobs.flatMap((name) => [name, `${CHECKSUM_PREFIX}${name.slice(BLOB_PREFIX.length)}`]);
  const ordered = [HEAD_NAME, ...paired, DATABASE_NAME, MANIFEST_NAME].filter((name) => known.has(name));
  const placed = new Set(ordered);
  return [...ordered, ...names.filter((name) => !placed.has(name))];
}
