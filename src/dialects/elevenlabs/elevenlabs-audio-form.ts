import type { FastifyRequest } from 'fastify';
import { AppError } from '../../base/errors.ts';
import { mediaLength, type MediaInput } from '../../core/media-input.ts';
import { invalidFields } from '../parse-body.ts';
import { findOnlyFile, readForm } from '../parse-form.ts';
import { wavOfRawSamples } from './elevenlabs-transcription-audio.ts';
import { toFields } from './elevenlabs-transcription-form.ts';

/** The part of the form that holds the recording. */
export const AUDIO_FIELD = 'audio';

/** Bytes of a recording, as with the vendor: 500 MB. */
const RECORDING_BYTES = 500_000_000;
/** A few under other names are passed over. */
const FORM_FILES = 4;

/** A form with a recording in it. */
export interface AudioForm {
  /** Text parts; what is empty or says `null` was left out. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly media: Exclude<MediaInput, { readonly kind: 'url' }>;
}

/** Reads a form with one recording. Throws `invalid_request` where it is missing, empty, or text. */
export async function readAudioForm(request: FastifyRequest): Promise<AudioForm> {
  if (!request.isMultipart()) {
    const message = `The recording must be sent as multipart/form-data, with the part \`${AUDIO_FIELD}\`.`;
    throw new AppError('unsupported_media', message, { reason: 'content_type' });
  }
  const form = await readForm(request, { fileBytes: RECORDING_BYTES, files: FORM_FILES });
  const filled = form.files.filter(({ filename, media }) => filename !== '' || mediaLength(media) > 0);
  const file = findOnlyFile(filled, AUDIO_FIELD);
  if (!file) {
    const sentAsText = form.fields.get(AUDIO_FIELD)?.some((text) => text !== '') ?? false;
    throw invalidFields([
      sentAsText
        ? { path: [AUDIO_FIELD], kind: 'malformed', message: 'must be a file part with a file name' }
        : { path: [AUDIO_FIELD], kind: 'missing', message: 'this field is required' },
    ]);
  }
  return { fields: toFields(form.fields), media: { ...file.media, filename: file.filename } };
}

/** The recording as a file that says what it is. */
export function withFormat(
  media: AudioForm['media'],
  fileFormat: 'pcm_s16le_16' | 'other' | null | undefined,
): MediaInput {
  return fileFormat === 'pcm_s16le_16' ? wavOfRawSamples(media) : media;
}
