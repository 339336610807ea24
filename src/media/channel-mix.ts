import type { PcmStream } from './pcm.ts';

/** The same sound in one channel: the mean of left and right. Mono passes through untouched. */
export function toMono(pcm: PcmStream): PcmStream {
  if (pcm.channels === 1) return pcm;
  return { sampleRate: pcm.sampleRate, channels: 1, chunks: mixDown(pcm.chunks) };
}

async function* mixDown(chunks: AsyncIterable<Float32Array>): AsyncGenerator<Float32Array> {
  for await (const chunk of chunks) {
    const mono = new Float32Array(chunk.length / 2);
    for (let frame = 0; frame < mono.length; frame += 1) {
      mono[frame] = ((chunk[2 * frame] ?? 0) + (chunk[2 * frame + 1] ?? 0)) / 2;
    }
    yield mono;
  }
}
