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

/** The same sound in so many channels: mixed down, or the one sound on both sides. */
export function toChannels(pcm: PcmStream, channels: 1 | 2): PcmStream {
  if (pcm.channels === channels) return pcm;
  if (channels === 1) return toMono(pcm);
  return { sampleRate: pcm.sampleRate, channels: 2, chunks: doubled(pcm.chunks) };
}

async function* doubled(chunks: AsyncIterable<Float32Array>): AsyncGenerator<Float32Array> {
  for await (const chunk of chunks) {
    const both = new Float32Array(chunk.length * 2);
    for (let frame = 0; frame < chunk.length; frame += 1) {
      const sample = chunk[frame] ?? 0;
      both[2 * frame] = sample;
      both[2 * frame + 1] = sample;
    }
    yield both;
  }
}
