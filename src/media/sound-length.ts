import { concatSamples, type PcmStream } from './pcm.ts';

/** Time in which a sound that is cut, or that breaks off, becomes silent: short, and without a click. */
const FADE_SECONDS = 0.005;

/** How a sound is brought to its length. */
export interface LengthFit {
  readonly frames: number;
  /** Whether it ends where it is cut without becoming silent before, because it goes on with its own beginning. */
  readonly seamless: boolean;
}

/**
 * The same sound with exactly so many frames: a longer one is cut, a shorter one is followed by silence. One that has
 * them already passes through untouched. What comes after the cut is never read.
 */
export function fitLength(pcm: PcmStream, fit: LengthFit): PcmStream {
  return { ...pcm, chunks: fitted(pcm, fit) };
}

async function* fitted(pcm: PcmStream, { frames, seamless }: LengthFit): AsyncGenerator<Float32Array> {
  const total = frames * pcm.channels;
  const fade = seamless ? 0 : Math.round(FADE_SECONDS * pcm.sampleRate) * pcm.channels;
  let given = 0;
  let isCut = false;
  // The last few samples wait until it is known whether the sound ends with them.
  let held: Float32Array = new Float32Array(0);
  for await (const chunk of pcm.chunks) {
    const room = total - given - held.length;
    isCut = chunk.length > room;
    const joined = concatSamples([held, chunk.subarray(0, room)]);
    const free = Math.max(0, joined.length - fade);
    if (free > 0) yield joined.subarray(0, free);
    given += free;
    held = joined.subarray(free);
    if (isCut) break;
  }
  const missing = total - given - held.length;
  if (held.length > 0) yield isCut || missing > 0 ? fadedOut(held, pcm.channels) : held;
  yield* silence(missing, pcm.sampleRate * pcm.channels);
}

function fadedOut(samples: Float32Array, channels: number): Float32Array {
  const frames = samples.length / channels;
  return samples.map((sample, index) => sample * (1 - (Math.floor(index / channels) + 1) / frames));
}

function* silence(samples: number, most: number): Generator<Float32Array> {
  for (let left = samples; left > 0; left -= most) yield new Float32Array(Math.min(left, most));
}
