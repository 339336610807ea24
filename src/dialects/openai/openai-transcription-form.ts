import type { FastifyRequest } from 'fastify';
import { AppError } from '../../base/errors.ts';
import { invalidFields } from '../parse-body.ts';
import { findOnlyFile, readForm, type Form, type FormFile } from '../parse-form.ts';

/** Bytes of a recording that the vendor takes, and so the most that is taken here unless the operator says otherwise. */
export const MAX_UPLOAD_BYTES = 26_214_400;
/** Bytes of a text part: a clip of a known speaker comes as text, up to 10 s in any format. */
const MAX_TEXT_BYTES = 8 * 1024 * 1024;
/** Callers send one; a few more under other names are passed over, not refused. */
const MAX_FILES = 4;

/** A form as the caller meant it: lists as arrays, objects as objects, everything else the text of its last part. */
export type FormFields = Readonly<Record<string, unknown>>;

/** What was uploaded, and everything that was said about it. */
export interface HearingForm {
  readonly fields: FormFields;
  readonly file: FormFile;
}

/**
 * Reads a whole upload. Throws `unsupported_media` when it is no form, `payload_too_large` when a part is too large,
 * and `invalid_request` when there is no recording in it.
 */
export async function readHearingForm(
  request: FastifyRequest,
  lists: readonly string[],
): Promise<HearingForm> {
  if (!request.isMultipart()) {
    throw new AppError(
      'unsupported_media',
      'A recording must be sent as multipart/form-data, with the part `file`.',
      { reason: 'content_type' },
    );
  }
  const form = await readForm(request, {
    fileBytes: MAX_UPLOAD_BYTES,
    files: MAX_FILES,
    textBytes: MAX_TEXT_BYTES,
  });
  return { fields: toFormFields(form.fields, lists), file: recording(form) };
}

function recording(form: Form): FormFile {
  const file = findOnlyFile(form.files, 'file');
  if (file) return file;
  const asText = form.fields.has('file');
  throw invalidFields([
    {
      path: ['file'],
      kind: asText ? 'wrong_type' : 'missing',
      message: asText ? 'must be a file with a file name, not a text part' : 'this field is required',
    },
  ]);
}

/**
 * Undoes the spellings in which clients send what a form has no notation for. A list is `x`, `x[]` or `x[0]`, one
 * part for each item; an object is `x[key]`; and all of them may be wrapped in `extra_body[…]`. Empty parts are
 * controls that nobody filled in.
 */
export function toFormFields(parts: Form['fields'], lists: readonly string[]): FormFields {
  const values = new Map<string, string[]>();
  const objects = new Map<string, Map<string, string>>();
  for (const [spelled, texts] of parts) {
    const filled = texts.filter((text) => text !== '');
    const last = filled.at(-1);
    const { name, key } = parseName(spelled);
    if (last === undefined) continue;
    if (key === undefined) values.set(name, [...(values.get(name) ?? []), ...filled]);
    else objects.set(name, new Map([...(objects.get(name) ?? []), [key, last]]));
  }
  return Object.fromEntries([
    ...[...values].map(([name, texts]) => [name, lists.includes(name) ? texts : texts.at(-1)]),
    ...[...objects].map(([name, members]) => [name, Object.fromEntries(members)]),
  ]);
}

/** The name in front of the brackets, and the key in them unless it only counts the items of a list. */
function parseName(spelled: string): { readonly name: string; readonly key?: string } {
  const parts = spelled.split(/\[|\]\[?/).slice(0, spelled.endsWith(']') ? -1 : undefined);
  const [name = spelled, key] = parts[0] === 'extra_body' && parts.length > 1 ? parts.slice(1) : parts;
  return key === undefined || /^\d*$/.test(key) ? { name } : { name, key };
}

/** The number that a text stands for, or the text, for the schema to blame. */
export function numberIn(value: unknown): unknown {
  if (typeof value !== 'string' || value.trim() === '') return value;
  return Number.isFinite(Number(value)) ? Number(value) : value;
}

/** The truth value that a text stands for, or the text, for the schema to blame. */
export function flagIn(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const word = value.trim().toLowerCase();
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : value;
}

/** Text as it was typed: form encoders of browsers and of Node write every line end as CRLF. */
export function linesIn(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\r\n', '\n') : value;
}

/** The object that a JSON text stands for, or the value as it is. */
export function objectIn(value: unknown): unknown {
  if (typeof value !== 'string' || !value.trimStart().startsWith('{')) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
