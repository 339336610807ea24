import { toInt16 } from '../pcm.ts';
import type { PcmStream } from '../pcm.ts';
import type { AudioFormat } from './format.ts';

/** G.711 A-law: one byte for each sample at 8 kHz and nothing else, as telephones have it in Europe. */
export const alawFormat: AudioFormat = {
  id: 'alaw',
  mediaType: 'audio/x-alaw-basic',
  extension: 'alaw',
  lossless: false,
  costly: false,
  sampleRates: [8_000],
  monoOnly: true,
  encode: encodeAlaw,
};

async function* encodeAlaw(pcm: PcmStream): AsyncGenerator<Uint8Array> {
  for await (const chunk of pcm.chunks) {
    if (chunk.length > 0) yield Uint8Array.from(toInt16(chunk), toAlaw);
  }
}

function toAlaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  const magnitude = sample < 0 ? -sample - 1 : sample;
  const segment = Math.max(0, 24 - Math.clz32(magnitude));
  // The two lowest segments share one step size.
  const step = (magnitude >> (segment === 0 ? 4 : segment + 3)) & 0x0f;
  // G.711 inverts every other bit, so that silence is not a run of zeros on the line.
  return (sign | (segment << 4) | step) ^ 0x55;
}
