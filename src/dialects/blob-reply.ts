import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { StoredBlob } from '../core/ports/blob-store.ts';

/** Bytes that are kept, on their way to a caller. */
export interface SentBlob {
  readonly blob: StoredBlob;
  readonly mediaType: string;
  /** Names these bytes for ever, where something does: a file of that name never changes. */
  readonly etag?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A stretch of bytes; `end` is exclusive. */
interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Sends kept bytes, all of them or the one range that is asked for (RFC 9110, section 14). Several ranges at once are
 * answered with everything, as the RFC allows.
 */
export function sendBlob(
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  { blob, mediaType, etag, headers }: SentBlob,
): FastifyReply {
  const { byteLength } = blob;
  reply.headers({
    ...headers,
    'accept-ranges': 'bytes',
    ...(etag === undefined ? {} : { etag: `"${etag}"` }),
  });
  const asked = mayBeRanged(request, etag) ? readRange(request.headers.range, byteLength) : 'all';
  if (asked === 'outside') {
    return reply.code(416).header('content-range', `bytes */${byteLength}`).send();
  }
  const { start, end } = asked === 'all' ? { start: 0, end: byteLength } : asked;
  if (asked !== 'all') reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${byteLength}`);
  reply.type(mediaType).header('content-length', end - start);
  // The framework would make the length of an answer without body 0, also where only its headers are asked for.
  if (request.method === 'HEAD') return reply.send(Readable.from([]));
  if (end === start) return reply.send();
  return reply.send(Readable.from(blob.open({ start, end }), { objectMode: false }));
}

/** Who has a part of something else needs all of it. */
function mayBeRanged({ headers }: FastifyRequest, etag: string | undefined): boolean {
  const held = headers['if-range'];
  return held === undefined || (etag !== undefined && held === `"${etag}"`);
}

function readRange(header: string | undefined, byteLength: number): ByteRange | 'all' | 'outside' {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first) return fromStart(Number(first), last ? Number(last) : byteLength - 1, byteLength);
  return last ? fromEnd(Number(last), byteLength) : 'all';
}

/** `last` is inclusive, as the header has it. A range that ends before it begins is none, and so ignored. */
function fromStart(first: number, last: number, byteLength: number): ByteRange | 'all' | 'outside' {
  if (first >= byteLength) return 'outside';
  return last < first ? 'all' : { start: first, end: Math.min(byteLength, last + 1) };
}

function fromEnd(length: number, byteLength: number): ByteRange | 'outside' {
  if (length === 0 || byteLength === 0) return 'outside';
  return { start: Math.max(0, byteLength - length), end: byteLength };
}
