import { AppError, toAppError } from '../../base/errors.ts';
import { decodeAudio, type DecodedAudio } from '../../media/decoders/audio-decoders.ts';
import { mediaChunks, type MediaInput } from '../media-input.ts';

/** Hertz at which everything is heard. */
export const HEARING_RATE = 16_000;

/** How a recording is read, and who is to blame when it cannot be. */
export interface RecordingReading {
  /** Longest recording in seconds. */
  readonly maxSeconds: number;
  readonly signal: AbortSignal;
  /** The field that the recording came in, as the caller spells it. */
  readonly param: string;
}

/**
 * Opens a recording as mono sound of 16 kHz. What is wrong with it is blamed on its field, here and while its
 * samples are read.
 */
export async function openRecording(audio: MediaInput, reading: RecordingReading): Promise<DecodedAudio> {
  const { maxSeconds, signal, param } = reading;
  if (audio.kind === 'url') {
    throw new AppError(
      'unsupported_feature',
      'A recording must be sent itself; addresses are not fetched yet.',
      { param },
    );
  }
  const limits = { maxSeconds, maxChannels: 8, maxSampleRate: 192_000 };
  const options = { sampleRate: HEARING_RATE, mono: true, limits, signal };
  const decoded = await decodeAudio(mediaChunks(audio), options).catch((error: unknown) => {
    throw blaming(param, error);
  });
  const { pcm } = decoded;
  const chunks = blamedChunks(pcm.chunks, param);
  return {
    container: decoded.container,
    codec: decoded.codec,
    channels: decoded.channels,
    sampleRate: decoded.sampleRate,
    ...(decoded.durationSeconds === undefined ? {} : { durationSeconds: decoded.durationSeconds }),
    pcm: { ...pcm, chunks },
    get truncated() {
      return decoded.truncated;
    },
    close: () => decoded.close(),
  };
}

async function* blamedChunks(
  chunks: AsyncIterable<Float32Array>,
  param: string,
): AsyncGenerator<Float32Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw blaming(param, error);
  }
}

function blaming(param: string, error: unknown): AppError {
  const failure = toAppError(error);
  if (failure.param !== undefined) return failure;
  const { code, message, cause, reason } = failure;
  return new AppError(code, message, { param, cause, ...(reason === undefined ? {} : { reason }) });
}
