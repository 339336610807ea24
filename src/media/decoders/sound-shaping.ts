import { AppError } from '../../base/errors.ts';
import { resample } from '../resample.ts';
import { downmixWeights, mixBlock } from './channel-downmix.ts';
import { emptyFile, notAudio, overLimit } from './decode-refusals.ts';
import { framesOf } from './sound-block.ts';
import type { OpenedSound, SoundBlock } from './sound-block.ts';

/** What a file may at most be; checked while it is decoded, whatever its header claims. */
export interface DecodeLimits {
  readonly maxSeconds: number;
  readonly maxChannels: number;
  /** Hertz. */
  readonly maxSampleRate: number;
}

/** The shape that decoded sound is wanted in. */
export interface SoundShape {
  /** Hertz; absent means the file's own rate. */
  readonly sampleRate?: number;
  readonly mono: boolean;
  readonly limits: DecodeLimits;
}

/** Sound in its wanted shape, and how the decoding went, which is known at its end. */
export interface ShapedSound {
  /** The file's own channels and rate. */
  readonly source: { readonly channels: number; readonly sampleRate: number };
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  /** Interleaved when there are two channels. */
  readonly chunks: AsyncGenerator<Float32Array>;
  readonly outcome: { readonly truncated: boolean };
}

/** Less than this of a broken file is not worth giving. */
export const LEAST_SECONDS = 0.1;
/** Slower than any recording; below it a few bytes would become minutes. */
const LEAST_SAMPLE_RATE = 1_000;
/** Sums of many blocks are off by less than this. */
const ROUNDING_SECONDS = 1e-6;

/**
 * Mixes and resamples what a container holds. Throws `payload_too_large` as soon as a limit is passed. A file that
 * breaks after at least a tenth of a second ends there with `truncated` set; otherwise its error is thrown.
 */
export async function shapeSound(opened: OpenedSound, shape: SoundShape): Promise<ShapedSound> {
  const outcome = { truncated: false };
  const blocks = guarded(opened, shape.limits, outcome);
  const first = await blocks.next();
  if (first.done) throw emptyFile('The audio file holds no sound: its length is zero.');
  const source = { channels: first.value.planes.length, sampleRate: first.value.sampleRate };
  const channels = shape.mono || source.channels === 1 ? 1 : 2;
  const sampleRate = shape.sampleRate ?? source.sampleRate;
  return {
    source,
    sampleRate,
    channels,
    outcome,
    chunks: converted(first.value, blocks, { sampleRate, channels }),
  };
}

async function* guarded(
  opened: OpenedSound,
  limits: DecodeLimits,
  outcome: { truncated: boolean },
): AsyncGenerator<SoundBlock> {
  let seconds = 0;
  try {
    for await (const block of opened.blocks) {
      if (framesOf(block) === 0) continue;
      checkShape(block, limits);
      seconds += framesOf(block) / block.sampleRate;
      if (seconds > limits.maxSeconds + ROUNDING_SECONDS)
        throw overLimit('length', `${limits.maxSeconds} seconds`);
      yield block;
    }
  } catch (thrown) {
    const error =
      thrown instanceof AppError ? thrown : notAudio(`The ${opened.container} file is damaged.`, thrown);
    if (error.code !== 'unsupported_media' || seconds < LEAST_SECONDS) throw error;
    outcome.truncated = true;
  }
}

function checkShape(block: SoundBlock, limits: DecodeLimits): void {
  const { sampleRate, planes } = block;
  if (planes.length > limits.maxChannels) {
    throw overLimit('number of channels', String(limits.maxChannels), String(planes.length));
  }
  if (sampleRate > limits.maxSampleRate) {
    throw overLimit('sample rate', `${limits.maxSampleRate} Hz`, `${sampleRate} Hz`);
  }
  if (sampleRate < LEAST_SAMPLE_RATE) {
    throw notAudio(`The file claims a sample rate of ${sampleRate} Hz, too low for any sound.`);
  }
}

/** Files joined from others may change rate or channels on the way; each run of one rate is resampled by itself. */
async function* converted(
  first: SoundBlock,
  rest: AsyncGenerator<SoundBlock>,
  target: { readonly sampleRate: number; readonly channels: 1 | 2 },
): AsyncGenerator<Float32Array> {
  let next: SoundBlock | undefined = first;
  async function* run(sampleRate: number): AsyncGenerator<Float32Array> {
    while (next && next.sampleRate === sampleRate) {
      yield mixBlock(next, downmixWeights(next, target.channels));
      const following: IteratorResult<SoundBlock, void> = await rest.next();
      next = following.done ? undefined : following.value;
    }
  }
  try {
    while (next) {
      const { sampleRate } = next;
      const pcm = { sampleRate, channels: target.channels, chunks: run(sampleRate) };
      yield* resample(pcm, target.sampleRate).chunks;
    }
  } finally {
    await rest.return(undefined);
  }
}
