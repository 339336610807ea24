import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { refuseNewerSchema } from '../store/schema-version.ts';
import { sqliteSchema } from '../store/sqlite-migrating.ts';
import { readArchive, type ArchiveEntry } from './archive-reading.ts';
import type { CheckedBackup } from './backup-checking.ts';
import { BLOB_PREFIX, DATABASE_NAME, inBackupOrder } from './backup-format.ts';
import type { Installation } from './installation.ts';
import { refuseFilled } from './moving.ts';
import { openSqliteBank } from './sqlite-bank.ts';
import { copyTables, type TableBank, type TableCount } from './table-copy.ts';

/** What is restored where. */
export interface Restoring {
  readonly path: string;
  readonly backup: CheckedBackup;
  readonly into: Installation;
  /** Where the database is unpacked meanwhile; made when it is missing. */
  readonly folder: string;
  /** Whether what is there is replaced. */
  readonly replace: boolean;
  readonly onProgress?: (progress: { readonly receivedBytes: number; readonly totalBytes: number }) => void;
}

/** What was restored. */
export interface RestoreReport {
  readonly rows: readonly TableCount[];
  readonly blobs: number;
  /** Blobs of what was there before. */
  readonly removed: number;
}

/**
 * Puts back what a back-up holds: bytes first, then all rows at once, brought up to the schema of this program. What was
 * there before goes only when everything is in its place.
 */
export async function restoreBackup(restoring: Restoring): Promise<RestoreReport> {
  const { into, replace } = restoring;
  await into.rows.hold();
  if (!replace) await into.rows.write(refuseFilled);
  await mkdir(restoring.folder, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(restoring.folder, 'restore-'));
  const shelf = createIdShelf(join(folder, 'ids.sqlite'));
  try {
    const blobs = await unpack(restoring, folder, shelf.add);
    const rows = await fill(join(folder, DATABASE_NAME), into.rows, replace);
    const removed = replace ? await removeOthers(into, shelf.has) : 0;
    return { rows, blobs, removed };
  } finally {
    shelf.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function unpack(
  { path, backup, into, onProgress }: Restoring,
  folder: string,
  note: (id: string) => void,
): Promise<number> {
  let count = 0;
  let receivedBytes = 0;
  for await (const entry of readArchive(path, inBackupOrder)) {
    if (entry.name === DATABASE_NAME) await unpackFile(entry, join(folder, DATABASE_NAME));
    const id = entry.name.startsWith(BLOB_PREFIX) ? entry.name.slice(BLOB_PREFIX.length) : undefined;
    if (id === undefined || backup.gone.has(id)) continue;
    await into.blobs.put(id, entry.bytes());
    note(id);
    count += 1;
    receivedBytes += entry.size;
    onProgress?.({ receivedBytes, totalBytes: backup.manifest.blobs.byteLength });
  }
  return count;
}

async function unpackFile(entry: ArchiveEntry, path: string): Promise<void> {
  await pipeline(Readable.from(entry.bytes()), createWriteStream(path, { mode: 0o600, flags: 'wx' }));
}

async function fill(file: string, target: TableBank, replace: boolean): Promise<readonly TableCount[]> {
  refuseNewer(file);
  const bank = openSqliteBank(file);
  try {
    return await bank.read((source) =>
      target.write(async (to) => {
        if (!replace) await refuseFilled(to);
        return copyTables(source, to);
      }),
    );
  } finally {
    await bank.close();
  }
}

function refuseNewer(file: string): void {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    refuseNewerSchema(sqliteSchema(database));
  } finally {
    database.close();
  }
}

async function removeOthers({ blobs }: Installation, isRestored: (id: string) => boolean): Promise<number> {
  let removed = 0;
  for await (const { id } of blobs.list()) {
    if (isRestored(id)) continue;
    await blobs.remove(id);
    removed += 1;
  }
  return removed;
}

/** Remembers ids on disk, however many there are. */
function createIdShelf(path: string) {
  const database = new DatabaseSync(path);
  database.exec(
    'PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE ids (id TEXT PRIMARY KEY)',
  );
  const insert = database.prepare('INSERT OR IGNORE INTO ids (id) VALUES (?)');
  const find = database.prepare('SELECT 1 FROM ids WHERE id = ?');
  return {
    add: (id: string) => void insert.run(id),
    has: (id: string) => find.get(id) !== undefined,
    close: () => database.close(),
  };
}
