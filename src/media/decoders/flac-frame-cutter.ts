import type { ByteReader } from './byte-reader.ts';
import { byteAt, textAt, viewOf } from './byte-view.ts';
import { notAudio, truncatedFile } from './decode-refusals.ts';

/** What FLAC's STREAMINFO block says (RFC 9639, section 8.2). */
export interface FlacStreamInfo {
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: number;
  /** 0 when the writer did not know. */
  readonly totalFrames: number;
}

/** The longest frame that eight channels of 32 bit can make, with room to spare. */
const MOST_FRAME_BYTES = 4 * 1024 * 1024;
const FIRST_WINDOW_BYTES = 65_536;
/** A header and a checksum. */
const LEAST_FRAME_BYTES = 8;
const MOST_HEADER_BYTES = 16;
/** So often a damaged frame is passed over before the file counts as broken. */
const MOST_DAMAGED_FRAMES = 64;

/** How many bytes hold the block size and the rate, for the codes that do not say them by themselves. */
const SIZE_BYTES: Readonly<Record<number, number>> = { 6: 1, 7: 2 };
const RATE_BYTES: Readonly<Record<number, number>> = { 12: 1, 13: 2, 14: 2 };

const CRC8 = Uint8Array.from({ length: 256 }, (_, byte) => remainder(byte, { bits: 8, polynomial: 0x07 }));
const CRC16 = Uint16Array.from({ length: 256 }, (_, byte) =>
  remainder(byte << 8, { bits: 16, polynomial: 0x8005 }),
);

/** Reads the body of a STREAMINFO block. */
export function readStreamInfo(body: Uint8Array): FlacStreamInfo {
  if (body.length < 34) throw truncatedFile('FLAC', 'its first block is cut');
  const view = viewOf(body);
  const packed = view.getUint32(10);
  const info = {
    sampleRate: packed >>> 12,
    channels: ((packed >>> 9) & 7) + 1,
    bitsPerSample: ((packed >>> 4) & 31) + 1,
    totalFrames: (packed & 15) * 2 ** 32 + view.getUint32(14),
  };
  if (info.sampleRate === 0) throw notAudio('The FLAC file claims a sample rate of 0 Hz.');
  return info;
}

/**
 * Cuts the frames out of a FLAC stream. A frame ends where its own checksum comes out right in front of the next
 * frame's header, so that no chance likeness of a header cuts it. Throws `truncated` when the last one is cut.
 */
export async function* cutFlacFrames(bytes: ByteReader): AsyncGenerator<Uint8Array> {
  for (let damaged = 0; damaged <= MOST_DAMAGED_FRAMES;) {
    const cut = await findCut(bytes);
    if (cut.kind === 'end') return;
    const piece = await bytes.take(cut.byteLength);
    if (cut.kind === 'frame') yield piece;
    else damaged += 1;
    if (cut.kind === 'rest') throw truncatedFile('FLAC', 'its last frame is cut');
  }
  throw notAudio('The FLAC file is damaged in too many places.');
}

interface Cut {
  readonly kind: 'frame' | 'damaged' | 'rest' | 'end';
  readonly byteLength: number;
}

async function findCut(bytes: ByteReader): Promise<Cut> {
  const search = { offset: 0, checksum: 0, resume: 0 };
  for (let wanted = FIRST_WINDOW_BYTES; ; wanted *= 2) {
    const window = await bytes.peek(wanted);
    if (window.length === 0) return { kind: 'end', byteLength: 0 };
    const final = window.length < wanted;
    const found = searchWindow(window, search, final);
    if (found !== undefined) return { kind: 'frame', byteLength: found };
    if (!final && wanted < MOST_FRAME_BYTES) continue;
    if (search.resume > 0) return { kind: 'damaged', byteLength: search.resume };
    return restOf(window, final);
  }
}

/** The end of the file may carry a tag of 128 bytes. */
function restOf(window: Uint8Array, final: boolean): Cut {
  const tag = window.length - 128;
  const tagged = final && tag >= 0 && textAt(window, tag, 3) === 'TAG';
  if (tagged && tag === 0) return { kind: 'end', byteLength: 0 };
  if (tagged && checksumOf(window.subarray(0, tag)) === 0) return { kind: 'frame', byteLength: tag };
  return { kind: 'rest', byteLength: window.length };
}

/** Goes on where the last, smaller window ended. */
function searchWindow(
  window: Uint8Array,
  search: { offset: number; checksum: number; resume: number },
  final: boolean,
): number | undefined {
  const end = final ? window.length : window.length - MOST_HEADER_BYTES;
  let { offset, checksum } = search;
  for (; offset < end; offset += 1) {
    if (window[offset] === 0xff && offset >= LEAST_FRAME_BYTES && isHeader(window, offset)) {
      if (checksum === 0) return offset;
      if (search.resume === 0) search.resume = offset;
    }
    checksum = nextChecksum(checksum, byteAt(window, offset));
  }
  search.offset = offset;
  search.checksum = checksum;
  return final && checksum === 0 && offset >= LEAST_FRAME_BYTES ? offset : undefined;
}

/** Whether a frame header with a right checksum begins here (RFC 9639, section 9.1). */
function isHeader(bytes: Uint8Array, start: number): boolean {
  const length = headerLength(bytes, start);
  if (length === undefined || start + length >= bytes.length) return false;
  let checksum = 0;
  for (let offset = start; offset < start + length; offset += 1) {
    checksum = CRC8[checksum ^ byteAt(bytes, offset)] ?? 0;
  }
  return checksum === bytes[start + length];
}

/** How long the header is without its checksum; nothing when a field has a value that is not allowed. */
function headerLength(bytes: Uint8Array, start: number): number | undefined {
  const codes = byteAt(bytes, start + 2);
  const sizeCode = codes >> 4;
  const rateCode = codes & 0x0f;
  const channels = byteAt(bytes, start + 3);
  const synchronised = (byteAt(bytes, start + 1) & 0xfe) === 0xf8;
  if (!synchronised || sizeCode === 0 || rateCode === 15) return undefined;
  if (channels >> 4 > 10 || (channels & 1) === 1) return undefined;
  // The frame's number is coded like a character of UTF-8: leading ones count its bytes.
  const numberBytes = Math.max(1, Math.clz32(~(byteAt(bytes, start + 4) << 24)));
  return 4 + numberBytes + (SIZE_BYTES[sizeCode] ?? 0) + (RATE_BYTES[rateCode] ?? 0);
}

function checksumOf(bytes: Uint8Array): number {
  let checksum = 0;
  for (const byte of bytes) checksum = nextChecksum(checksum, byte);
  return checksum;
}

function nextChecksum(checksum: number, byte: number): number {
  return ((checksum << 8) & 0xffff) ^ (CRC16[(checksum >> 8) ^ byte] ?? 0);
}

function remainder(value: number, code: { readonly bits: number; readonly polynomial: number }): number {
  const top = 1 << (code.bits - 1);
  const mask = (1 << code.bits) - 1;
  let rest = value;
  for (let bit = 0; bit < 8; bit += 1)
    rest = rest & top ? ((rest << 1) ^ code.polynomial) & mask : (rest << 1) & mask;
  return rest;
}
