import { AppError } from '../../base/errors.ts';
import type { AudioFormatRequest } from '../../media/formats/format.ts';
import type { MediaInput } from '../media-input.ts';
import type { KnownVoice } from '../voices/voice-library.ts';
import type { AskedSetting } from './speech.ts';

/** A recording that is wanted in another voice. */
export interface ConversionRequest {
  readonly audio: MediaInput;
  readonly voice: KnownVoice;
  /** As the caller named them. */
  readonly voiceId: string;
  readonly model: string;
  readonly format: AudioFormatRequest;
  /** Whether noise is taken out of the recording first. */
  readonly voiceOnly: boolean;
  readonly seed?: number;
  /** Every optional parameter about the voice that the caller sent. */
  readonly asked: readonly AskedSetting[];
  /** The caller's spelling of the fields for recording, voice and model. */
  readonly spelling: { readonly audio: string; readonly voice: string; readonly model: string };
}

/** Shorter recordings are refused, as everywhere where something is heard. */
const LEAST_SECONDS = 0.1;

/** Throws `invalid_request` for a recording in which nothing can be said. */
export function checkLength(seconds: number, { spelling }: ConversionRequest): void {
  if (seconds >= LEAST_SECONDS) return;
  throw new AppError(
    'invalid_request',
    `The recording is ${seconds.toFixed(3)} s long; the shortest that can be converted is ${LEAST_SECONDS} s.`,
    { param: spelling.audio, reason: 'audio_too_short' },
  );
}
