import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { unpacksGzip } from './base/accept-encoding.ts';

/** In a thread of its own: others are answered meanwhile. */
const gzipped = promisify<string, { readonly level: number }, Buffer>(gzip);

/** Below this a packed answer arrives hardly sooner. */
const LEAST_LENGTH = 4096;
/** Lists shrink to an eighth at the fastest level already; the best one takes three times as long for a tenth less. */
const PACKING = { level: constants.Z_BEST_SPEED };

/**
 * Packs longer JSON answers to `GET` for callers who say that they unpack them. Nothing else is packed: what is media is
 * packed already, what comes in pieces may not wait, and answers to `POST` may hold a new key beside what the caller sent.
 * Must be called before routes are registered.
 */
export function packAnswers(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    if (typeof payload !== 'string' || !isPackable(request, reply, payload)) return payload;
    reply.header('vary', varying(reply.getHeader('vary')));
    if (!unpacksGzip(request.headers['accept-encoding'])) return payload;
    const packed = await gzipped(payload, PACKING);
    reply.header('content-encoding', 'gzip').removeHeader('content-length');
    return packed;
  });
}

function isPackable({ method }: FastifyRequest, reply: FastifyReply, payload: string): boolean {
  return (
    method === 'GET' &&
    reply.statusCode === 200 &&
    payload.length >= LEAST_LENGTH &&
    /^application\/(?:[\w.-]+\+)?json\b/.test(String(reply.getHeader('content-type'))) &&
    // An encoding of its own, or a mark of exactly these bytes.
    !reply.hasHeader('content-encoding') &&
    !reply.hasHeader('etag')
  );
}

function varying(given: unknown): string {
  const names = [given ?? []].flat().map(String);
  return [...names, 'accept-encoding'].join(', ');
}
