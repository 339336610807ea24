import { IncomingMessage } from 'node:http';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { present } from '../base/assert.ts';
import { AppError, cancelledError, isAbort } from '../base/errors.ts';
import { freeBytes } from '../base/spent-bytes.ts';
import { concatBytes } from '../base/stream.ts';
import type { MediaBytes } from '../core/media-input.ts';
import type { RequestUploads } from './accept-forms.ts';
import { invalidFields } from './parse-body.ts';
import { readRest } from './request-rest.ts';

/** A file part of a form. Name and type are the caller's word and prove nothing. */
export interface FormFile {
  readonly field: string;
  readonly filename: string;
  readonly mediaType: string;
  /** In memory when it is small, else on disk until the request ends. */
  readonly media: MediaBytes;
  /** How it begins: at most 64 KiB. */
  readonly head: Uint8Array;
}

/** A form, read to its end: text parts in order, by name, and file parts in order. */
export interface Form {
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly files: readonly FormFile[];
}

/** How much a form may hold. */
export interface FormLimits {
  /** Bytes of one file with this vendor. What the operator has set counts in its place. */
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

/** Files up to this size stay in memory. */
const MEMORY_BYTES = 1_048_576;
/** Enough of a file to see what it is. */
const HEAD_BYTES = 65_536;

/**
 * Reads a whole multipart form, whatever the order of its parts. A part counts as a file when it has a file
 * name. Throws `payload_too_large` naming the part and the limit, `invalid_request` for a broken form, and
 * `overloaded` when there is no room for its files.
 */
export async function readForm(request: FastifyRequest, limits: FormLimits): Promise<Form> {
  const uploads = present(request.uploads, 'what acceptForms adds to a request');
  const reading: Reading = {
    request,
    shelf: uploads.shelf,
    fileBytes: uploads.maxFileBytes ?? limits.fileBytes,
    files: limits.files,
    fields: limits.fields ?? USUAL_FIELDS,
    textBytes: limits.textBytes ?? TEXT_PART_BYTES,
  };
  try {
    return await collectParts(reading);
  } catch (thrown) {
    // Whoever is still sending would not hear the answer.
    uploads.stillSending = !(await readRest(request.raw));
    throw toFormError(thrown, reading);
  }
}

interface Reading extends Required<FormLimits>, Pick<RequestUploads, 'shelf'> {
  readonly request: FastifyRequest;
}

async function collectParts(reading: Reading): Promise<Form> {
  const { request, fileBytes, textBytes } = reading;
  const fields = new Map<string, string[]>();
  const files: FormFile[] = [];
  let textLength = 0;
  const sizes = {
    // One more than is taken, so that the part's own reader sees that there is more.
    fileSize: fileBytes + 1,
    files: reading.files,
    fieldSize: textBytes,
    fields: reading.fields,
    parts: reading.fields + reading.files,
  };
  for await (const part of request.parts({ limits: sizes })) {
    // The library tells of a name that was never sent by its absence, whatever its types say.
    if (typeof part.fieldname !== 'string') throw nameless();
    if (part.type === 'file') {
      files.push(await readFile(part, reading));
    } else {
      const text = textOf(part.value);
      textLength += text.length;
      if (part.valueTruncated) throw tooLarge(part.fieldname, textBytes);
      if (textLength > TEXT_PARTS * textBytes) throw tooMuchText(TEXT_PARTS * textBytes);
      fields.set(part.fieldname, [...(fields.get(part.fieldname) ?? []), text]);
    }
  }
  return { fields, files };
}

function nameless(): AppError {
  const message = 'Every part of a form needs a name: Content-Disposition: form-data; name="…".';
  return new AppError('invalid_request', message, { reason: 'malformed' });
}

/** A part that says it is JSON arrives parsed; dialects expect the text. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function readFile(part: MultipartFile, reading: Reading): Promise<FormFile> {
  const { fieldname: field, filename, mimetype: mediaType } = part;
  const chunks = checkedChunks(part, reading);
  const held: Uint8Array[] = [];
  let length = 0;
  while (length <= MEMORY_BYTES) {
    const next = await chunks.next();
    if (next.done) {
      const bytes = concatBytes(held);
      freeBytes(held);
      return { field, filename, mediaType, media: { kind: 'bytes', bytes }, head: headOf([bytes]) };
    }
    held.push(next.value);
    length += next.value.length;
  }
  // The shelf frees what it is given.
  const head = headOf(held);
  const source = await reading.shelf.keep(startingWith(held, chunks));
  return { field, filename, mediaType, media: { kind: 'file', source }, head };
}

/** A copy, so that the rest of the bytes can go. */
function headOf(chunks: readonly Uint8Array[]): Uint8Array {
  const head: Uint8Array[] = [];
  let missing = HEAD_BYTES;
  for (const chunk of chunks) {
    head.push(chunk.subarray(0, missing));
    missing -= chunk.length;
    if (missing <= 0) break;
  }
  return concatBytes(head);
}

/** Chunks that nobody else holds. */
async function* checkedChunks(
  part: MultipartFile,
  { request, fileBytes }: Reading,
): AsyncGenerator<Uint8Array, void> {
  let length = 0;
  const isOurs = request.raw instanceof IncomingMessage;
  const chunks: AsyncIterable<Uint8Array> = part.file;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > fileBytes) throw fileTooLarge(part.fieldname, fileBytes);
    // What came over no network may be kept by whoever sent it.
    yield isOurs ? chunk : new Uint8Array(chunk);
  }
}

