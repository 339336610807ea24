import { concatBytes } from '../../base/stream.ts';
import { mediaLength, type ByteSource, type MediaBytes } from '../../core/media-input.ts';

const SAMPLE_RATE = 16_000;
const BYTES_PER_SAMPLE = 2;
const HEADER_BYTES = 44;
const MOST_BYTES = 0xffff_ffff;

/**
 * Raw 16-bit little-endian mono samples of 16 kHz as a WAV file, the shortest way to say what they are. An odd last
 * byte is half a sample and is left out.
 */
export function wavOfRawSamples(raw: MediaBytes): MediaBytes {
  const total = mediaLength(raw);
  const length = total - (total % BYTES_PER_SAMPLE);
  const header = wavHeader(length);
  if (raw.kind === 'bytes') {
    return { kind: 'bytes', bytes: concatBytes([header, raw.bytes.subarray(0, length)]) };
  }
  const { source } = raw;
  const read = () => behindHeader(header, source, length);
  return { kind: 'file', source: { byteLength: HEADER_BYTES + length, read } };
}

async function* behindHeader(
  header: Uint8Array,
  source: ByteSource,
  length: number,
): AsyncGenerator<Uint8Array, void> {
  yield header;
  let left = length;
  for await (const chunk of source.read()) {
    yield chunk.subarray(0, left);
    left -= Math.min(left, chunk.length);
  }
}

function wavHeader(length: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  const name = (offset: number, letters: string) => header.set(new TextEncoder().encode(letters), offset);
  name(0, 'RIFF');
  view.setUint32(4, Math.min(MOST_BYTES, HEADER_BYTES - 8 + length), true);
  name(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, SAMPLE_RATE, true);
  view.setUint32(28, SAMPLE_RATE * BYTES_PER_SAMPLE, true);
  view.setUint16(32, BYTES_PER_SAMPLE, true);
  view.setUint16(34, BYTES_PER_SAMPLE * 8, true);
  name(36, 'data');
  view.setUint32(40, Math.min(MOST_BYTES, length), true);
  return header;
}
