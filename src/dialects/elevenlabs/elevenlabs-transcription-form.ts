import type { FastifyRequest } from 'fastify';
import { AppError, type FieldIssue } from '../../base/errors.ts';
import { mediaLength } from '../../core/media-input.ts';
import { invalidFields } from '../parse-body.ts';
import { findOnlyFile, readForm, type Form, type FormFile } from '../parse-form.ts';

/** Bytes of one recording, unless the operator says otherwise: the vendor's limit of 2025. */
const RECORDING_BYTES = 3 * 1024 * 1024 * 1024;
/** Callers send one; a few more under other names are passed over, not refused. */
const FORM_FILES = 4;
/** The vendor takes up to 1,000 key terms, and one of its clients sends each as a part of its own. */
const FORM_FIELDS = 1_500;

/** A request as it arrived, whichever client wrote it. */
export interface TranscriptionForm {
  /** Scalars are text still; lists and objects are what their JSON text stood for. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly file?: FormFile;
}

/** Reads the form, or the body of a caller who sends no form because there is no file to send. */
export async function readTranscriptionForm(request: FastifyRequest): Promise<TranscriptionForm> {
  if (!request.isMultipart()) return { fields: fieldsWithoutForm(request.body) };
  const form = await readForm(request, {
    fileBytes: RECORDING_BYTES,
    files: FORM_FILES,
    fields: FORM_FIELDS,
  });
  const filled = form.files.filter(({ filename, media }) => filename !== '' || mediaLength(media) > 0);
  const file = findOnlyFile(filled, 'file');
  if (!file) refuseTextAsFile(form);
  return { fields: toFields(form.fields), ...(file ? { file } : {}) };
}

function fieldsWithoutForm(body: unknown): Record<string, unknown> {
  if (typeof body !== 'string') return typeof body === 'object' && body !== null ? { ...body } : {};
  throw new AppError(
    'unsupported_media',
    'A recording must be sent as multipart/form-data, with the part `file`.',
    { reason: 'content_type' },
  );
}

/** Text where the recording belongs would be lost in silence. */
function refuseTextAsFile({ fields }: Form): void {
  if (!fields.get('file')?.some((text) => text !== '')) return;
  const message = 'must be a file part with a file name';
  throw invalidFields([{ path: ['file'], kind: 'malformed', message }]);
}

/** Fields that hold a list: repeated parts, one part of JSON text, or both. */
const LISTS = ['keyterms', 'entity_detection', 'entity_redaction'];

/**
 * The text parts of a form as fields. An empty part and one with the word `null` are what some clients send for a
 * field that was left out; of a repeated part the last one counts. Throws `invalid_request` for broken JSON text.
 */
export function toFields(parts: Form['fields']): Record<string, unknown> {
  return Object.fromEntries(
    [...parts].flatMap(([name, values]): [string, unknown][] => {
      const sent = values.filter((value) => !['', 'null'].includes(value.trim()));
      const last = sent.at(-1);
      return last === undefined ? [] : [[name, readField(name, sent, last)]];
    }),
  );
}

function readField(name: string, values: readonly string[], last: string): unknown {
  if (LISTS.includes(name)) return values.flatMap((value) => readListItem(name, value));
  if (name === 'webhook_metadata') return parseJson(name, last);
  if (name === 'additional_formats')
    return values.flatMap((value) => withSnakeCaseKeys(parseJson(name, value)));
  return last;
}

function readListItem(name: string, value: string): unknown {
  return value.trimStart().startsWith('[') ? parseJson(name, value) : value;
}

/** JSON text, which one client encodes twice when it is given text. */
function parseJson(name: string, text: string): unknown {
  try {
    const once: unknown = JSON.parse(text);
    return typeof once === 'string' ? JSON.parse(once) : once;
  } catch {
    const issue: FieldIssue = { path: [name], kind: 'malformed', message: 'must be JSON', received: text };
    throw invalidFields([issue]);
  }
}

/** One client writes the keys inside as its own language does: `maxCharactersPerLine`. */
function withSnakeCaseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSnakeCaseKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [toSnakeCase(key), inner]));
}

function toSnakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
