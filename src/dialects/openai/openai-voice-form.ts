import type { FastifyRequest } from 'fastify';
import { AppError } from '../../base/errors.ts';
import { recordingKind } from '../../core/voices/recording-kind.ts';
import type { VoiceUpload } from '../../core/voices/voice-studio.ts';
import { invalidFields } from '../parse-body.ts';
import { findOnlyFile, readForm, type FormFile } from '../parse-form.ts';
import { toFormFields, type FormFields } from './openai-transcription-form.ts';

/** Bytes of a recording that the vendor takes, unless the operator says otherwise. */
const RECORDING_BYTES = 10 * 1024 * 1024;
/** Callers send one; a few more under other names are passed over, not refused. */
const MOST_FILES = 4;

/** Kinds of files that the vendor takes. Clients name most of them `application/octet-stream`, so the bytes decide. */
const KINDS = ['mp3', 'wav', 'ogg', 'aac', 'flac', 'webm', 'mp4'];

/** What was said in a form or a JSON body, and the files that came with it. */
export interface VoiceForm {
  readonly fields: FormFields;
  readonly files: readonly FormFile[];
}

/** Reads a form; a body in JSON is taken, too, for a request that has no file. */
export async function readVoiceForm(request: FastifyRequest): Promise<VoiceForm> {
  if (request.isMultipart()) {
    const { fields, files } = await readForm(request, { fileBytes: RECORDING_BYTES, files: MOST_FILES });
    return { fields: toFormFields(fields, []), files };
  }
  const { body } = request;
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
    return { fields: { ...body }, files: [] };
  }
  const message = 'Send multipart/form-data, or application/json where there is no file.';
  throw new AppError('unsupported_media', message, { reason: 'content_type' });
}

/** The one recording in a field. Throws `invalid_request` when it is missing, and for kinds the vendor does not take. */
export function recordingIn({ fields, files }: VoiceForm, field: string): VoiceUpload {
  const file = findOnlyFile(files, field);
  if (!file) throw noFile(field, fields[field] !== undefined);
  const found = recordingKind(file.head);
  if (found !== undefined && !KINDS.includes(found)) {
    const message = `The file in '${field}' is ${found.toUpperCase()}: send MPEG, WAV, Ogg, AAC, FLAC, WebM or MP4 audio.`;
    throw new AppError('unsupported_media', message, { param: field });
  }
  const { filename, media } = file;
  return { audio: { ...media, filename }, filename };
}

function noFile(field: string, asText: boolean): AppError {
  return invalidFields([
    {
      path: [field],
      kind: asText ? 'wrong_type' : 'missing',
      message: asText ? 'must be a file with a file name, in multipart/form-data' : 'this field is required',
    },
  ]);
}
