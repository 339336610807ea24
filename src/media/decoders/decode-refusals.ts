import { AppError } from '../../base/errors.ts';

/** Why a file cannot be decoded; dialects whose vendor tells such cases apart find it in `AppError.reason`. */
export type DecodeRefusalReason =
  | 'empty'
  | 'not_audio'
  | 'truncated'
  | 'no_sound_track'
  | 'unsupported_codec';

const READABLE = 'WAV, MP3, M4A or MP4, Ogg, WebM, FLAC, AAC or AIFF';

function refusal(reason: DecodeRefusalReason, message: string, cause?: unknown): AppError {
  return new AppError('unsupported_media', message, { reason, cause });
}

/** There are no bytes, or a sound file without a single sample. */
export function emptyFile(message = 'The audio file is empty. Send a file that holds sound.'): AppError {
  return refusal('empty', message);
}

/** The bytes are not sound in any form that can be read. */
export function notAudio(detail?: string, cause?: unknown): AppError {
  const what = detail ?? 'The file is not audio in a format that can be read.';
  return refusal('not_audio', `${what} Send ${READABLE}.`, cause);
}

/** The bytes end before the sound that they announce. */
export function truncatedFile(container: string, detail = 'it ends before any sound'): AppError {
  return refusal('truncated', `The ${container} file is incomplete: ${detail}. Upload the whole file again.`);
}

/** The container is fine and holds nothing to hear. */
export function noSoundTrack(container: string): AppError {
  return refusal('no_sound_track', `The ${container} file has no sound track. Send a file with sound.`);
}

/** The sound is in a codec that nothing here decodes. */
export function unsupportedCodec(container: string, codec: string): AppError {
  const what = `The ${container} file holds sound as ${codec}, which cannot be decoded here.`;
  return refusal('unsupported_codec', `${what} Convert it and send ${READABLE}.`);
}

/** The sound exceeds one of the limits of a request. */
export function overLimit(what: string, limit: string, found?: string): AppError {
  const value = found === undefined ? '' : `; this file has ${found}`;
  return new AppError('payload_too_large', `The ${what} of the audio may be at most ${limit}${value}.`, {
    reason: 'decode_limit',
  });
}

/** A file of which all must be in memory at once is larger than that. */
export function tooLargeToHold(container: string, limit: number): AppError {
  const most = `${limit / 1_048_576} MB`;
  return new AppError(
    'payload_too_large',
    `${container} files may have at most ${most} here, for all of one is held in memory. Send its sound as MP3, Ogg, WebM or FLAC.`,
    { reason: 'decode_limit' },
  );
}
