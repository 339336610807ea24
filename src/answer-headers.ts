import type { FastifyInstance } from 'fastify';

/** For every answer: its type is not guessed, its address is told to nobody, and as a page it may do and embed nothing. */
export const CAREFUL_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy':
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
} as const;

/**
 * Gives every answer the headers that make browsers careful with it. What is meant for anybody who has its address, such
 * as a signed one, may be embedded in other pages; the rest may not. Routes may say otherwise afterwards. Must be called
 * before routes are registered.
 */
export function addCarefulHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(CAREFUL_HEADERS);
    if (request.routeOptions.config.asksWhoCalls)
      reply.header('cross-origin-resource-policy', 'cross-origin');
    done();
  });
}
