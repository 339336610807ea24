import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';

/** What stands in a model file beside its network. */
export interface OnnxDescription {
  /** The key-value pairs that the exporter wrote. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Why a file cannot be given to native code, for people: it names the file, not its folder. */
export class UnusableFile extends Error {
  constructor(path: string, what: string) {
    super(`${basename(path)} ${what}`);
    this.name = 'UnusableFile';
  }
}

/** `ModelProto` of the ONNX specification: the graph, and the exporter's key-value pairs. */
const GRAPH = 7;
const METADATA = 14;
/** The highest field number of `ModelProto`, with room for later versions of the format. */
const HIGHEST_FIELD = 64;
/** Longer metadata is not what an exporter writes. */
const LONGEST_METADATA = 1 << 20;
/** Two varints of ten bytes: the longest head that a field can have. */
const LONGEST_HEAD = 20;

/**
 * Reads an ONNX file's outline without reading its weights: every top-level field must be a known kind and end
 * inside the file. Native code would end the process over a file that is none of that. Throws `UnusableFile`.
 */
export async function describeOnnxFile(path: string): Promise<OnnxDescription> {
  const file = await openModel(path);
  try {
    const { size } = await file.stat();
    if (size === 0) throw new UnusableFile(path, 'is empty');
    const metadata = new Map<string, string>();
    let offset = 0;
    let hasGraph = false;
    while (offset < size) {
      const field = await readField(file, offset);
      if (!field) throw new UnusableFile(path, 'is not an ONNX file');
      if (field.end > size) {
        throw new UnusableFile(
          path,
          hasGraph || field.number === GRAPH ? 'is cut off' : 'is not an ONNX file',
        );
      }
      if (field.number === GRAPH && field.end > field.start) hasGraph = true;
      if (field.number === METADATA) await readMetadata(file, field, metadata);
      offset = field.end;
    }
    if (!hasGraph) throw new UnusableFile(path, 'is not an ONNX file');
    return { metadata };
  } finally {
    await file.close();
  }
}

/** Checks that a file is in the runtime's own format, which has `ORTM` after four bytes. Throws `UnusableFile`. */
export async function checkOrtFile(path: string): Promise<void> {
  const file = await openModel(path);
  try {
    const mark = await readAt(file, { start: 4, end: 8 });
    if (mark.toString('latin1') !== 'ORTM') throw new UnusableFile(path, 'is not an ONNX Runtime file');
  } finally {
    await file.close();
  }
}

async function openModel(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch {
    throw new UnusableFile(path, 'cannot be read');
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Field extends Span {
  readonly number: number;
}

/** A field of a protobuf message: its number, and where its value lies. Undefined where there is none. */
async function readField(file: FileHandle, offset: number): Promise<Field | undefined> {
  const head = await readAt(file, { start: offset, end: offset + LONGEST_HEAD });
  return parseField(head, offset);
}

function parseField(head: Buffer, offset: number): Field | undefined {
  const tag = readVarint(head, 0);
  if (!tag) return undefined;
  const number = Math.floor(tag.value / 8);
  if (number < 1 || number > HIGHEST_FIELD) return undefined;
  const afterTag = offset + tag.length;
  switch (tag.value % 8) {
    case 0: {
      const value = readVarint(head, tag.length);
      return value && { number, start: afterTag, end: afterTag + value.length };
    }
    case 1:
      return { number, start: afterTag, end: afterTag + 8 };
    case 2: {
      const length = readVarint(head, tag.length);
      if (!length) return undefined;
      const start = afterTag + length.length;
      return { number, start, end: start + length.value };
    }
    case 5:
      return { number, start: afterTag, end: afterTag + 4 };
    default:
      return undefined;
  }
}

/** Multiplies instead of shifting: files are longer than 32 bits can say. */
function readVarint(bytes: Buffer, offset: number): { value: number; length: number } | undefined {
  let value = 0;
  for (let index = 0; index < 10; index += 1) {
    const byte = bytes[offset + index];
    if (byte === undefined) return undefined;
    value += (byte % 128) * 128 ** index;
    if (byte < 128) return { value, length: index + 1 };
  }
  return undefined;
}

async function readAt(file: FileHandle, { start, end }: Span): Promise<Buffer> {
  const buffer = Buffer.alloc(end - start);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
  return buffer.subarray(0, bytesRead);
}

async function readMetadata(file: FileHandle, field: Field, into: Map<string, string>): Promise<void> {
  if (field.end - field.start > LONGEST_METADATA) return;
  const bytes = await readAt(file, field);
  const pair = new Map<number, string>();
  let offset = 0;
  while (offset < bytes.length) {
    const part = parseField(bytes.subarray(offset), offset);
    if (!part) return;
    pair.set(part.number, bytes.toString('utf8', part.start, part.end));
    offset = part.end;
  }
  const key = pair.get(1);
  if (key !== undefined) into.set(key, pair.get(2) ?? '');
}
