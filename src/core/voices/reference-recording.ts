import { AppError } from '../../base/errors.ts';
import { collectBytes } from '../../base/stream.ts';
import { decodeAudio, WIDEST_DECODE_LIMITS } from '../../media/decoders/audio-decoders.ts';
import { encodeAudio, findAudioFormat } from '../../media/formats/index.ts';
import { concatSamples } from '../../media/pcm.ts';
import { shapeInWorker } from '../../media/reference-pool.ts';
import { REFERENCE_RATE } from '../../media/reference-sound.ts';
import type { RequestContext } from '../context.ts';
import { mediaChunks, type MediaInput } from '../media-input.ts';
import { blamed, type MediaOpener } from '../media-opening.ts';
import type { VoiceMeasure } from './voice-record.ts';

/** How a recording of a voice is prepared, and who is to blame when it cannot be. */
export interface ReferenceWish {
  /** The field that holds it, as the caller spells it. */
  readonly param: string;
  readonly denoise: boolean;
  /** Longer recordings are refused; absent: their best part is used. */
  readonly maxSeconds?: number;
  readonly context: RequestContext;
}

/** A recording of a voice, ready to be kept or imitated. */
export interface ReferenceRecording {
  /** Mono, at `REFERENCE_RATE`, without silence at its ends. */
  readonly samples: Float32Array<ArrayBuffer>;
  readonly durationSeconds: number;
  /** How much was decoded, of which this is the best part: at most two minutes. */
  readonly heardSeconds: number;
  readonly measure?: VoiceMeasure;
  /** What kind of file it was, by its bytes. */
  readonly container: string;
}

/** Bytes of one recording at most. */
export const REFERENCE_BYTES = 25 * 1024 * 1024;
/** Seconds that are kept of a recording; voices are not known better by more. */
export const REFERENCE_SECONDS = { least: 1, most: 30 } as const;

/** Of longer recordings no more than this is decoded, of which the best part is kept. */
const DECODED_SECONDS = 120;
/** Left over after silence was cut off, for a voice to be known at all. */
const LEAST_SOUND_SECONDS = 0.4;
/** Noise is taken away at this rate, in hertz. */
const DENOISE_RATE = 48_000;
/** Enough to know how long something lasts. */
const LEAST_RATE = 8_000;

/**
 * Decodes a recording, cuts off its silence, takes the best 30 s of a long one, levels it and measures the voice.
 * Throws `invalid_request` (too short, too long, silent), `unsupported_media` or `payload_too_large` naming the field.
 */
export async function prepareReference(
  audio: MediaInput,
  opener: MediaOpener,
  wish: ReferenceWish,
): Promise<ReferenceRecording> {
  const { param, denoise, context } = wish;
  const { signal } = context;
  try {
    const media = await opener.open(audio, { param, signal, maxBytes: REFERENCE_BYTES });
    const sampleRate = denoise ? DENOISE_RATE : REFERENCE_RATE;
    const { samples: raw, container } = await decodeStart(mediaChunks(media), { sampleRate, signal });
    const heardSeconds = raw.length / sampleRate;
    checkLength(heardSeconds, wish);
    const sound = await shapeInWorker(
      { samples: raw, sampleRate, denoise, maxSeconds: REFERENCE_SECONDS.most },
      { owner: context.principal.id, signal },
    );
    if (sound.kind === 'silence') throw refused(param, 'holds no sound, only silence', 'silent');
    const durationSeconds = sound.samples.length / REFERENCE_RATE;
    if (durationSeconds < LEAST_SOUND_SECONDS) {
      const seconds = durationSeconds.toFixed(1);
      throw refused(param, `holds only ${seconds} s of sound, the rest is silence`, 'audio_too_short');
    }
    const { samples, measure } = sound;
    return { samples, durationSeconds, heardSeconds, container, ...(measure ? { measure } : {}) };
  } catch (error) {
    throw blamed(error, param);
  }
}

/** Throws `invalid_request` naming the field when a recording lasts longer than it may. */
export async function checkDuration(
  bytes: AsyncIterable<Uint8Array> | Uint8Array,
  wish: Pick<ReferenceWish, 'param' | 'context'> & { readonly maxSeconds: number },
): Promise<void> {
  const { param, context } = wish;
  try {
    const { samples } = await decodeStart(bytes, { sampleRate: LEAST_RATE, signal: context.signal });
    checkLength(samples.length / LEAST_RATE, wish);
  } catch (error) {
    throw blamed(error, param);
  }
}

/** The recording as a FLAC file with its true lengths. */
export async function encodeReference({
  samples,
}: Pick<ReferenceRecording, 'samples'>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks = (async function* () {
    yield samples;
  })();
  const file = await collectBytes(
    encodeAudio({ sampleRate: REFERENCE_RATE, channels: 1, chunks }, { id: 'flac' }),
  );
  findAudioFormat('flac')?.writeTrueLengths?.(file);
  return file;
}

function checkLength(
  seconds: number,
  { param, maxSeconds }: Pick<ReferenceWish, 'param' | 'maxSeconds'>,
): void {
  if (seconds < REFERENCE_SECONDS.least) {
    const least = `${REFERENCE_SECONDS.least} s`;
    throw refused(
      param,
      `is ${seconds.toFixed(2)} s long and must have ${least} at least`,
      'audio_too_short',
    );
  }
  if (maxSeconds !== undefined && seconds > maxSeconds) {
    const most = `${maxSeconds} s`;
    throw refused(param, `lasts ${seconds.toFixed(1)} s and may last ${most} at most`, 'audio_too_long');
  }
}

interface Decoding {
  readonly sampleRate: number;
  readonly signal: AbortSignal;
}

/** Reads no more than may be used. */
async function decodeStart(
  bytes: AsyncIterable<Uint8Array> | Uint8Array,
  { sampleRate, signal }: Decoding,
): Promise<{ readonly samples: Float32Array<ArrayBuffer>; readonly container: string }> {
  const { pcm, container } = await decodeAudio(bytes, {
    sampleRate,
    mono: true,
    limits: WIDEST_DECODE_LIMITS,
    signal,
  });
  const most = DECODED_SECONDS * sampleRate;
  const held: Float32Array[] = [];
  let length = 0;
  for await (const chunk of pcm.chunks) {
    held.push(chunk);
    length += chunk.length;
    if (length >= most) break;
  }
  return { samples: concatSamples(held), container };
}

function refused(param: string, what: string, reason: string): AppError {
  return new AppError('invalid_request', `The recording in '${param}' ${what}.`, { param, reason });
}
