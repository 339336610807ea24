import { textAt, viewOf } from './byte-view.ts';

/** The boxes that only hold other boxes on the way to a track's tables (ISO 14496-12). */
const PARENTS = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'moof', 'traf', 'mvex', 'edts']);
/** A run of a fragment lists a few seconds of packets. */
const MOST_SAMPLES_IN_RUN = 100_000;
/** A chunk seldom lasts longer than a second, which has 192 000 samples at most. */
const MOST_SAMPLES_IN_CHUNK = 1_000_000;
const MOST_DEPTH = 10;

/** What the outermost boxes of an MP4 file show. */
export interface Mp4Survey {
  /** Whether the table of contents is there as a whole. */
  readonly contents: boolean;
  /** Whether the last box ends after the file. */
  readonly cut: boolean;
  /** Whether all tables could belong to a file of this length. A reader walks through whatever they claim. */
  readonly plausible: boolean;
}

/** Goes over the boxes of a file without believing any of their numbers. */
export function surveyMp4(file: Uint8Array): Mp4Survey {
  let contents = false;
  let plausible = true;
  let end = 0;
  for (const box of boxesIn(file)) {
    end = box.end;
    if (box.type === 'moov') contents = box.end <= file.length;
    if (PARENTS.has(box.type)) plausible &&= isPlausible(file.subarray(box.start, box.end), file.length, 0);
  }
  return { contents, cut: end !== file.length, plausible };
}

interface Box {
  readonly type: string;
  /** Where its contents begin. */
  readonly start: number;
  /** Where it ends, perhaps behind the end of the bytes. */
  readonly end: number;
}

function* boxesIn(bytes: Uint8Array): Generator<Box> {
  const view = viewOf(bytes);
  let offset = 0;
  while (offset + 8 <= bytes.length) {
    const short = view.getUint32(offset);
    const long = short === 1 && offset + 16 <= bytes.length;
    const size = long ? Number(view.getBigUint64(offset + 8)) : short === 0 ? bytes.length - offset : short;
    const headerBytes = long ? 16 : 8;
    if (size < headerBytes) return;
    yield { type: textAt(bytes, offset + 4, 4), start: offset + headerBytes, end: offset + size };
    offset += size;
  }
}

function isPlausible(bytes: Uint8Array, fileBytes: number, depth: number): boolean {
  if (depth > MOST_DEPTH) return false;
  for (const { type, start, end } of boxesIn(bytes)) {
    const body = bytes.subarray(start, end);
    if (
      PARENTS.has(type) ? !isPlausible(body, fileBytes, depth + 1) : !isPlausibleTable(type, body, fileBytes)
    ) {
      return false;
    }
  }
  return true;
}

function isPlausibleTable(type: string, body: Uint8Array, fileBytes: number): boolean {
  const count = (offset: number): number => (body.length >= offset + 4 ? viewOf(body).getUint32(offset) : 0);
  switch (type) {
    case 'stsz':
      return count(4) === 0 ? 12 + 4 * count(8) <= body.length : count(4) * count(8) <= 2 * fileBytes;
    case 'stts':
    case 'ctts':
      return fits(body, { bytes: 8 }) && sumOfCounts(body, count(4)) <= fileBytes;
    case 'stsc':
      return fits(body, { bytes: 12 }) && mostSamplesInChunk(body, count(4)) <= MOST_SAMPLES_IN_CHUNK;
    case 'stco':
    case 'stss':
      return fits(body, { bytes: 4 });
    case 'co64':
      return fits(body, { bytes: 8 });
    case 'trun':
      return count(4) <= MOST_SAMPLES_IN_RUN;
    default:
      return true;
  }
}

/** Whether the entries that a table counts are inside its box. */
function fits(body: Uint8Array, entry: { readonly bytes: number }): boolean {
  return body.length >= 8 && 8 + viewOf(body).getUint32(4) * entry.bytes <= body.length;
}

function sumOfCounts(body: Uint8Array, entries: number): number {
  const view = viewOf(body);
  let sum = 0;
  for (let entry = 0; entry < entries; entry += 1) sum += view.getUint32(8 + entry * 8);
  return sum;
}

function mostSamplesInChunk(body: Uint8Array, entries: number): number {
  const view = viewOf(body);
  let most = 0;
  for (let entry = 0; entry < entries; entry += 1) most = Math.max(most, view.getUint32(12 + entry * 12));
  return most;
}
