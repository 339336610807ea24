import { encodeInWorker } from './codec-pool.ts';
import { toSamples } from './noise-thread.ts';
import type { PcmStream } from './pcm.ts';
import type { TempoChange } from './tempo.ts';

/** `changeTempo` in one of the codec threads; the sound comes back in 16 bits. */
export function changeTempoInThread(pcm: PcmStream, change: TempoChange): PcmStream {
  if (change.tempo === 1 && change.pitchSemitones === 0) return pcm;
  return { ...pcm, chunks: toSamples(encodeInWorker('pcm', pcm, { id: 'pcm', change })) };
}
