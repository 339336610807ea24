import { mkdir, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { cancelledError } from '../base/errors.ts';
import { randomHex } from '../base/ids.ts';
import { freeBytes } from '../base/spent-bytes.ts';
import { concatBytes } from '../base/stream.ts';
import type { UploadRoom, UploadShelf } from '../core/ports/upload-room.ts';
import { toDiskFailure } from './disk-failure.ts';

/** Where uploads may lie, and how large one may be. */
export interface UploadFolderOptions {
  /** May be shared by several processes. Made when it is first needed. */
  readonly folder: string;
  /** Bytes of one file; absent means that each vendor's own limit counts. */
  readonly maxFileBytes?: number;
}

/** A room on disk that can clean up after processes that were killed. */
export interface UploadFolder extends UploadRoom {
  /** Removes what processes that are gone left behind. */
  sweep(): Promise<void>;
}

const READ_BYTES = 256 * 1024;
/** So much is written at once, while as much again comes in. */
const WRITE_BYTES = 256 * 1024;
/** Whether a process on another machine still lives cannot be seen; no request takes so long. */
const FOREIGN_LIFE_MS = 24 * 60 * 60 * 1000;

/** Keeps uploads as files that only the server's own user can read, those of each request in a folder of its own. */
export function createUploadFolder({ folder, maxFileBytes }: UploadFolderOptions): UploadFolder {
  const inUse = new Map<string, UploadShelf>();
  return {
    maxFileBytes,
    open: () => openShelf(folder, inUse),
    close: async () => {
      await Promise.all([...inUse.values()].map((shelf) => shelf.clear()));
    },
    sweep: () => sweep(folder, inUse),
  };
}

function openShelf(folder: string, inUse: Map<string, UploadShelf>): UploadShelf {
  let cleared = false;
  // Most requests keep nothing.
  let path: string | undefined;
  const shelf: UploadShelf = {
    keep: async (chunks) => {
      if (cleared) throw cancelledError();
      const own = (path ??= join(folder, shelfName()));
      inUse.set(own, shelf);
      try {
        await mkdir(own, { recursive: true, mode: 0o700 });
        const file = join(own, randomHex(16));
        const byteLength = await writeFile(file, chunks);
        if (!cleared) return { byteLength, read: () => readBack(file) };
      } catch (error) {
        throw toDiskFailure(error);
      } finally {
        // It may have been removed before it was there.
        if (cleared) await rm(own, { recursive: true, force: true });
      }
      throw cancelledError();
    },
    clear: async () => {
      cleared = true;
      if (path !== undefined && inUse.delete(path)) await rm(path, { recursive: true, force: true });
    },
  };
  return shelf;
}

async function writeFile(path: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await writePieces(handle, chunks);
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

/** Many pieces with each order to the system, and the next ones come in meanwhile. */
async function writePieces(handle: FileHandle, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  let writing = Promise.resolve();
  try {
    for await (const chunk of chunks) {
      pieces.push(chunk);
      length += chunk.length;
      if (length < WRITE_BYTES) continue;
      await writing;
      writing = writeAll(handle, pieces);
      // Whoever waits for it hears of it, which may be only when the next piece has come.
      writing.catch(() => undefined);
      pieces = [];
      length = 0;
    }
  } finally {
    // The file is closed afterwards.
    await writing;
  }
  await writeAll(handle, pieces);
}

async function writeAll(handle: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  if (pieces.length === 0) return;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const { bytesWritten } = await handle.writev(pieces);
  // The rest goes on where it stopped, and what stopped it is thrown.
  if (bytesWritten < length) await handle.writeFile(concatBytes(pieces).subarray(bytesWritten));
  freeBytes(pieces);
}

async function* readBack(path: string): ReturnType<typeof piecesOf> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw codeOf(error) === 'ENOENT' ? cancelledError() : error;
  });
  try {
    yield* piecesOf(handle);
  } finally {
    await handle.close();
  }
}

async function* piecesOf(handle: Awaited<ReturnType<typeof open>>): AsyncGenerator<Uint8Array, void> {
  for (;;) {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(READ_BYTES), 0, READ_BYTES);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** The machine and the process tell whether it is still in use; the rest cannot be guessed. */
function shelfName(): string {
  return `${machineName()}-${process.pid}-${randomHex(16)}`;
}

function machineName(): string {
  return hostname().replace(/[^A-Za-z0-9.]/g, '_');
}

async function sweep(folder: string, inUse: ReadonlyMap<string, unknown>): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const path = join(folder, name);
    if (!inUse.has(path) && (await isAbandoned(name, path))) await rm(path, { recursive: true, force: true });
  }
}

async function isAbandoned(name: string, path: string): Promise<boolean> {
  const [, machine, pid] = /^(.+)-(\d+)-[0-9a-f]{32}$/.exec(name) ?? [];
  if (machine === undefined) return false;
  if (machine === machineName()) return !isAlive(Number(pid));
  const changed = await stat(path).catch(() => undefined);
  return changed !== undefined && Date.now() - changed.mtimeMs > FOREIGN_LIFE_MS;
}

/** In a container every start has the same number, so that our own number on an older folder means nobody. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
