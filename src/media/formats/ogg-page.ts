/** One page of an Ogg stream, which here holds whole packets only. */
export interface OggPage {
  readonly serial: number;
  /** Counts the stream's pages from 0. */
  readonly sequence: number;
  /** The position in the stream at the end of this page, in the codec's unit. */
  readonly granule: number;
  readonly position: 'first' | 'middle' | 'last';
  readonly packets: readonly Uint8Array[];
}

const HEADER_BYTES = 27;
const CHECKSUM_OFFSET = 22;
const FLAGS = { first: 2, middle: 0, last: 4 } as const;
const CHECKSUMS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let checksum = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) checksum = (checksum << 1) ^ (checksum < 0 ? 0x04c1_1db7 : 0);
  return checksum;
});

/** The bytes of an Ogg page (RFC 3533, section 6). Its packets together may have at most 255 lacing values. */
export function oggPage(page: OggPage): Uint8Array<ArrayBuffer> {
  const lacing = page.packets.flatMap(lacingValues);
  if (lacing.length > 255) throw new Error(`An Ogg page holds 255 lacing values, not ${lacing.length}.`);
  const bodyBytes = page.packets.reduce((sum, packet) => sum + packet.length, 0);
  const bytes = new Uint8Array(HEADER_BYTES + lacing.length + bodyBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode('OggS'));
  bytes[5] = FLAGS[page.position];
  view.setBigUint64(6, BigInt(page.granule), true);
  view.setUint32(14, page.serial, true);
  view.setUint32(18, page.sequence, true);
  bytes[26] = lacing.length;
  bytes.set(lacing, HEADER_BYTES);
  let offset = HEADER_BYTES + lacing.length;
  for (const packet of page.packets) {
    bytes.set(packet, offset);
    offset += packet.length;
  }
  view.setUint32(CHECKSUM_OFFSET, oggChecksum(bytes), true);
  return bytes;
}

/** A packet's length as a row of 255s and one smaller number. */
function lacingValues(packet: Uint8Array): number[] {
  return [...Array<number>(Math.floor(packet.length / 255)).fill(255), packet.length % 255];
}

/** The checksum of a page (RFC 3533, section 6) whose own checksum field is zero. */
export function oggChecksum(bytes: Uint8Array): number {
  let checksum = 0;
  for (const byte of bytes) checksum = (checksum << 8) ^ (CHECKSUMS[(checksum >>> 24) ^ byte] ?? 0);
  return checksum >>> 0;
}
