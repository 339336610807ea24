import { randomBytes, randomFillSync, randomUUID } from 'node:crypto';

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Asking the system costs more than the bytes: they are fetched for many ids at once, and each is used once. */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** 2 × `byteCount` lower-case hexadecimal digits from the system's secure random source. */
export function randomHex(byteCount: number): string {
  if (byteCount > pool.length) return randomBytes(byteCount).toString('hex');
  if (used + byteCount > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const digits = pool.toString('hex', used, used + byteCount);
  // What was given out is not kept where somebody could read it later.
  pool.fill(0, used, used + byteCount);
  used += byteCount;
  return digits;
}

/** Random letters and digits from the system's secure random source. */
export function randomAlphanumeric(length: number): string {
  let id = '';
  while (id.length < length) {
    // 248 is the largest multiple of 62 in a byte: bytes from there on would favour the first letters.
    for (const byte of randomBytes(length))
      if (byte < 248 && id.length < length) id += ALPHANUMERIC[byte % 62];
  }
  return id;
}

/** A seed from the system's secure random source: a whole number that JSON carries exactly, below 2^48. */
export function randomSeed(): number {
  return Number.parseInt(randomHex(6), 16);
}

/** A random UUID, version 4. */
export function randomUuid(): string {
  return randomUUID();
}
