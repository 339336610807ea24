import type { FastifyRequest } from 'fastify';

/** The token of an `Authorization: Bearer` header, whatever the case of the scheme (RFC 6750, section 2.1). */
export function bearerToken(request: Pick<FastifyRequest, 'headers'>): string | undefined {
  return /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
}
