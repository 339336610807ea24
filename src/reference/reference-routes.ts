import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { unpacksGzip } from '../base/accept-encoding.ts';
import { AppError } from '../base/errors.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { openapiDocument } from './openapi-document.ts';
import {
  documentPath,
  PAGE_PATHS,
  PAGE_STYLE,
  PAGE_POLICY,
  REFERENCE_PAGE,
  startScript,
} from './reference-page.ts';
import type { CollectedRoute } from './route-collection.ts';
import { readScalarScript, type ScalarScript } from './scalar-script.ts';

/** What the reference is about. */
export interface ReferenceParts {
  readonly dialects: readonly Dialect[];
  /** Every route, once all are registered. */
  readonly routes: readonly CollectedRoute[];
  readonly version: string;
}

/**
 * Serves an OpenAPI document for each dialect at `/openapi/{dialect}.json`, and a page that shows them at `/docs`. Nobody
 * needs a key to read; what is tried out there is let in like everybody's requests.
 */
export function serveReference(app: FastifyInstance, { dialects, routes, version }: ReferenceParts): void {
  const documents = new Map<string, Promise<string>>();
  for (const dialect of dialects) {
    app.get(documentPath(dialect.id), async (_, reply) => {
      const own = routes.filter((route) => route.dialect === dialect.id);
      const made =
        documents.get(dialect.id) ?? openapiDocument({ dialect, routes: own, version }).then(toText);
      documents.set(dialect.id, made);
      return asJson(reply).send(await made);
    });
  }
  app.get('/openapi/:name', async ({ url }) => {
    const known = dialects.map(({ id }) => documentPath(id)).join(', ');
    throw new AppError('not_found', `There is no document at ${url.split('?')[0]}, only ${known}.`, {
      subject: 'route',
    });
  });
  pageRoutes(app, dialects);
}

function toText(document: object): string {
  return JSON.stringify(document);
}

function asJson(reply: FastifyReply): FastifyReply {
  return reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache');
}

function pageRoutes(app: FastifyInstance, dialects: readonly Dialect[]): void {
  app.get(PAGE_PATHS.page, async (_, reply) =>
    reply
      .headers({
        'content-security-policy': PAGE_POLICY,
        'x-frame-options': 'DENY',
        'permissions-policy': 'microphone=(), camera=(), geolocation=()',
        'cache-control': 'no-cache',
      })
      .type('text/html; charset=utf-8')
      .send(REFERENCE_PAGE),
  );
  const start = startScript(dialects);
  app.get(PAGE_PATHS.start, async (_, reply) => asScript(reply).send(start));
  app.get(PAGE_PATHS.style, async (_, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', 'no-cache').send(PAGE_STYLE),
  );
  let program: Promise<ScalarScript> | undefined;
  app.get(PAGE_PATHS.program, async (request, reply) => {
    program ??= readScalarScript();
    return sendProgram(await program, request, reply);
  });
}

function asScript(reply: FastifyReply): FastifyReply {
  return reply.type('text/javascript; charset=utf-8').header('cache-control', 'no-cache');
}

function sendProgram(
  { plain, gzipped, etag }: ScalarScript,
  { headers }: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  asScript(reply).headers({ etag, vary: 'accept-encoding' });
  if (headers['if-none-match'] === etag) return reply.code(304).send();
  return unpacksGzip(headers['accept-encoding'])
    ? reply.header('content-encoding', 'gzip').send(gzipped)
    : reply.send(plain);
}
