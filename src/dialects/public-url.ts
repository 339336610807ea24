import type { FastifyRequest } from 'fastify';
import type { Core } from '../core/core.ts';

/**
 * Where the caller reaches this server, without a slash at the end: what the operator has set, else the host that the
 * request names.
 */
export function publicOrigin(
  core: Pick<Core, 'publicUrl'>,
  request: Pick<FastifyRequest, 'protocol' | 'host'>,
): string {
  return core.publicUrl ?? requestOrigin(request);
}

/** The address under which the caller sent a request, as far as the request tells. */
export function requestOrigin({ protocol, host }: Pick<FastifyRequest, 'protocol' | 'host'>): string {
  // HTTP/1.0 names no host.
  return `${protocol}://${host || 'localhost'}`;
}

/** The whole address of one of our paths, for callers that are not to put it together themselves. */
export function publicUrl(
  core: Pick<Core, 'publicUrl'>,
  request: Pick<FastifyRequest, 'protocol' | 'host'>,
  path: string,
): string {
  return `${publicOrigin(core, request)}${path}`;
}