async function* startingWith(
  start: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  yield* start;
  yield* rest;
}

/** The form parser throws bare errors, without code or status, for what it cannot read. */
function toFormError(thrown: unknown, reading: Reading): unknown {
  if (!(thrown instanceof Error) || thrown instanceof AppError || isAbort(thrown)) return thrown;
  const code = 'code' in thrown ? thrown.code : undefined;
  if (code === 'FST_MP_PREMATURE_CLOSE') return cancelledError();
  if (code === 'FST_FILES_LIMIT') return tooManyParts(`${reading.files} files`);
  if (code === 'FST_FIELDS_LIMIT') return tooManyParts(`${reading.fields} text parts`);
  if (code === 'FST_PARTS_LIMIT') return tooManyParts(`${reading.fields + reading.files} parts`);
  if (code !== undefined && code !== 'FST_INVALID_JSON_FIELD_ERROR') return thrown;
  return new AppError('invalid_request', brokenForm(thrown.message), {
    cause: thrown,
    reason: 'malformed',
  });
}

/** The parser's own words, except for what happens most. */
function brokenForm(why: string): string {
  if (why.includes('Boundary not found')) {
    return 'The form cannot be read: its content type names no boundary. Leave that header to the client that writes the form.';
  }
  if (/unexpected end/i.test(why)) {
    return 'The form cannot be read: it ends before the closing boundary that its content type names. Send all of it.';
  }
  return `The form cannot be read: ${why}.`;
}

function tooLarge(field: string, limit: number, wayOut = ''): AppError {
  return new AppError('payload_too_large', `The part '${field}' is larger than ${limit} bytes.${wayOut}`, {
    param: field,
  });
}

function fileTooLarge(field: string, limit: number): AppError {
  return tooLarge(
    field,
    limit,
    ' Whoever runs this server can raise the limit with --max-upload (ANTIPHON_MAX_UPLOAD).',
  );
}

function tooMuchText(limit: number): AppError {
  return new AppError('payload_too_large', `The text parts together are longer than ${limit} characters.`);
}

function tooManyParts(limit: string): AppError {
  return new AppError(
    'payload_too_large',
    `The form has more than ${limit}, which is the most that is read.`,
  );
}

/** The last value of each text part, which is the one that counts when a client repeats a part. */
export function lastValues(form: Form): Record<string, string> {
  return Object.fromEntries([...form.fields].map(([name, values]) => [name, values.at(-1) ?? '']));
}

/** The one file of a name, if there is one. Throws `invalid_request` when there are several: one would be lost in silence. */
export function findOnlyFile(files: readonly FormFile[], field: string): FormFile | undefined {
  const named = files.filter((file) => file.field === field);
  if (named.length <= 1) return named[0];
  throw invalidFields([
    {
      path: [field],
      kind: 'malformed',
      message: `must be one file, and there are ${named.length}; send a request for each`,
    },
  ]);
}
