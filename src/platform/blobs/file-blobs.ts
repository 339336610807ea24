import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import type { BlobStore } from '../../core/ports/blob-store.ts';
import { toDiskFailure } from '../disk-failure.ts';
import { blobGone } from './blob-gone.ts';
import { listFileBlobs, type ListedBlob } from './file-listing.ts';

/** Letters, digits, `-` and `_` in parts between `/`: no id can name a place outside the folder. */
const SAFE_ID = /^[\w-]+(\/[\w-]+)*$/;

/** What a blob is called while it is written. */
const UNFINISHED = /\.[0-9a-f]{16}\.part$/;

/** Who writes adds something within this time, in milliseconds; what is older was left behind. */
const ABANDONED_MS = 60 * 60 * 1000;

/** One block of a usual file system. */
const CHECK_BYTES = 4096;

/** Blobs on disk that can clean up after processes that were killed. */
export interface FileBlobs extends BlobStore {
  /** Removes what was begun and is not written any more. Another process may use the folder meanwhile. */
  sweep(): Promise<void>;
  /** Every blob, in no order; one that comes or goes meanwhile may be missing. */
  list(): AsyncIterable<ListedBlob>;
}

/** Keeps blobs as files of a folder, which is made when the first one arrives. */
export function createFileBlobs(folder: string): FileBlobs {
  const pathOf = (id: string) => {
    if (!SAFE_ID.test(id)) throw new AppError('internal', `'${id}' is no id of a blob.`);
    return join(folder, id);
  };
  return {
    put: async (id, bytes) => {
      const path = pathOf(id);
      const unfinished = `${path}.${randomHex(8)}.part`;
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        const source = bytes instanceof Uint8Array ? [bytes] : bytes;
        await pipeline(Readable.from(source), createWriteStream(unfinished, { mode: 0o600 }));
        const { size } = await stat(unfinished);
        await rename(unfinished, path);
        return size;
      } catch (error) {
        // A folder that takes nothing lets nothing be removed either.
        await rm(unfinished, { force: true }).catch(() => undefined);
        throw toDiskFailure(error);
      }
    },
    find: async (id) => {
      const path = pathOf(id);
      const facts = await stat(path).catch(() => undefined);
      if (!facts?.isFile()) return undefined;
      return {
        byteLength: facts.size,
        open: (range) => readFileBytes(path, range),
      };
    },
    remove: async (id) => rm(pathOf(id), { force: true }),
    check: () => checkFolder(folder),
    list: () => listFileBlobs(folder),
    sweep: async () => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
      for (const entry of entries) {
        if (!entry.isFile() || !UNFINISHED.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const facts = await stat(path).catch(() => undefined);
        if (facts && Date.now() - facts.mtimeMs > ABANDONED_MS) await rm(path, { force: true });
      }
    },
  };
}

/** The file is opened once somebody reads: whoever asks for its bytes and goes without them leaves nothing open. */
async function* readFileBytes(
  path: string,
  range: { readonly start: number; readonly end: number } | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    // A stream's `end` is inclusive.
    yield* createReadStream(path, range ? { start: range.start, end: range.end - 1 } : {});
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') throw blobGone({ cause });
    throw cause;
  }
}

/** A disk that is full, or that has become read-only, lets everything be read, so that something is written. */
async function checkFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `check.${randomHex(8)}.part`);
  try {
    await writeFile(path, new Uint8Array(CHECK_BYTES), { mode: 0o600 });
  } catch (error) {
    throw toDiskFailure(error);
  } finally {
    await rm(path, { force: true });
  }
}
