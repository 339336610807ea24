import { deflateSync } from 'node:zlib';

/**
 * How much smaller a text becomes when it is compressed: bytes of its UTF-8 over bytes of its zlib form, as
 * Whisper's decoder measures it. Speech lies between 0.7 and 2.2; above 2.4 a text repeats itself.
 */
export function compressionRatio(text: string): number {
  const bytes = Buffer.from(text, 'utf8');
  return bytes.length === 0 ? 0 : bytes.length / deflateSync(bytes).length;
}
