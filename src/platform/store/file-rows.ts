import type { StoredFile } from '../../core/files/file-service.ts';

/** A file as its row of the table `files` has it, in whichever database. */
export function toFile(row: Readonly<Record<string, unknown>>): StoredFile {
  return {
    id: String(row['id']),
    ownerId: String(row['owner_id']),
    mediaType: String(row['media_type']),
    filename: String(row['filename']),
    byteLength: Number(row['byte_length']),
    createdAt: Number(row['created_at']),
    expiresAt: Number(row['expires_at']),
  };
}
