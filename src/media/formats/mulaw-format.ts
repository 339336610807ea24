import type { AudioFormat } from './format.ts';
import { compand } from './sample-companding.ts';

/** Added before taking the logarithm, so that the smallest segment starts at a power of two. */
const BIAS = 132;
const LOUDEST = 32_767 - BIAS;

/** G.711 mu-law: one byte for each sample at 8 kHz and nothing else, as telephones have it in North America. */
export const mulawFormat: AudioFormat = {
  id: 'mulaw',
  mediaType: 'audio/basic',
  extension: 'ulaw',
  lossless: false,
  costly: false,
  sampleRates: [8_000],
  monoOnly: true,
  encode: (pcm) => compand(pcm, toMulaw),
};

function toMulaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), LOUDEST) + BIAS;
  const segment = 24 - Math.clz32(magnitude);
  const step = (magnitude >> (segment + 3)) & 0x0f;
  return ~(sign | (segment << 4) | step) & 0xff;
}
