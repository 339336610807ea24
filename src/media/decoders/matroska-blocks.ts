import type { ByteReader } from './byte-reader.ts';
import { byteAt, textAt } from './byte-view.ts';
import { notAudio, truncatedFile } from './decode-refusals.ts';
import { ELEMENT, childElements, floatOf, peekElement, unsignedOf, variableAt } from './matroska-elements.ts';

/** A track of a Matroska file. Codecs are named as Matroska does (`A_OPUS`). */
export interface MatroskaTrack {
  readonly number: number;
  readonly kind: 'sound' | 'other';
  readonly codec: string;
  readonly description: Uint8Array | undefined;
  readonly channels: number;
  readonly sampleRate: number;
  readonly bitDepth: number;
  /** Sound at the beginning that is not to be heard, in seconds. */
  readonly delaySeconds: number;
  /** What was taken off the front of each packet; absent when the packets are packed in a way of their own. */
  readonly prefix: Uint8Array | undefined;
}

/** What a Matroska file holds, in its order. */
export type MatroskaItem =
  | { readonly kind: 'tracks'; readonly tracks: readonly MatroskaTrack[] }
  | {
      readonly kind: 'packets';
      readonly track: number;
      readonly packets: readonly Uint8Array[];
      /** Sound at the end of the last packet that is not to be heard, in seconds. */
      readonly discardSeconds: number;
    };

const SOUND_TRACK = 2;
const HEADER_STRIPPING = 3;
const NOTHING = new Uint8Array(0);
/** Descriptions and packets of sound are far smaller; those of films are passed over. */
const MOST_TRACKS_BYTES = 8 * 1024 * 1024;
const MOST_BLOCK_BYTES = 4 * 1024 * 1024;
const MOST_JUNK_BYTES = 4 * 1024 * 1024;
const SCAN_BYTES = 65_536;
const CLUSTER_MARK = [0x1f, 0x43, 0xb6, 0x75];

/**
 * Reads tracks and packets from front to back. Damage is passed over up to the next cluster. Throws `truncated`
 * when the file ends within an element.
 */
export async function* readMatroska(bytes: ByteReader, label: string): AsyncGenerator<MatroskaItem> {
  for (let junk = 0; junk <= MOST_JUNK_BYTES;) {
    const header = await peekElement(bytes);
    if (!header || header.id < 0x80) {
      const skipped = await skipToCluster(bytes);
      if (skipped === 0) return;
      junk += skipped;
      continue;
    }
    await bytes.skip(header.headerBytes);
    if (header.id === ELEMENT.segment || header.id === ELEMENT.cluster) continue;
    if (header.size === undefined) throw notAudio(`The ${label} file is damaged.`);
    const item = await readElement(bytes, { id: header.id, size: header.size, label });
    if (item) yield item;
  }
}

async function readElement(
  bytes: ByteReader,
  element: { readonly id: number; readonly size: number; readonly label: string },
): Promise<MatroskaItem | undefined> {
  const { id, size, label } = element;
  const wanted = size <= (MOST_BYTES[id] ?? -1);
  const body = wanted ? new Uint8Array(await bytes.take(size)) : undefined;
  const found = body ? body.length : await bytes.skip(size);
  if (found < size) throw truncatedFile(label, 'it breaks off');
  return body && toItem(id, body);
}

const MOST_BYTES: Readonly<Record<number, number>> = {
  [ELEMENT.tracks]: MOST_TRACKS_BYTES,
  [ELEMENT.simpleBlock]: MOST_BLOCK_BYTES,
  [ELEMENT.blockGroup]: MOST_BLOCK_BYTES,
};

/** Always passes over at least one byte, unless nothing is left. */
async function skipToCluster(bytes: ByteReader): Promise<number> {
  const window = await bytes.peek(SCAN_BYTES);
  let offset = 1;
  while (offset < window.length && !CLUSTER_MARK.every((byte, index) => window[offset + index] === byte))
    offset += 1;
  const last = window.length < SCAN_BYTES || offset < window.length;
  return bytes.skip(last ? offset : offset - CLUSTER_MARK.length);
}

function toItem(id: number, body: Uint8Array): MatroskaItem | undefined {
  if (id === ELEMENT.simpleBlock) return toPackets(body, 0);
  if (id === ELEMENT.tracks) {
    const tracks: MatroskaTrack[] = [];
    for (const child of childElements(body))
      if (child.id === ELEMENT.track) tracks.push(readTrack(child.body));
    return { kind: 'tracks', tracks };
  }
  const children = new Map(Array.from(childElements(body), (child) => [child.id, child.body]));
  const block = children.get(ELEMENT.block);
  const padding = children.get(ELEMENT.discardPadding);
  return block && toPackets(block, padding ? unsignedOf(padding) / 1e9 : 0);
}

