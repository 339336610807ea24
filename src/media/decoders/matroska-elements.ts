import type { ByteReader } from './byte-reader.ts';
import { byteAt, viewOf } from './byte-view.ts';

/** The numbers of the elements that matter for sound (RFC 9559), with their length marks. */
export const ELEMENT = {
  header: 0x1a45dfa3,
  segment: 0x18538067,
  tracks: 0x1654ae6b,
  cluster: 0x1f43b675,
  track: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  codecDelay: 0x56aa,
  audio: 0xe1,
  sampleRate: 0xb5,
  channels: 0x9f,
  bitDepth: 0x6264,
  encodings: 0x6d80,
  encoding: 0x6240,
  compression: 0x5034,
  compressionKind: 0x4254,
  compressionSettings: 0x4255,
  encryption: 0x5035,
  blockGroup: 0xa0,
  block: 0xa1,
  simpleBlock: 0xa3,
  discardPadding: 0x75a2,
} as const;

/** The number of an element and how many bytes it has; no size where a streaming writer left it open. */
export interface ElementHeader {
  readonly id: number;
  readonly size: number | undefined;
  readonly headerBytes: number;
}

const MOST_HEADER_BYTES = 12;

/** Reads the header at an offset; nothing where there is none. */
export function elementAt(bytes: Uint8Array, offset: number): ElementHeader | undefined {
  const idBytes = Math.clz32(byteAt(bytes, offset)) - 23;
  if (idBytes > 4 || offset + idBytes >= bytes.length) return undefined;
  let id = 0;
  for (let index = 0; index < idBytes; index += 1) id = id * 256 + byteAt(bytes, offset + index);
  const size = variableAt(bytes, offset + idBytes);
  if (!size) return undefined;
  return { id, size: size.value, headerBytes: idBytes + size.byteLength };
}

/** The header that comes next in a stream, without taking it. */
export async function peekElement(bytes: ByteReader): Promise<ElementHeader | undefined> {
  return elementAt(await bytes.peek(MOST_HEADER_BYTES), 0);
}

/**
 * A number whose leading zeros tell how many bytes it has (RFC 8794, section 4). Its value is absent when all its
 * bits are ones.
 */
export function variableAt(
  bytes: Uint8Array,
  offset: number,
): { readonly value: number | undefined; readonly byteLength: number } | undefined {
  const first = byteAt(bytes, offset);
  const byteLength = Math.clz32(first) - 23;
  if (first === 0 || offset + byteLength > bytes.length) return undefined;
  let value = first & (0xff >> byteLength);
  for (let index = 1; index < byteLength; index += 1) value = value * 256 + byteAt(bytes, offset + index);
  return { value: value >= 2 ** (7 * byteLength) - 1 ? undefined : value, byteLength };
}

/** The elements inside another one, as far as they are whole. */
export function* childElements(
  bytes: Uint8Array,
): Generator<{ readonly id: number; readonly body: Uint8Array }> {
  let offset = 0;
  while (offset < bytes.length) {
    const header = elementAt(bytes, offset);
    if (!header) return;
    const start = offset + header.headerBytes;
    const end = start + (header.size ?? bytes.length);
    if (end > bytes.length) return;
    yield { id: header.id, body: bytes.subarray(start, end) };
    offset = end;
  }
}

/** An unsigned integer of up to 8 bytes. */
export function unsignedOf(body: Uint8Array): number {
  return body.subarray(0, 8).reduce((value, byte) => value * 256 + byte, 0);
}

/** A floating-point number of 4 or 8 bytes. */
export function floatOf(body: Uint8Array): number {
  if (body.length === 4) return viewOf(body).getFloat32(0);
  return body.length === 8 ? viewOf(body).getFloat64(0) : 0;
}
