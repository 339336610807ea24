import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import files from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { randomHex } from './base/ids.ts';

/** Where the built pages are. */
export const PLAYGROUND_FOLDER = fileURLToPath(new URL('../web/dist/', import.meta.url));

const NOT_BUILT =
  'Antiphon answers here. Its playground has not been built yet: "npm run build" does that, and "npm start" before it starts.\n';

/**
 * Serves the playground: the page at `/`, and its parts, whose names change with their contents, below `/playground/`.
 * Nobody needs a key to see it; what it asks of the APIs is let in like everybody's requests.
 */
export async function servePlayground(app: FastifyInstance, folder = PLAYGROUND_FOLDER): Promise<void> {
  const file = join(folder, 'index.html');
  if (!existsSync(file)) {
    app.get('/', async (_, reply) => reply.type('text/plain; charset=utf-8').send(NOT_BUILT));
    return;
  }
  const page = readFileSync(file, 'utf8');
  await app.register(files, {
    root: join(folder, 'assets'),
    prefix: '/playground/assets/',
    immutable: true,
    maxAge: '365d',
    // The build leaves them packed beside themselves.
    preCompressed: true,
    index: false,
    decorateReply: false,
  });
  app.get('/', async (_, reply) => {
    const nonce = randomHex(16);
    return reply
      .headers({
        'content-security-policy': policy(nonce),
        'x-frame-options': 'DENY',
        'permissions-policy': 'microphone=(self), camera=(), geolocation=()',
        'cache-control': 'no-cache',
      })
      .type('text/html; charset=utf-8')
      .send(page.replace('%STYLE_NONCE%', nonce));
  });
}

/** Nothing comes from anywhere else, and nothing that stands in the page runs. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "worker-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
