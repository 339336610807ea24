import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import type { BlobStore } from '../../core/ports/blob-store.ts';

/** Letters, digits, `-` and `_` in parts between `/`: no id can name a place outside the folder. */
const SAFE_ID = /^[\w-]+(\/[\w-]+)*$/;

/** Keeps blobs as files of a folder, which is made when the first one arrives. */
export function createFileBlobs(folder: string): BlobStore {
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
        throw error;
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
  };
}
