import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { WIDEST_DECODE_LIMITS, decodeAudio } from '../src/media/decoders/audio-decoders.ts';
import type { DecodeOptions, DecodedAudio } from '../src/media/decoders/audio-decoders.ts';
import { collectSamples } from '../src/media/pcm.ts';

/** Where the recordings are: `ANTIPHON_TEST_DATA`, or a folder beside the repository. */
export const testData =
  process.env['ANTIPHON_TEST_DATA'] ?? fileURLToPath(new URL('../../shared/testdata', import.meta.url));

/** For the `skip` option of a test: false, or why the recordings cannot be read. */
export const withoutTestData = existsSync(testData)
  ? false
  : 'no recordings: set ANTIPHON_TEST_DATA to their folder';

export function readTestFile(path: string): Promise<Buffer> {
  return readFile(`${testData}/audio/${path}`);
}

export interface WholeSound {
  readonly audio: DecodedAudio;
  readonly samples: Float32Array;
}

/** Decodes to the end. */
export async function decodeWhole(
  bytes: AsyncIterable<Uint8Array> | Uint8Array,
  options: Partial<DecodeOptions> = {},
): Promise<WholeSound> {
  const signal = new AbortController().signal;
  const audio = await decodeAudio(bytes, { limits: WIDEST_DECODE_LIMITS, signal, ...options });
  return { audio, samples: await collectSamples(audio.pcm.chunks) };
}

/** The same bytes as a stream of small pieces. */
export async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += length) yield bytes.subarray(start, start + length);
}

/** How alike two recordings are, -1 to 1, at the best shift of at most `mostLag` samples either way. */
export function likeness(samples: Float32Array, reference: Float32Array, mostLag: number): number {
  let best = -1;
  for (let lag = -mostLag; lag <= mostLag; lag += 1)
    best = Math.max(best, correlation(samples, reference, lag));
  return best;
}

function correlation(samples: Float32Array, reference: Float32Array, lag: number): number {
  let product = 0;
  let left = 0;
  let right = 0;
  for (let index = 0; index < reference.length; index += 3) {
    const one = samples[index + lag] ?? 0;
    const other = reference[index] ?? 0;
    product += one * other;
    left += one * one;
    right += other * other;
  }
  return left === 0 || right === 0 ? 0 : product / Math.sqrt(left * right);
}
