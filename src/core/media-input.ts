import { collectBytes } from '../base/stream.ts';

/** Bytes outside memory, readable from the front as often as needed while the request that brought them lasts. */
export interface ByteSource {
  readonly byteLength: number;
  read(): AsyncIterable<Uint8Array>;
}

/** Media whose bytes are here, in memory or outside it. */
export type MediaBytes =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly source: ByteSource };

/** Media that a caller hands in. */
export type MediaInput =
  | (MediaBytes & { readonly filename?: string })
  | { readonly kind: 'url'; readonly url: string };

/** The bytes, all at once where they are in memory and otherwise piece by piece, from the front with each call. */
export function mediaChunks(media: MediaBytes): Uint8Array | AsyncIterable<Uint8Array> {
  return media.kind === 'bytes' ? media.bytes : media.source.read();
}

/** The bytes, all in memory. */
export async function wholeMedia(media: MediaBytes): Promise<Uint8Array> {
  return media.kind === 'bytes' ? media.bytes : collectBytes(media.source.read());
}

/** How many bytes there are. */
export function mediaLength(media: MediaBytes): number {
  return media.kind === 'bytes' ? media.bytes.length : media.source.byteLength;
}
