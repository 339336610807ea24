import type { FastifyRequest } from 'fastify';
import type { FieldIssue } from '../../base/errors.ts';
import { AppError } from '../../base/errors.ts';
import { mediaLength } from '../../core/media-input.ts';
import { invalidFields } from '../parse-body.ts';
import { lastValues, readForm, type FormFile } from '../parse-form.ts';

/** Bytes of one uploaded file, for the vendor states no limit: as many as elsewhere. */
const UPLOAD_LIMIT = 25 * 1024 * 1024;
/** One file more than any model takes, so that its own refusal can name the field. */
const FILE_LIMIT = 10;

/** A request body in one shape, whichever of the three encodings it came in. */
export interface EigenBody {
  /** Scalars may still be strings. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly files: readonly FormFile[];
}

/**
 * Reads a multipart, urlencoded or JSON body. Throws `invalid_request` for a body that is no object and for a
 * file part without a name, `payload_too_large` for a file over the limit and `unsupported_media` for text.
 */
export async function readEigenBody(request: FastifyRequest): Promise<EigenBody> {
  if (request.isMultipart()) {
    const form = await readForm(request, { fileBytes: UPLOAD_LIMIT, files: FILE_LIMIT });
    return { fields: withoutBlanks(lastValues(form)), files: form.files.filter(isFilled) };
  }
  const contentType = request.headers['content-type'] ?? '';
  if (contentType.startsWith('text/')) throw notAnEncoding(contentType);
  const fields = asRecord(request.body);
  if (!contentType.startsWith('application/x-www-form-urlencoded')) return { fields, files: [] };
  return { fields: withoutBlanks(lastOfRepeated(fields)), files: [] };
}

/** A form sends an unset control as an empty string, and a file control without a file as a nameless empty file. */
function withoutBlanks(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => value !== '' || name === 'text'),
  );
}

function isFilled(file: FormFile): boolean {
  return Boolean(file.filename) || mediaLength(file.media) > 0;
}

function lastOfRepeated(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const last = (value: unknown): unknown => (Array.isArray(value) ? value.at(-1) : value);
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, last(value)]));
}

function asRecord(body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
    return Object.fromEntries(Object.entries(body));
  }
  throw invalidFields([
    { path: [], kind: 'wrong_type', expected: 'object', message: 'must be an object with fields' },
  ]);
}

function notAnEncoding(contentType: string): AppError {
  const message = `A body of type '${contentType}' is not understood here: send multipart/form-data or application/json.`;
  return new AppError('unsupported_media', message, { reason: 'content_type' });
}

/**
 * Turns JSON text in the named fields into the object that it stands for, as forms cannot send objects. Throws
 * `invalid_request` naming the field when the text is no JSON.
 */
export function expandJsonText(
  fields: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> {
  const expand = (name: string, value: unknown): unknown =>
    names.includes(name) && typeof value === 'string' ? parseJsonText(name, value) : value;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, expand(name, value)]));
}

function parseJsonText(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const issue: FieldIssue = {
      path: [name],
      kind: 'malformed',
      message: 'must be a JSON object, as text or as it is',
      received: text,
    };
    throw invalidFields([issue]);
  }
}
