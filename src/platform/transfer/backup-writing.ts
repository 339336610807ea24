import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../base/errors.ts';
import type { ListedBlob } from '../blobs/file-listing.ts';
import { sqliteSchema } from '../store/sqlite-migrating.ts';
import { createArchive, type ArchiveWriter } from './archive-writing.ts';
import {
  BACKUP_FORMAT,
  BLOB_PREFIX,
  CHECKSUM_PREFIX,
  DATABASE_NAME,
  GONE,
  HEAD_NAME,
  MANIFEST_NAME,
  type BackupHead,
  type BackupManifest,
} from './backup-format.ts';
import { isGone, measureBlobs, type ListedBlobs } from './blob-copy.ts';
import { snapshotDatabase } from './database-snapshot.ts';
import type { InstallationPlace } from './installation.ts';

/** What a back-up is made of. */
export interface BackupOrder {
  readonly place: InstallationPlace;
  readonly blobs: ListedBlobs;
  /** `….tar.zst`, `….tar`, or a folder. */
  readonly path: string;
  /** Of this program. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly onProgress?: (progress: { readonly receivedBytes: number; readonly totalBytes: number }) => void;
}

/**
 * Writes a back-up while servers go on. The rows are those of one moment. Bytes are read after them, so that none is
 * missing that a row names, but for what was removed meanwhile; some that came later may be in it, too.
 */
export async function writeBackup(order: BackupOrder): Promise<BackupManifest> {
  const path = resolve(order.path);
  if (existsSync(path)) throw new AppError('conflict', `${order.path} is there already.`);
  const archive = await createArchive(path, order.now / 1000);
  const folder = await mkdtemp(join(dirname(path), 'antiphon-backup-'));
  try {
    const file = join(folder, DATABASE_NAME);
    await snapshotDatabase(order.place, file);
    await addText(archive, HEAD_NAME, json(headOf(order)));
    const blobs = await addBlobs(archive, order);
    const manifest = { database: await addDatabase(archive, file), blobs };
    await addText(archive, MANIFEST_NAME, json(manifest));
    await archive.finish();
    return manifest;
  } catch (error) {
    await archive.abandon();
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function headOf({ place, version, now }: BackupOrder): BackupHead {
  return {
    format: BACKUP_FORMAT,
    program: version,
    madeAt: new Date(now).toISOString(),
    database: place.databaseUrl === undefined ? 'sqlite' : 'postgres',
    blobs: place.blobUrl === undefined ? 'files' : 's3',
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

async function addText(archive: ArchiveWriter, name: string, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  await archive.add(name, bytes.length, once(bytes));
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

async function addDatabase(archive: ArchiveWriter, file: string): Promise<BackupManifest['database']> {
  const { size } = await stat(file);
  const hash = createHash('sha256');
  await archive.add(DATABASE_NAME, size, hashed(createReadStream(file), hash));
  const database = new DatabaseSync(file, { readOnly: true });
  const { version } = sqliteSchema(database);
  database.close();
  return { byteLength: size, sha256: hash.digest('hex'), schema: version };
}

async function* hashed(
  bytes: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}

async function addBlobs(archive: ArchiveWriter, order: BackupOrder): Promise<BackupManifest['blobs']> {
  const { bytes: totalBytes } = await measureBlobs(order.blobs);
  const counts = { count: 0, gone: 0, byteLength: 0 };
  for await (const listed of order.blobs.list()) {
    if (await addBlob(archive, order.blobs, listed)) {
      counts.count += 1;
      counts.byteLength += listed.byteLength;
    } else counts.gone += 1;
    order.onProgress?.({ receivedBytes: Math.min(counts.byteLength, totalBytes), totalBytes });
  }
  return counts;
}

/** Adds a blob and its checksum; false when it went away. */
async function addBlob(archive: ArchiveWriter, blobs: ListedBlobs, { id }: ListedBlob): Promise<boolean> {
  const blob = await blobs.find(id);
  if (!blob) return false;
  const hash = createHash('sha256');
  const reading = { isWhole: false };
  const bytes = hashed(exactly(blob.open(), blob.byteLength, reading), hash);
  await archive.add(`${BLOB_PREFIX}${id}`, blob.byteLength, bytes);
  const said = reading.isWhole ? hash.digest('hex') : GONE;
  await addText(archive, `${CHECKSUM_PREFIX}${id}`, `${said}\n`);
  return reading.isWhole;
}

/** Filled up with zeros where the bytes end too early: how many there are has been written down already. */
async function* exactly(
  bytes: AsyncIterable<Uint8Array>,
  length: number,
  reading: { isWhole: boolean },
): AsyncGenerator<Uint8Array> {
  let left = length;
  try {
    for await (const chunk of bytes) {
      if (chunk.length > left) break;
      left -= chunk.length;
      yield chunk;
    }
    reading.isWhole = left === 0;
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  for (; left > 0; left -= Math.min(left, ZEROS.length)) yield ZEROS.subarray(0, left);
}

const ZEROS = new Uint8Array(65_536);
