import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import type { BlobStore } from '../../core/ports/blob-store.ts';

/** Letters, digits, `-` and `_` in parts between `/`: no id can name a place outside the folder. */
const SAFE_ID = /^[\w-]+(\/[\w-]+)*$/;

/** What a blob is called while it is written. */
const UNFINISHED = /\.[0-9a-f]{16}\.part$/;

/** Who writes adds something within this time, in milliseconds; what is older was left behind. */
const ABANDONED_MS = 60 * 60 * 1000;

/** Blobs on disk that can clean up after processes that were killed. */
export interface FileBlobs extends BlobStore {
  /** Removes what was begun and is not written any more. Another process may use the folder meanwhile. */
  sweep(): Promise<void>;
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
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const unfinished = `${path}.${randomHex(8)}.part`;
      try {
        const source = bytes instanceof Uint8Array ? [bytes] : bytes;
        await pipeline(Readable.from(source), createWriteStream(unfinished, { mode: 0o600 }));
        const { size } = await stat(unfinished);
        await rename(unfinished, path);
        return size;
      } catch (error) {
        await rm(unfinished, { force: true });
        throw isFull(error) ? noRoom(error) : error;
      }
    },
    find: async (id) => {
      const path = pathOf(id);
      const facts = await stat(path).catch(() => undefined);
      if (!facts?.isFile()) return undefined;
      return {
        byteLength: facts.size,
        open: (range) =>
          // A stream's `end` is inclusive.
          createReadStream(path, range ? { start: range.start, end: range.end - 1 } : {}),
      };
    },
    remove: async (id) => rm(pathOf(id), { force: true }),
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

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT'].includes(String(error.code));
}

function noRoom(cause: unknown): AppError {
  return new AppError('overloaded', 'There is no room left on the disk of this server.', { cause });
}
