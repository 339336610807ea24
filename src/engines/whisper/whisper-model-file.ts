import { open, type FileHandle } from 'node:fs/promises';

/** What the head of a model file tells. */
export interface WhisperModelFacts {
  /** Number of tokens; it tells how many languages the model knows. */
  readonly vocabulary: number;
  readonly textLayers: number;
}

/** A file that is no complete model. The message follows "The file ". */
export class DamagedModelError extends Error {}

const MAGIC = 0x67676d6c;
/** Filters and vocabulary come before the weights and are smaller than this in every model. */
const HEAD_BYTES = 4 * 1024 * 1024;
const LONGEST_NAME = 256;

/** Block length in elements and bytes per block of ggml's tensor types. */
const TENSOR_TYPES: Readonly<Record<number, readonly [number, number]>> = {
  0: [1, 4],
  1: [1, 2],
  2: [32, 18],
  3: [32, 20],
  6: [32, 22],
  7: [32, 24],
  8: [32, 34],
  10: [256, 84],
  11: [256, 110],
  12: [256, 144],
  13: [256, 176],
  14: [256, 210],
  30: [1, 2],
};

/**
 * Reads the head of a model in whisper.cpp's format and follows its tensors to the end of the file. whisper.cpp
 * itself takes a file whose last tensor is cut short, and one without any tensor, and then hears nonsense or nothing.
 */
export async function inspectModelFile(path: string): Promise<WhisperModelFacts> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(Math.min(size, HEAD_BYTES));
    await file.read(head, 0, head.length, 0);
    const { facts, end } = readHead(head);
    await followTensors(file, { from: end, size });
    return facts;
  } finally {
    await file.close();
  }
}

function readHead(head: Buffer): { readonly facts: WhisperModelFacts; readonly end: number } {
  const integer = (offset: number): number => {
    if (offset < 0 || offset + 4 > head.length) throw new DamagedModelError('ends in the middle of its head');
    return head.readInt32LE(offset);
  };
  if (head.length < 4 || integer(0) !== MAGIC) throw new DamagedModelError('is no model of whisper.cpp');
  const facts = { vocabulary: integer(4), textLayers: integer(36) };
  let offset = 48;
  offset += 8 + checkedLength(integer(offset) * integer(offset + 4)) * 4;
  const words = checkedLength(integer(offset));
  offset += 4;
  for (let word = 0; word < words; word += 1) offset += 4 + checkedLength(integer(offset));
  if (offset > head.length) throw new DamagedModelError('ends in the middle of its head');
  return { facts, end: offset };
}

function checkedLength(length: number): number {
  if (length < 0 || length > HEAD_BYTES) throw new DamagedModelError('has an impossible head');
  return length;
}

async function followTensors(
  file: FileHandle,
  { from, size }: { readonly from: number; readonly size: number },
): Promise<void> {
  const header = Buffer.alloc(12 + 16 + LONGEST_NAME);
  let offset = from;
  let tensors = 0;
  while (offset < size) {
    const { bytesRead } = await file.read(header, 0, header.length, offset);
    offset += tensorLength(header.subarray(0, bytesRead));
    tensors += 1;
  }
  if (tensors === 0) throw new DamagedModelError('holds no weights');
  if (offset > size) throw new DamagedModelError(`ends ${offset - size} bytes too early`);
}

function tensorLength(header: Buffer): number {
  if (header.length < 12) throw new DamagedModelError('ends in the middle of a tensor');
  const dimensions = header.readInt32LE(0);
  const nameLength = header.readInt32LE(4);
  const type = TENSOR_TYPES[header.readInt32LE(8)];
  if (dimensions < 1 || dimensions > 4 || nameLength < 1 || nameLength > LONGEST_NAME || !type) {
    throw new DamagedModelError('holds a tensor that cannot be');
  }
  const dataAt = 12 + dimensions * 4 + nameLength;
  if (header.length < dataAt) throw new DamagedModelError('ends in the middle of a tensor');
  let elements = 1;
  for (let index = 0; index < dimensions; index += 1) elements *= header.readInt32LE(12 + index * 4);
  const [blockElements, blockBytes] = type;
  const bytes = (elements / blockElements) * blockBytes;
  if (!Number.isInteger(bytes) || bytes <= 0) throw new DamagedModelError('holds a tensor that cannot be');
  return dataAt + bytes;
}
