import { sample16, type PcmStream } from '../pcm.ts';

const HALF = 32_768;

/** What each 16-bit sample becomes, from the lowest on, by the way of writing it. */
const tables = new Map<(sample: number) => number, Uint8Array>();

/**
 * Writes each sample as one byte. There are only 65 536 different ones, so each is worked out once for as long as the
 * program runs.
 */
export async function* compand(
  pcm: PcmStream,
  toByte: (sample: number) => number,
): AsyncGenerator<Uint8Array> {
  const table = tableOf(toByte);
  for await (const chunk of pcm.chunks) {
    if (chunk.length > 0) yield companded(chunk, table);
  }
}

function companded(samples: Float32Array, table: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(samples.length);
  for (let index = 0; index < samples.length; index += 1) {
    bytes[index] = table[sample16(samples[index] ?? 0) + HALF] ?? 0;
  }
  return bytes;
}

function tableOf(toByte: (sample: number) => number): Uint8Array {
  const known = tables.get(toByte);
  if (known) return known;
  const table = Uint8Array.from({ length: 2 * HALF }, (_, index) => toByte(index - HALF));
  tables.set(toByte, table);
  return table;
}
