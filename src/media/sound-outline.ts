import type { PcmStream } from './pcm.ts';

/** Values of an outline for each second of sound. */
const PER_SECOND = 4;

/**
 * The same sound, and its outline: of each quarter of a second the sample that is farthest from silence, sign
 * included. Of two channels it is their mean. The last value may be of a shorter time.
 */
export function outlineOf(pcm: PcmStream): { readonly pcm: PcmStream; readonly outline: () => number[] } {
  const values: number[] = [];
  let frame = 0;
  const add = (sample: number) => {
    const index = Math.floor((frame * PER_SECOND) / pcm.sampleRate);
    if (Math.abs(sample) >= Math.abs(values[index] ?? 0)) values[index] = sample;
    frame += 1;
  };
  async function* watched() {
    for await (const chunk of pcm.chunks) {
      for (let at = 0; at < chunk.length; at += pcm.channels) {
        const left = chunk[at] ?? 0;
        add(pcm.channels === 1 ? left : (left + (chunk[at + 1] ?? 0)) / 2);
      }
      yield chunk;
    }
  }
  return { pcm: { ...pcm, chunks: watched() }, outline: () => [...values] };
}
