import { concatBytes, whenDone } from '../../base/stream.ts';
import type { AudioFormat } from '../../media/formats/format.ts';
import type { UploadRoom, UploadShelf } from '../ports/upload-room.ts';

/** A file that is complete before anything of it is read. */
export interface WholeFile {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly byteLength: number;
}

/** How a file is gathered. */
export interface Gathering {
  readonly format: AudioFormat;
  /** Where a file lies that is too large for memory; absent: in memory all the same. */
  readonly room: Pick<UploadRoom, 'open'> | undefined;
  readonly signal: AbortSignal;
}

/** Files up to this size are held in memory: six minutes of WAV at 24 kHz. */
const MEMORY_BYTES = 16 * 1024 * 1024;
/** Enough of a file for its header. */
const HEAD_BYTES = 4_096;

/**
 * Reads encoded sound to its end and writes true lengths into its header. A large file lies on disk until it has been
 * read, its reader has left, or the signal fires. Throws what the reading throws, and `overloaded` for a full disk.
 */
export async function gatherFile(bytes: AsyncIterable<Uint8Array>, gathering: Gathering): Promise<WholeFile> {
  const { format, room } = gathering;
  const iterator = bytes[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await iterator.next();
    if (done === true) {
      const file = concatBytes(held);
      format.writeTrueLengths?.(file);
      return { chunks: once(file), byteLength: file.length };
    }
    held.push(value);
    length += value.length;
    if (room && length > MEMORY_BYTES) return spool(continued(held, iterator), room, gathering);
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** What is held is let go as it is read. */
async function* continued(
  held: Uint8Array[],
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    while (held.length > 0) yield concatBytes(held.splice(0, 64));
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

async function spool(
  bytes: AsyncIterable<Uint8Array>,
  room: Pick<UploadRoom, 'open'>,
  { format, signal }: Gathering,
): Promise<WholeFile> {
  const shelf = room.open();
  try {
    const source = await shelf.keep(bytes);
    const chunks = withTrueLengths(source.read(), source.byteLength, format);
    return { byteLength: source.byteLength, chunks: untilRead(chunks, shelf, signal) };
  } catch (error) {
    await shelf.clear();
    throw error;
  }
}

function untilRead(
  bytes: AsyncIterable<Uint8Array>,
  shelf: UploadShelf,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  // What cannot be removed now is swept at the next start.
  const clear = () => void shelf.clear().catch(() => undefined);
  signal.addEventListener('abort', clear, { once: true });
  return whenDone(bytes, () => {
    signal.removeEventListener('abort', clear);
    clear();
  });
}

async function* withTrueLengths(
  bytes: AsyncIterable<Uint8Array>,
  byteLength: number,
  format: AudioFormat,
): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | undefined = new Uint8Array(0);
  for await (const chunk of bytes) {
    if (!head) {
      yield chunk;
      continue;
    }
    head = concatBytes([head, chunk]);
    if (head.length < Math.min(HEAD_BYTES, byteLength)) continue;
    format.writeTrueLengths?.(head, byteLength);
    yield head;
    head = undefined;
  }
}
