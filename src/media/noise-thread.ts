import { concatBytes } from '../base/stream.ts';
import { encodeInWorker } from './codec-pool.ts';
import { fromInt16, type PcmStream } from './pcm.ts';

const BYTES_PER_SAMPLE = 2;

/** `suppressNoise` in one of the codec threads: mono sound at 48 kHz, of which the voice comes back in 16 bits. */
export function suppressNoiseInThread(pcm: PcmStream): PcmStream {
  const bytes = encodeInWorker('pcm', pcm, { id: 'pcm', voiceOnly: true });
  return { ...pcm, chunks: toSamples(bytes) };
}

/** Samples of the format `pcm`, however its bytes were cut. */
export async function* toSamples(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Float32Array> {
  let rest = new Uint8Array(0);
  for await (const chunk of bytes) {
    // A copy begins at an even address, as 16-bit numbers must.
    const whole = concatBytes([rest, chunk]);
    const length = whole.length - (whole.length % BYTES_PER_SAMPLE);
    rest = whole.slice(length);
    if (length > 0) yield fromInt16(new Int16Array(whole.buffer, 0, length / BYTES_PER_SAMPLE));
  }
}
