/** A file in a tar archive (POSIX.1-1988 "ustar", with GNU's way of writing sizes beyond 8 GB). */
export interface TarEntry {
  readonly name: string;
  readonly size: number;
}

/** Everything in an archive is padded to a multiple of this. */
export const TAR_BLOCK = 512;

/** Where the parts of a header stand: offset and length in bytes. */
const FIELDS = {
  name: [0, 100],
  mode: [100, 8],
  owner: [108, 8],
  group: [116, 8],
  size: [124, 12],
  time: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
  prefix: [345, 155],
} as const;

type Field = keyof typeof FIELDS;

/** The largest size that eleven octal digits can tell. */
const OCTAL_MOST = 8 ** 11 - 1;

/** The block before a file of the archive. `time` is in seconds since 1970. */
export function tarHeader({ name, size }: TarEntry, time: number): Uint8Array {
  const block = new Uint8Array(TAR_BLOCK);
  const write = (field: Field, text: string) => block.set(new TextEncoder().encode(text), FIELDS[field][0]);
  const [prefix, base] = splitName(name);
  write('name', base);
  write('prefix', prefix);
  write('mode', '0000600\0');
  write('owner', '0000000\0');
  write('group', '0000000\0');
  write('time', `${octal(time, 11)}\0`);
  if (size <= OCTAL_MOST) write('size', `${octal(size, 11)}\0`);
  else writeLargeSize(block, size);
  write('type', '0');
  write('magic', 'ustar\x0000');
  write('checksum', `${octal(checksumOf(block), 6)}\0 `);
  return block;
}

/** Zeros that bring a file to whole blocks. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK);
}

/** What stands at the end of an archive. */
export function tarEnd(): Uint8Array {
  return new Uint8Array(2 * TAR_BLOCK);
}

/** Reads a header; undefined for a block of zeros, which ends the archive. Throws for what is no header of a file. */
export function readTarHeader(block: Uint8Array): TarEntry | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (Number.parseInt(textOf(block, 'checksum'), 8) !== checksumOf(block))
    throw new Error('This is no tar archive, or it is damaged.');
  const type = textOf(block, 'type');
  if (type !== '0' && type !== '') throw new Error('The archive holds something that is no plain file.');
  const prefix = textOf(block, 'prefix');
  const name = textOf(block, 'name');
  return { name: prefix === '' ? name : `${prefix}/${name}`, size: sizeOf(block) };
}

function splitName(name: string): readonly [prefix: string, base: string] {
  if (name.length <= FIELDS.name[1]) return ['', name];
  const slash = name.indexOf('/', name.length - FIELDS.name[1] - 1);
  if (slash < 1 || slash > FIELDS.prefix[1]) throw new Error(`${name} is too long a name for the archive.`);
  return [name.slice(0, slash), name.slice(slash + 1)];
}

function octal(value: number, digits: number): string {
  return Math.floor(value).toString(8).padStart(digits, '0');
}

function writeLargeSize(block: Uint8Array, size: number): void {
  const [start, length] = FIELDS.size;
  let rest = BigInt(size);
  for (let index = start + length - 1; index > start; index -= 1) {
    block[index] = Number(rest & 255n);
    rest >>= 8n;
  }
  block[start] = 0x80;
}

function sizeOf(block: Uint8Array): number {
  const [start, length] = FIELDS.size;
  if (block[start] !== 0x80) return Number.parseInt(textOf(block, 'size') || '0', 8);
  return Number(
    block.subarray(start + 1, start + length).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n),
  );
}

function textOf(block: Uint8Array, field: Field): string {
  const [start, length] = FIELDS[field];
  return new TextDecoder().decode(block.subarray(start, start + length)).replace(/[\0 ].*$/s, '');
}

/** The sum of all bytes, those of the sum itself counted as blanks. */
function checksumOf(block: Uint8Array): number {
  const [start, length] = FIELDS.checksum;
  return block.reduce((sum, byte, index) => sum + (index >= start && index < start + length ? 32 : byte), 0);
}
