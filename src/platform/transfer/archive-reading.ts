import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, pipeline } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { archiveKind } from './archive-kind.ts';
import { readTarHeader, TAR_BLOCK, tarPadding } from './tar-blocks.ts';

/** A file of an archive. Its bytes are read before the next one is asked for, or passed over. */
export interface ArchiveEntry {
  readonly name: string;
  readonly size: number;
  readonly bytes: () => AsyncIterable<Uint8Array>;
}

/** The files of an archive in the order in which they were written; of a folder, as `order` sorts their names. */
export function readArchive(
  path: string,
  order: (names: readonly string[]) => readonly string[],
): AsyncGenerator<ArchiveEntry> {
  const kind = archiveKind(path);
  return kind === 'folder' ? readFolder(path, order) : readTar(path, kind === 'tar.zst');
}

async function* readFolder(
  folder: string,
  order: (names: readonly string[]) => readonly string[],
): AsyncGenerator<ArchiveEntry> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, '/').length));
  for (const name of order(names.map((one) => one.replaceAll('\\', '/')))) {
    const path = join(folder, name);
    yield { name, size: (await stat(path)).size, bytes: () => createReadStream(path) };
  }
}

async function* readTar(path: string, compressed: boolean): AsyncGenerator<ArchiveEntry> {
  const file = createReadStream(path);
  // What goes wrong with the file is heard by whoever reads.
  const plain = pipeline(file, compressed ? createZstdDecompress() : new PassThrough(), () => undefined);
  const source = createByteSource(plain);
  try {
    for (;;) {
      const header = await source.exactly(TAR_BLOCK);
      if (!header) throw new Error('The archive ends too early.');
      const entry = readTarHeader(header);
      if (!entry) return;
      const rest = { left: entry.size };
      yield { ...entry, bytes: () => source.part(rest) };
      for await (const _passed of source.part(rest));
      await source.exactly(tarPadding(entry.size).length);
    }
  } finally {
    file.destroy();
    plain.destroy();
  }
}

/** Cuts a stream of bytes into pieces of known length. */
function createByteSource(stream: AsyncIterable<Uint8Array>) {
  const chunks = stream[Symbol.asyncIterator]();
  let held: Uint8Array = new Uint8Array();
  const take = async (most: number): Promise<Uint8Array | undefined> => {
    while (held.length === 0) {
      const next = await chunks.next();
      if (next.done === true) return undefined;
      held = next.value;
    }
    const taken = held.subarray(0, most);
    held = held.subarray(taken.length);
    return taken;
  };
  async function* part(rest: { left: number }): AsyncGenerator<Uint8Array> {
    while (rest.left > 0) {
      const chunk = await take(rest.left);
      if (!chunk) throw new Error('The archive ends too early.');
      rest.left -= chunk.length;
      yield chunk;
    }
  }
  return {
    part,
    /** So many bytes at once; undefined at the end. */
    exactly: async (length: number): Promise<Uint8Array | undefined> => {
      const whole = new Uint8Array(length);
      for (let filled = 0; filled < length;) {
        const chunk = await take(length - filled);
        if (!chunk) return undefined;
        whole.set(chunk, filled);
        filled += chunk.length;
      }
      return whole;
    },
  };
}
