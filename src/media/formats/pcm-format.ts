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

/** Writes each chunk of samples as signed 16-bit little-endian bytes, interleaved as they are. */
export async function* toLittleEndian16(pcm: PcmStream): AsyncGenerator<Uint8Array> {
  for await (const chunk of pcm.chunks) {
    if (chunk.length === 0) continue;
    const integers = toInt16(chunk);
    const bytes = new DataView(integers.buffer);
    // In place: on the usual little-endian machine this writes what is there already.
    integers.forEach((integer, index) => bytes.setInt16(index * 2, integer, true));
    yield new Uint8Array(integers.buffer);
  }
}
