import { ReadableStreamSource } from 'mediabunny';
import type { ByteReader } from './byte-reader.ts';
import { byteAt, textAt } from './byte-view.ts';
import type { ContainerDecoder, OpenedSound } from './sound-block.ts';
import { openTrackFile } from './track-decoder.ts';

/** The file's header and that of its segment are shorter than this. */
const HEAD_BYTES = 4_096;
const SEGMENT_ID = [0x18, 0x53, 0x80, 0x67];
/** A Void element without content. */
const EMPTY_ELEMENT = [0xec, 0x80];
/** More than a cluster of sound has; a header may promise anything. */
const MOST_FILL_BYTES = 2 * 1024 * 1024;
const CHUNK_BYTES = 65_536;
/** How far back the reader may look; it reads from front to back. */
const CACHE_BYTES = 8 * 1024 * 1024;

/** WebM and Matroska, films included, read from front to back. */
export const matroskaDecoder: ContainerDecoder = { container: 'webm', open: openMatroska };

async function openMatroska(bytes: ByteReader): Promise<OpenedSound> {
  const head = await bytes.peek(HEAD_BYTES);
  const container = textAt(head, 0, 64).includes('webm') ? 'webm' : 'matroska';
  const promised = segmentEnd(head);
  const fill = { left: MOST_FILL_BYTES, used: false };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const chunk = await bytes.takeSome(CHUNK_BYTES);
        const missing = promised - bytes.position - (MOST_FILL_BYTES - fill.left);
        if (chunk.length > 0) controller.enqueue(new Uint8Array(chunk));
        else if (missing > 0 && fill.left > 0) controller.enqueue(fillUp(missing, fill));
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const source = new ReadableStreamSource(stream, {
    maxCacheSize: CACHE_BYTES,
    handleUnhandledError: () => undefined,
  });
  return openTrackFile({
    container,
    label: container === 'webm' ? 'WebM' : 'Matroska',
    source,
    isCut: () => fill.used,
    complete: false,
  });
}

/**
 * The reader gives a cluster only when it has all of it, and a cluster may last many seconds. So that what was
 * received of a cut one is heard, its rest is filled with empty elements.
 */
function fillUp(missing: number, fill: { left: number; used: boolean }): Uint8Array {
  const filler = new Uint8Array(Math.min(missing, fill.left, CHUNK_BYTES));
  fill.left -= filler.length;
  fill.used = true;
  return filler.map((_, index) => EMPTY_ELEMENT[index % 2] ?? 0);
}

/** Where the segment ends according to its header; 0 when a streaming writer left that open. */
function segmentEnd(head: Uint8Array): number {
  const first = readSize(head, 4);
  if (!first) return 0;
  const segment = 4 + first.byteLength + first.size;
  const isSegment = SEGMENT_ID.every((byte, index) => head[segment + index] === byte);
  const size = isSegment ? readSize(head, segment + 4) : undefined;
  return size ? segment + 4 + size.byteLength + size.size : 0;
}

/** A number whose leading zeros tell how many bytes it has (RFC 8794, section 4); all ones mean unknown. */
function readSize(
  bytes: Uint8Array,
  offset: number,
): { readonly size: number; readonly byteLength: number } | undefined {
  const first = byteAt(bytes, offset);
  const byteLength = Math.clz32(first) - 23;
  if (first === 0 || offset + byteLength > bytes.length) return undefined;
  let size = first & (0xff >> byteLength);
  for (let index = 1; index < byteLength; index += 1) size = size * 256 + byteAt(bytes, offset + index);
  return size >= 2 ** (7 * byteLength) - 1 ? undefined : { size, byteLength };
}