function readTrack(body: Uint8Array): MatroskaTrack {
  const fields = new Map(Array.from(childElements(body), (child) => [child.id, child.body]));
  const audio = new Map(
    Array.from(childElements(fields.get(ELEMENT.audio) ?? NOTHING), (child) => [child.id, child.body]),
  );
  const codec = fields.get(ELEMENT.codecId) ?? NOTHING;
  return {
    number: unsignedOf(fields.get(ELEMENT.trackNumber) ?? NOTHING),
    kind: unsignedOf(fields.get(ELEMENT.trackType) ?? NOTHING) === SOUND_TRACK ? 'sound' : 'other',
    codec: textAt(codec, 0, codec.length).replace(/\0+$/, ''),
    description: fields.get(ELEMENT.codecPrivate),
    channels: unsignedOf(audio.get(ELEMENT.channels) ?? Uint8Array.of(1)),
    sampleRate: Math.round(floatOf(audio.get(ELEMENT.sampleRate) ?? NOTHING)) || 8_000,
    bitDepth: unsignedOf(audio.get(ELEMENT.bitDepth) ?? NOTHING),
    delaySeconds: unsignedOf(fields.get(ELEMENT.codecDelay) ?? NOTHING) / 1e9,
    prefix: readPrefix(fields.get(ELEMENT.encodings) ?? NOTHING),
  };
}

/** Of all ways to pack packets only the removal of what all have in front is in use for sound. */
function readPrefix(encodings: Uint8Array): Uint8Array | undefined {
  const all = Array.from(childElements(encodings)).filter(({ id }) => id === ELEMENT.encoding);
  const [only] = all;
  if (!only) return NOTHING;
  const parts = new Map(Array.from(childElements(only.body), (child) => [child.id, child.body]));
  const compression = parts.get(ELEMENT.compression);
  if (all.length > 1 || parts.has(ELEMENT.encryption) || !compression) return undefined;
  const settings = new Map(Array.from(childElements(compression), (child) => [child.id, child.body]));
  const kind = unsignedOf(settings.get(ELEMENT.compressionKind) ?? NOTHING);
  return kind === HEADER_STRIPPING ? (settings.get(ELEMENT.compressionSettings) ?? NOTHING) : undefined;
}

/** A block: the track, a time, flags, and one packet or several laced together (RFC 9559, section 10). */
function toPackets(block: Uint8Array, discardSeconds: number): MatroskaItem | undefined {
  const track = variableAt(block, 0);
  if (track?.value === undefined) return undefined;
  const start = track.byteLength + 3;
  if (start > block.length) return undefined;
  const lacing = (byteAt(block, start - 1) >> 1) & 3;
  const packets = lacing === 0 ? [block.subarray(start)] : cutLaced(block.subarray(start), lacing);
  return { kind: 'packets', track: track.value, packets, discardSeconds };
}

const XIPH_LACING = 1;
const FIXED_LACING = 2;

function cutLaced(bytes: Uint8Array, lacing: number): Uint8Array[] {
  const count = byteAt(bytes, 0) + 1;
  if (lacing === FIXED_LACING) {
    const size = Math.floor((bytes.length - 1) / count);
    return Array.from({ length: count }, (_, index) =>
      bytes.subarray(1 + index * size, 1 + (index + 1) * size),
    );
  }
  const { sizes, end } = lacing === XIPH_LACING ? xiphSizes(bytes, count - 1) : ebmlSizes(bytes, count - 1);
  const packets: Uint8Array[] = [];
  let offset = end;
  for (const size of sizes) {
    packets.push(bytes.subarray(offset, offset + size));
    offset += size;
  }
  return [...packets, bytes.subarray(offset)];
}

interface LacedSizes {
  readonly sizes: readonly number[];
  /** Where the first packet begins. */
  readonly end: number;
}

function xiphSizes(bytes: Uint8Array, count: number): LacedSizes {
  const sizes: number[] = [];
  let offset = 1;
  while (sizes.length < count && offset < bytes.length) {
    let size = 0;
    while (bytes[offset] === 255) {
      size += 255;
      offset += 1;
    }
    sizes.push(size + byteAt(bytes, offset));
    offset += 1;
  }
  return { sizes, end: offset };
}

/** The first size is a number, each further one its difference from the one before. */
function ebmlSizes(bytes: Uint8Array, count: number): LacedSizes {
  const sizes: number[] = [];
  let offset = 1;
  let size = 0;
  while (sizes.length < count) {
    const next = variableAt(bytes, offset);
    if (next?.value === undefined) break;
    size = sizes.length === 0 ? next.value : size + next.value - (2 ** (7 * next.byteLength - 1) - 1);
    if (size < 0) break;
    sizes.push(size);
    offset += next.byteLength;
  }
  return { sizes, end: offset };
}
