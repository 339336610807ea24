/** Smaller buffers are not worth it, and may be what a parser works with and only lends. */
const LEAST_BYTES = 16 * 1024;

/**
 * Frees the memory of chunks that nobody reads any more. It would else wait for a collection of garbage, which so much
 * memory outside the heap brings about every few moments. A chunk that is a part of something larger is left alone.
 */
export function freeBytes(chunks: readonly Uint8Array[]): void {
  for (const { buffer, byteLength } of chunks) {
    if (byteLength < LEAST_BYTES || byteLength !== buffer.byteLength) continue;
    if (buffer instanceof ArrayBuffer) buffer.transfer(0);
  }
}
