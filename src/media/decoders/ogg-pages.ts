import { oggChecksum } from '../formats/ogg-page.ts';
import type { ByteReader } from './byte-reader.ts';
import { textAt } from './byte-view.ts';
import { notAudio, truncatedFile } from './decode-refusals.ts';

/** The packets that end on one page of an Ogg stream (RFC 3533), put together from earlier pages where needed. */
export interface OggPackets {
  /** Tells the streams of a file apart. */
  readonly serial: number;
  readonly first: boolean;
  readonly last: boolean;
  /** The codec's position at the end of the last packet that ends here; absent when none does. */
  readonly granule: number | undefined;
  readonly packets: readonly Uint8Array[];
}

const HEADER_BYTES = 27;
const NO_GRANULE = 0xffff_ffff_ffff_ffffn;
/** Comments may carry pictures; nothing else comes near this. */
const MOST_PACKET_BYTES = 16 * 1024 * 1024;
const MOST_GARBAGE_BYTES = 1024 * 1024;
const MOST_STREAMS = 16;

/** Reads the pages of an Ogg file. Pages with a wrong checksum are passed over. Throws `truncated` at a cut one. */
export async function* readOggPages(bytes: ByteReader): AsyncGenerator<OggPackets> {
  const continued = new Map<number, Uint8Array[]>();
  for (let garbage = 0; garbage <= MOST_GARBAGE_BYTES;) {
    const page = await nextPage(bytes);
    if (page === 'end') return;
    if (typeof page === 'number') {
      garbage += page;
      continue;
    }
    if (!continued.has(page.serial)) {
      if (continued.size >= MOST_STREAMS) throw notAudio('The Ogg file has too many streams.');
      continued.set(page.serial, []);
    }
    yield toPackets(page, continued);
    if (page.last) continued.delete(page.serial);
  }
}

interface RawPage {
  readonly serial: number;
  readonly first: boolean;
  readonly last: boolean;
  readonly continues: boolean;
  readonly granule: bigint;
  readonly lacing: Uint8Array;
  readonly body: Uint8Array;
}

/** The next page, or how many bytes were passed over instead. */
async function nextPage(bytes: ByteReader): Promise<RawPage | number | 'end'> {
  const header = await bytes.peek(HEADER_BYTES + 255);
  if (header.length === 0) return 'end';
  if (!isCapture(header, 0)) return skipGarbage(bytes);
  const segments = header[26] ?? 0;
  if (header.length < HEADER_BYTES + segments) throw truncatedFile('Ogg', 'its last page is cut');
  const bodyBytes = header
    .subarray(HEADER_BYTES, HEADER_BYTES + segments)
    .reduce((sum, size) => sum + size, 0);
  const length = HEADER_BYTES + segments + bodyBytes;
  const page = new Uint8Array(await bytes.peek(length));
  if (page.length < length) throw truncatedFile('Ogg', 'its last page is cut');
  const view = new DataView(page.buffer);
  const stated = view.getUint32(22, true);
  view.setUint32(22, 0);
  if (oggChecksum(page) !== stated) return bytes.skip(4);
  await bytes.skip(length);
  const flags = page[5] ?? 0;
  return {
    serial: view.getUint32(14, true),
    continues: (flags & 1) !== 0,
    first: (flags & 2) !== 0,
    last: (flags & 4) !== 0,
    granule: view.getBigUint64(6, true),
    lacing: page.subarray(HEADER_BYTES, HEADER_BYTES + segments),
    body: page.subarray(HEADER_BYTES + segments),
  };
}

async function skipGarbage(bytes: ByteReader): Promise<number> {
  const window = await bytes.peek(65_536);
  let offset = 1;
  while (offset < window.length && !isCapture(window, offset)) offset += 1;
  return bytes.skip(offset);
}

function isCapture(bytes: Uint8Array, offset: number): boolean {
  return bytes[offset] === 0x4f && textAt(bytes, offset, 4) === 'OggS';
}

function toPackets(page: RawPage, continued: Map<number, Uint8Array[]>): OggPackets {
  const earlier = page.continues ? (continued.get(page.serial) ?? []) : [];
  const { whole, rest } = cutPackets(page);
  // A page that goes on with a packet whose beginning was lost has nothing to go on with.
  const orphan = page.continues && earlier.length === 0;
  const [head, ...others] = whole;
  const packets = head === undefined || orphan ? others : [joined([...earlier, head]), ...others];
  const kept = head === undefined ? (orphan ? [] : [...earlier, rest]) : [rest];
  const open = kept.filter(({ length }) => length > 0);
  if (open.reduce((sum, part) => sum + part.length, 0) > MOST_PACKET_BYTES) {
    throw notAudio('The Ogg file has a packet beyond all measure.');
  }
  continued.set(page.serial, open);
  const granule = page.granule === NO_GRANULE || packets.length === 0 ? undefined : Number(page.granule);
  return { serial: page.serial, first: page.first, last: page.last, granule, packets };
}

/** A size below 255 ends a packet; what follows the last one goes on in the next page. */
function cutPackets(page: RawPage): { readonly whole: readonly Uint8Array[]; readonly rest: Uint8Array } {
  const whole: Uint8Array[] = [];
  let start = 0;
  let offset = 0;
  for (const size of page.lacing) {
    offset += size;
    if (size === 255) continue;
    whole.push(page.body.subarray(start, offset));
    start = offset;
  }
  return { whole, rest: page.body.subarray(start, offset) };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  return only && parts.length === 1 ? only : Buffer.concat([...parts]);
}
