import type { FastifyRequest } from 'fastify';
import '@fastify/multipart';
import { AppError, isAbort } from '../base/errors.ts';

/** A file part of a form. Name and type are the caller's word and prove nothing. */
export interface FormFile {
  readonly field: string;
  readonly filename: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** A form, read to its end: text parts in order, by name, and file parts in order. */
export interface Form {
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly files: readonly FormFile[];
}

/** How much a form may hold. */
export interface FormLimits {
  /** Bytes of one file. */
  readonly fileBytes: number;
  readonly files: number;
  /** Text parts; 200 unless told. */
  readonly fields?: number;
  /** Bytes of one text part; 1 MiB unless told. All of them together may have eight times as much. */
  readonly textBytes?: number;
}

/** Text parts of a form in which no list is sent item by item. */
const USUAL_FIELDS = 200;

/** Bytes of one text part: more than the longest text that any dialect takes. */
const TEXT_PART_BYTES = 1_048_576;
/** All text parts together may be so many times as long as one. */
const TEXT_PARTS = 8;

/**
 * Reads a whole multipart form, whatever the order of its parts. A part counts as a file when it has a file
 * name. Throws `payload_too_large` naming the part and the limit, and `invalid_request` for a broken form.
 */
export async function readForm(request: FastifyRequest, limits: FormLimits): Promise<Form> {
  try {
    return await collectParts(request, limits);
  } catch (thrown) {
    throw toFormError(thrown, limits);
  }
}

async function collectParts(request: FastifyRequest, limits: FormLimits): Promise<Form> {
  const {
    fileBytes,
    files: fileCount,
    fields: fieldCount = USUAL_FIELDS,
    textBytes = TEXT_PART_BYTES,
  } = limits;
  const fields = new Map<string, string[]>();
  const files: FormFile[] = [];
  let overflow: AppError | undefined;
  let textLength = 0;
  const sizes = {
    fileSize: fileBytes,
    files: fileCount,
    fieldSize: textBytes,
    fields: fieldCount,
    parts: fieldCount + fileCount,
  };
  for await (const part of request.parts({ limits: sizes })) {
    if (part.type === 'file') {
      const bytes = await part.toBuffer();
      files.push({ field: part.fieldname, filename: part.filename, mediaType: part.mimetype, bytes });
    } else {
      // The form is read to its end all the same: a caller who is still sending would not hear the answer.
      const text = textOf(part.value);
      textLength += text.length;
      if (part.valueTruncated) overflow ??= tooLarge(part.fieldname, textBytes);
      if (textLength > TEXT_PARTS * textBytes) overflow ??= tooMuchText(TEXT_PARTS * textBytes);
      if (!overflow) fields.set(part.fieldname, [...(fields.get(part.fieldname) ?? []), text]);
    }
  }
  if (overflow) throw overflow;
  return { fields, files };
}

/** A part that says it is JSON arrives parsed; dialects expect the text. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The form parser throws bare errors, without code or status, for what it cannot read. */
function toFormError(thrown: unknown, limits: FormLimits): unknown {
  if (!(thrown instanceof Error) || thrown instanceof AppError || isAbort(thrown)) return thrown;
  const code = 'code' in thrown ? thrown.code : undefined;
  if (code === 'FST_REQ_FILE_TOO_LARGE') return tooLarge(fieldOf(thrown), limits.fileBytes);
  if (code !== undefined && code !== 'FST_INVALID_JSON_FIELD_ERROR') return thrown;
  return new AppError('invalid_request', `The form cannot be read: ${thrown.message}.`, {
    cause: thrown,
    reason: 'malformed',
  });
}

function fieldOf(error: Error): string {
  const part: unknown = 'part' in error ? error.part : undefined;
  const named = typeof part === 'object' && part !== null && 'fieldname' in part;
  return named ? String(part.fieldname) : 'file';
}

function tooLarge(field: string, limit: number): AppError {
  return new AppError('payload_too_large', `The part '${field}' is larger than ${limit} bytes.`, {
    param: field,
  });
}

function tooMuchText(limit: number): AppError {
  return new AppError('payload_too_large', `The text parts together are longer than ${limit} characters.`);
}

/** The last value of each text part, which is the one that counts when a client repeats a part. */
export function lastValues(form: Form): Record<string, string> {
  return Object.fromEntries([...form.fields].map(([name, values]) => [name, values.at(-1) ?? '']));
}
