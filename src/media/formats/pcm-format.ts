import { endianness } from 'node:os';
import { toInt16 } from '../pcm.ts';
import type { PcmStream } from '../pcm.ts';
import type { AudioFormat } from './format.ts';

/** Signed 16-bit little-endian samples and nothing else. */
export const pcmFormat: AudioFormat = {
  id: 'pcm',
  mediaType: 'audio/pcm',
  extension: 'pcm',
  lossless: true,
  costly: false,
  sampleRates: 'any',
  encode: toLittleEndian16,
};

/** Whether numbers lie in memory as the format has them, which they do on every usual machine. */
const LITTLE_ENDIAN = endianness() === 'LE';

function swapped(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).swap16();
  return bytes;
}

/** Writes each chunk of samples as signed 16-bit little-endian bytes, interleaved as they are. */
export async function* toLittleEndian16(pcm: PcmStream): AsyncGenerator<Uint8Array> {
  for await (const chunk of pcm.chunks) {
    if (chunk.length === 0) continue;
    const bytes = new Uint8Array(toInt16(chunk).buffer);
    yield LITTLE_ENDIAN ? bytes : swapped(bytes);
  }
}
