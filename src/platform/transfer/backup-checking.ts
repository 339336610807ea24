import { createHash } from 'node:crypto';
import { AppError } from '../../base/errors.ts';
import { collectBytes } from '../../base/stream.ts';
import { readArchive, type ArchiveEntry } from './archive-reading.ts';
import {
  backupHead,
  backupManifest,
  BLOB_PREFIX,
  CHECKSUM_PREFIX,
  DATABASE_NAME,
  GONE,
  HEAD_NAME,
  inBackupOrder,
  MANIFEST_NAME,
  type BackupHead,
  type BackupManifest,
} from './backup-format.ts';

/** A back-up whose every byte was compared with its checksum. */
export interface CheckedBackup {
  readonly head: BackupHead;
  readonly manifest: BackupManifest;
  /** Blobs that went away while the back-up was made; what is in it of them is of no use. */
  readonly gone: ReadonlySet<string>;
}

/** Notes are short; what is longer is none of ours. */
const NOTE_BYTES = 64 * 1024;

/** Reads a back-up from end to end. Throws, naming what is damaged or missing, unless all of it is right. */
export async function checkBackup(path: string): Promise<CheckedBackup> {
  const check = createCheck();
  try {
    for await (const entry of readArchive(path, inBackupOrder)) await check.look(entry);
    return check.end();
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('invalid_request', `${path} is no whole back-up: ${reason}`, { cause: error });
  }
}

function createCheck() {
  const seen: { head?: BackupHead; manifest?: BackupManifest; database?: Digest } = {};
  const gone = new Set<string>();
  const counts = { count: 0, byteLength: 0 };
  let blob: (Digest & { readonly id: string }) | undefined;
  const lookAtChecksum = async (entry: ArchiveEntry) => {
    const id = entry.name.slice(CHECKSUM_PREFIX.length);
    if (blob?.id !== id) throw new Error(`the checksum of ${id} does not follow it`);
    const said = (await noteOf(entry)).trim();
    if (said === GONE) gone.add(id);
    else if (said !== blob.sha256) throw new Error(`blob ${id} is damaged`);
    else {
      counts.count += 1;
      counts.byteLength += blob.byteLength;
    }
    blob = undefined;
  };
  return {
    look: async (entry: ArchiveEntry) => {
      const { name } = entry;
      if (blob && !name.startsWith(CHECKSUM_PREFIX)) throw new Error(`blob ${blob.id} has no checksum`);
      if (!seen.head) {
        if (name !== HEAD_NAME) throw new Error(`it does not begin with ${HEAD_NAME}`);
        seen.head = backupHead.parse(JSON.parse(await noteOf(entry)));
      } else if (name.startsWith(BLOB_PREFIX))
        blob = { id: name.slice(BLOB_PREFIX.length), ...(await digestOf(entry)) };
      else if (name.startsWith(CHECKSUM_PREFIX)) await lookAtChecksum(entry);
      else if (name === DATABASE_NAME) seen.database = await digestOf(entry);
      else if (name === MANIFEST_NAME) seen.manifest = backupManifest.parse(JSON.parse(await noteOf(entry)));
      else throw new Error(`${name} is no part of a back-up`);
    },
    end: (): CheckedBackup => {
      const { head, manifest, database } = seen;
      if (!head || !manifest || !database) throw new Error('its end is missing');
      if (database.sha256 !== manifest.database.sha256) throw new Error('the database is damaged');
      const { blobs } = manifest;
      if (blobs.count !== counts.count || blobs.byteLength !== counts.byteLength)
        throw new Error(`of ${blobs.count} blobs, ${counts.count} are there`);
      return { head, manifest, gone };
    },
  };
}

interface Digest {
  readonly sha256: string;
  readonly byteLength: number;
}

async function digestOf(entry: ArchiveEntry): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of entry.bytes()) hash.update(chunk);
  return { sha256: hash.digest('hex'), byteLength: entry.size };
}

async function noteOf(entry: ArchiveEntry): Promise<string> {
  if (entry.size > NOTE_BYTES) throw new Error(`${entry.name} is too long`);
  return new TextDecoder().decode(await collectBytes(entry.bytes()));
}
