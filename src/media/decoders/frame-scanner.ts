import type { ByteReader } from './byte-reader.ts';
import { truncatedFile } from './decode-refusals.ts';

/** What the first bytes of a frame say about it. */
export interface FrameHeader {
  /** The whole frame, header included, in bytes. */
  readonly byteLength: number;
  /** Equal for frames that can belong to one stream. */
  readonly kind: string;
}

/** Reads a frame's header at an offset, or finds that there is none. */
export type ReadFrameHeader<H extends FrameHeader> = (bytes: Uint8Array, offset: number) => H | undefined;

/** One whole frame and what its header says. */
export interface ScannedFrame<H extends FrameHeader> {
  readonly header: H;
  readonly bytes: Uint8Array;
}

/** Enough for the longest frame of MP3 (2 881 bytes) and AAC (8 191 bytes) and the header behind it. */
const WINDOW_BYTES = 65_536;
/** So much that is no frame is passed over between two frames before the rest counts as something else. */
const MOST_GARBAGE_BYTES = 4 * 1024 * 1024;
const ID3V1_BYTES = 128;

/**
 * Finds the offset of the first frame that is followed by `followers` more of its kind, or by the end of the
 * bytes when `final` says that there will be no more.
 */
export function findFrame<H extends FrameHeader>(
  bytes: Uint8Array,
  read: ReadFrameHeader<H>,
  bounds: { readonly followers: number; readonly final: boolean },
): number | undefined {
  for (let offset = 0; offset < bytes.length; offset += 1) {
    if (bytes[offset] === 0xff && isFollowed(bytes, offset, { read, ...bounds })) return offset;
  }
  return undefined;
}

function isFollowed<H extends FrameHeader>(
  bytes: Uint8Array,
  start: number,
  want: { readonly read: ReadFrameHeader<H>; readonly followers: number; readonly final: boolean },
): boolean {
  const first = want.read(bytes, start);
  if (!first) return false;
  let offset = start + first.byteLength;
  for (let count = 0; count < want.followers; count += 1) {
    if (offset >= bytes.length) return want.final && offset === bytes.length;
    const next = want.read(bytes, offset);
    if (!next || next.kind !== first.kind) return false;
    offset += next.byteLength;
  }
  return true;
}

/**
 * Cuts a stream without a container into its frames. What lies between is passed over. Throws `truncated` at the
 * end when the last frame is cut.
 */
export async function* scanFrames<H extends FrameHeader>(
  bytes: ByteReader,
  container: string,
  read: ReadFrameHeader<H>,
): AsyncGenerator<ScannedFrame<H>> {
  let kind: string | undefined;
  let garbage = 0;
  for (;;) {
    const window = await bytes.peek(WINDOW_BYTES);
    if (window.length === 0) return;
    const header = read(window, 0);
    if (header && (header.kind === kind || startsFrames(window, read))) {
      if (header.byteLength > window.length) throw truncatedFile(container, 'its last frame is cut');
      kind = header.kind;
      garbage = 0;
      yield { header, bytes: await bytes.take(header.byteLength) };
      continue;
    }
    const final = window.length < WINDOW_BYTES;
    if (final && window.length <= ID3V1_BYTES) return;
    const found = findFrame(window.subarray(1), read, { followers: 2, final });
    const skipped =
      found === undefined ? Math.max(1, final ? window.length : window.length - 16_384) : found + 1;
    garbage += skipped;
    if (garbage > MOST_GARBAGE_BYTES) return;
    await bytes.skip(skipped);
  }
}

function startsFrames<H extends FrameHeader>(window: Uint8Array, read: ReadFrameHeader<H>): boolean {
  return isFollowed(window, 0, { read, followers: 1, final: window.length < WINDOW_BYTES });
}
