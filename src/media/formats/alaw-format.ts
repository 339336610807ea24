import type { AudioFormat } from './format.ts';
import { compand } from './sample-companding.ts';

/** G.711 A-law: one byte for each sample at 8 kHz and nothing else, as telephones have it in Europe. */
export const alawFormat: AudioFormat = {
  id: 'alaw',
  mediaType: 'audio/x-alaw-basic',
  extension: 'alaw',
  lossless: false,
  costly: false,
  sampleRates: [8_000],
  monoOnly: true,
  encode: (pcm) => compand(pcm, toAlaw),
};

function toAlaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  const magnitude = sample < 0 ? -sample - 1 : sample;
  const segment = Math.max(0, 24 - Math.clz32(magnitude));
  // The two lowest segments share one step size.
  const step = (magnitude >> (segment === 0 ? 4 : segment + 3)) & 0x0f;
  // G.711 inverts every other bit, so that silence is not a run of zeros on the line.
  return (sign | (segment << 4) | step) ^ 0x55;
}
