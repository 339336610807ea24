/**
 * Sound as samples on its way from an engine to a format: 32-bit floats in -1..1, interleaved when there are
 * two channels. Chunks may have any length that is a multiple of `channels`; empty chunks are allowed.
 */
export interface PcmStream {
  /** Frames per second, in hertz. */
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly chunks: AsyncIterable<Float32Array>;
}

/** Joins sample chunks into one array. */
export function concatSamples(chunks: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const joined = new Float32Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined;
}

/** Reads a sample stream to its end. */
export async function collectSamples(
  chunks: AsyncIterable<Float32Array>,
): Promise<Float32Array<ArrayBuffer>> {
  const collected: Float32Array[] = [];
  for await (const chunk of chunks) collected.push(chunk);
  return concatSamples(collected);
}

/** A signed 16-bit sample from a float: scaled by 32 768, rounded to nearest, clamped to the type's range. */
export function sample16(sample: number): number {
  // The same as `Math.round`, at a quarter of its cost.
  const scaled = Math.floor(sample * 32768 + 0.5);
  return scaled > 32767 ? 32767 : scaled < -32768 ? -32768 : scaled;
}

/** Signed 16-bit samples from floats, as `sample16` makes them. */
export function toInt16(samples: Float32Array): Int16Array<ArrayBuffer> {
  const integers = new Int16Array(samples.length);
  for (let index = 0; index < samples.length; index += 1) integers[index] = sample16(samples[index] ?? 0);
  return integers;
}

/** Floats from signed 16-bit samples, divided by 32 768. */
export function fromInt16(integers: Int16Array): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(integers.length);
  for (let index = 0; index < integers.length; index += 1) samples[index] = (integers[index] ?? 0) / 32768;
  return samples;
}

/** The root mean square level of samples, 0 (silence) to 1. */
export function rootMeanSquare(samples: Float32Array): number {
  if (samples.length === 0) return 0;
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / samples.length);
}

/** The same sound, and how many seconds of it were read so far. */
export function countSeconds(pcm: PcmStream): { readonly pcm: PcmStream; readonly seconds: () => number } {
  let frames = 0;
  async function* counted() {
    for await (const chunk of pcm.chunks) {
      frames += chunk.length / pcm.channels;
      yield chunk;
    }
  }
  return { pcm: { ...pcm, chunks: counted() }, seconds: () => frames / pcm.sampleRate };
}
