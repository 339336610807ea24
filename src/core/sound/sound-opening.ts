import { AppError, toAppError } from '../../base/errors.ts';
import { primed } from '../../base/stream.ts';
import { toChannels } from '../../media/channel-mix.ts';
import { decodeAudio, WIDEST_DECODE_LIMITS } from '../../media/decoders/audio-decoders.ts';
import { encodeAudio, settledSampleRate } from '../../media/formats/index.ts';
import { countSeconds, type PcmStream } from '../../media/pcm.ts';
import { resample } from '../../media/resample.ts';
import { fitLength } from '../../media/sound-length.ts';
import { outlineOf } from '../../media/sound-outline.ts';
import type { RequestContext } from '../context.ts';
import type { SoundOutput } from './sound-engine.ts';
import type { SoundRequest } from './sound.ts';

/** A sound whose first samples exist, encoded while it is read. */
export interface OpenSound {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly sampleRate: number;
  readonly durationSeconds: number | undefined;
  readonly secondsSoFar: () => number;
  readonly outline: () => readonly number[];
  close(): Promise<void>;
}

/**
 * Brings what an engine made into the shape that was asked for: channels, rate, exact length, format. Throws
 * `engine_failed` when there is nothing in it, or when a file that came from elsewhere cannot be read.
 */
export async function openSound(
  output: SoundOutput,
  request: SoundRequest,
  context: RequestContext,
): Promise<OpenSound> {
  const made = output.kind === 'pcm' ? output.pcm : await decodedFile(output.bytes, context.signal);
  const first = await primed(withoutEmpty(made.chunks));
  if (first.empty) throw new AppError('engine_failed', 'The engine made no sound.');
  const pcm = { ...made, chunks: first.stream };
  const durationSeconds = request.durationSeconds ?? output.durationSeconds;
  const counted = countSeconds(shaped(pcm, request));
  const outlined = outlineOf(counted.pcm);
  const told = reporting(outlined.pcm, {
    report: context.report,
    share: () => counted.seconds() / (durationSeconds ?? Number.POSITIVE_INFINITY),
  });
  return {
    bytes: encodeAudio(told, request.format),
    sampleRate: told.sampleRate,
    durationSeconds,
    secondsSoFar: counted.seconds,
    outline: outlined.outline,
    close: () => first.close(),
  };
}

async function* withoutEmpty(chunks: AsyncIterable<Float32Array>): AsyncGenerator<Float32Array> {
  for await (const chunk of chunks) if (chunk.length > 0) yield chunk;
}

/** The engine is to blame for a file of its own that cannot be read, not the caller. */
async function decodedFile(bytes: Uint8Array, signal: AbortSignal): Promise<PcmStream> {
  try {
    const { pcm } = await decodeAudio(bytes, { limits: WIDEST_DECODE_LIMITS, signal });
    return { ...pcm, chunks: blamedOnEngine(pcm.chunks) };
  } catch (error) {
    throw unreadable(error);
  }
}

async function* blamedOnEngine(chunks: AsyncIterable<Float32Array>): AsyncGenerator<Float32Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw unreadable(error);
  }
}

function unreadable(error: unknown): AppError {
  const failure = toAppError(error);
  if (failure.code === 'cancelled') return failure;
  return new AppError('engine_failed', 'The engine answered with something that is no sound.', {
    cause: error,
  });
}

/** Length comes last: rounded at another rate it would not be exact. */
function shaped(pcm: PcmStream, { channels, format, durationSeconds, loop }: SoundRequest): PcmStream {
  const mixed = channels === undefined ? pcm : toChannels(pcm, channels);
  const resampled = resample(mixed, settledSampleRate(format, mixed.sampleRate));
  if (durationSeconds === undefined) return resampled;
  const frames = Math.round(durationSeconds * resampled.sampleRate);
  return fitLength(resampled, { frames, seamless: loop ?? false });
}

interface Progress {
  readonly report: RequestContext['report'];
  readonly share: () => number;
}

/** The same sound; tells after each hundredth of it how far it is. */
function reporting(pcm: PcmStream, { report, share }: Progress): PcmStream {
  if (!report) return pcm;
  async function* chunks() {
    let told = 0;
    for await (const chunk of pcm.chunks) {
      yield chunk;
      const now = Math.min(1, share());
      if (now < told + 0.01 && now < 1) continue;
      told = now;
      report?.(now);
    }
  }
  return { ...pcm, chunks: chunks() };
}
