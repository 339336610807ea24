import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import { once } from 'node:events';
import { PassThrough, Readable, type Duplex } from 'node:stream';
import { createZstdCompress } from 'node:zlib';
import { randomHex } from '../../base/ids.ts';
import { archiveKind } from './archive-kind.ts';
import { tarEnd, tarHeader, tarPadding } from './tar-blocks.ts';

/** Something that files are put into, one after the other. */
export interface ArchiveWriter {
  /** The bytes are as many as `size` says. */
  readonly add: (name: string, size: number, bytes: AsyncIterable<Uint8Array>) => Promise<void>;
  /** Only now is the archive there under its name. */
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  abandon(): Promise<void>;
}

/** Begins an archive (`.tar`, `.tar.zst`) or a folder that nobody else can read. `time` is in seconds since 1970. */
export async function createArchive(path: string, time: number): Promise<ArchiveWriter> {
  const unfinished = `${path}.${randomHex(4)}.part`;
  const kind = archiveKind(path);
  const writer =
    kind === 'folder'
      ? await folderWriter(unfinished)
      : await tarWriter(unfinished, kind === 'tar.zst', time);
  return {
    add: writer.add,
    finish: async () => {
      await writer.finish();
      await rename(unfinished, path);
    },
    abandon: async () => {
      await writer.abandon();
      await rm(unfinished, { recursive: true, force: true });
    },
  };
}

async function folderWriter(folder: string): Promise<ArchiveWriter> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return {
    add: async (name, _size, bytes) => {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await pipeline(Readable.from(bytes), createWriteStream(path, { mode: 0o600, flags: 'wx' }));
    },
    finish: async () => undefined,
    abandon: async () => undefined,
  };
}

async function tarWriter(path: string, compressed: boolean, time: number): Promise<ArchiveWriter> {
  await mkdir(dirname(path), { recursive: true });
  const file = (await open(path, 'wx', 0o600)).createWriteStream();
  const entrance: Duplex = compressed ? createZstdCompress() : new PassThrough();
  const written = pipeline(entrance, file);
  // Whoever writes next hears of it; here nobody may be left without an answer.
  written.catch(() => undefined);
  const write = async (bytes: Uint8Array) => {
    if (!entrance.write(bytes)) await Promise.race([once(entrance, 'drain'), written]);
  };
  return {
    add: async (name, size, bytes) => {
      await write(tarHeader({ name, size }, time));
      for await (const chunk of bytes) await write(chunk);
      await write(tarPadding(size));
    },
    finish: async () => {
      entrance.end(tarEnd());
      await written;
    },
    abandon: async () => {
      entrance.destroy();
      await finished(file).catch(() => undefined);
    },
  };
}
