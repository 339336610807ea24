import cors from '@fastify/cors';
import formbody from '@fastify/formbody';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { AppError } from './base/errors.ts';
import { present } from './base/assert.ts';
import type { Core } from './core/core.ts';
import { acceptForms } from './dialects/accept-forms.ts';
import { dialectPlugin, newRequestId, sendError } from './dialects/dialect-plugin.ts';
import type { Dialect } from './dialects/dialect.ts';
import { jobView } from './dialects/job-view.ts';
import { requestReplay } from './dialects/request-replay.ts';
import { acceptWebSockets, isSocketUpgrade } from './dialects/web-sockets.ts';
import { answerJobsOnly, type ProcessRole } from './process-role.ts';
import { drainBeforeClose } from './request-drain.ts';

/** Bytes of a body that is no file upload: a million characters of text, in most cases even escaped. */
const BODY_LIMIT = 8 * 1024 * 1024;

/** Origins of pages that are served from this machine. */
const LOOPBACK_PAGE = /^https?:\/\/(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/;

export interface AppOptions {
  readonly dialects: readonly Dialect[];
  /** Which web pages may call: any, or only ones served from this machine. */
  readonly cors: 'any' | 'loopback';
  /** What this process does; everything when absent. */
  readonly role?: ProcessRole;
  /** How long closing waits for running requests, in milliseconds; absent: they are cut at once. */
  readonly drainMs?: number;
}

/** Mounts every dialect on one server. The first dialect owns paths that nobody claims. */
export async function createApp(core: Core, options: AppOptions): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    genReqId: newRequestId,
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 500 },
    forceCloseConnections: true,
    http: { shouldUpgradeCallback: isSocketUpgrade },
    // A path that cannot be decoded reaches no dialect by itself.
    frameworkErrors: (thrown, request, reply) => {
      void sendError(ownerOf(request), { thrown, request, reply, core });
    },
  });
  const fallback = present(options.dialects[0], 'a dialect');
  const ownerOf = (request: Pick<FastifyRequest, 'headers' | 'url'>) =>
    ownerByPrefix(options.dialects, request.url) ??
    options.dialects.find((dialect) => dialect.claims(request.headers, pathOf(request.url))) ??
    fallback;
  app.addConstraintStrategy(dialectConstraint(options.dialects, fallback));
  doJobs(app, core, options.role);
  if (options.role === 'worker') answerJobsOnly(app, core);
  if (options.drainMs !== undefined) drainBeforeClose(app, options.drainMs);
  await app.register(cors, corsOptions(options.cors));
  await app.register(formbody);
  await acceptForms(app, core);
  await acceptWebSockets(app, core, {
    isAllowed: (origin) => options.cors === 'any' || LOOPBACK_PAGE.test(origin),
  });
  const known = routeTable(app);
  for (const dialect of options.dialects) {
    for (const mount of dialect.mounts) {
      const shared = !mount.startsWith(`/${dialect.id}`);
      await app.register(dialectPlugin(dialect, core), { prefix: mount, shared });
    }
  }
  app.setNotFoundHandler((request, reply) => {
    const thrown = notFound(request, known);
    return sendError(ownerOf(request), { thrown, request, reply, core });
  });
  app.setErrorHandler((thrown, request, reply) =>
    sendError(ownerOf(request), { thrown, request, reply, core }),
  );
  return app;
}

/** Jobs are done from when the server is ready until it is told to close; what is not finished then is kept. */
function doJobs(app: FastifyInstance, core: Core, role: ProcessRole = 'all'): void {
  const { jobRunner, keptRequests } = core;
  jobRunner.describeWith((job) => jobView(core, job, core.publicUrl ?? job.webhook?.origin ?? ''));
  keptRequests.answerWith(requestReplay(app));
  if (role === 'api') return;
  app.addHook('onReady', async () => jobRunner.start());
  app.addHook('preClose', () => jobRunner.stop());
}

function corsOptions(allowed: AppOptions['cors']) {
  const exposed = [
    'x-request-id',
    'request-id',
    'retry-after',
    'retry-after-ms',
    'x-should-retry',
    'openai-processing-ms',
    'x-antiphon-model',
    'x-antiphon-voice',
    'x-antiphon-stand-in',
    'x-antiphon-warnings',
    'history-item-id',
    'location',
    'preference-applied',
    'content-range',
    'character-cost',
    'song-id',
    'x-client-request-id',
    'x-inference-id',
    'x-aimlapi-credits-used',
    'x-aimlapi-usd-spent',
  ];
  return {
    origin: allowed === 'any' ? '*' : LOOPBACK_PAGE,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    maxAge: 600,
    exposedHeaders: exposed,
  };
}

function pathOf(url: string): string {
  return url.split('?')[0] ?? url;
}

function ownerByPrefix(dialects: readonly Dialect[], url: string): Dialect | undefined {
  const path = pathOf(url);
  return dialects.find((dialect) => path === `/${dialect.id}` || path.startsWith(`/${dialect.id}/`));
}

/** Lets a route say `constraints: { dialect: 'elevenlabs' }`; the route without it serves everybody else. */
function dialectConstraint(dialects: readonly Dialect[], fallback: Dialect) {
  return {
    name: 'dialect',
    mustMatchWhenDerived: false,
    storage: () => {
      const handlers = new Map<string, never>();
      return {
        get: (id: unknown) => handlers.get(String(id)) ?? null,
        set: (id: unknown, handler: never) => {
          handlers.set(String(id), handler);
        },
      };
    },
    deriveConstraint: (request: { headers: FastifyRequest['headers']; url?: string | undefined }) => {
      const claimant = dialects.find((dialect) => dialect.claims(request.headers, pathOf(request.url ?? '')));
      return (claimant ?? fallback).id;
    },
    validate: () => undefined,
  };
}

interface KnownRoute {
  readonly pattern: RegExp;
  readonly methods: readonly string[];
}

/** Remembers every route, so that a wrong method can be told from a wrong path. */
function routeTable(app: FastifyInstance): readonly KnownRoute[] {
  const known: KnownRoute[] = [];
  app.addHook('onRoute', (route) => {
    const segments = route.url.split('/').map((segment) => {
      if (segment === '*') return '.*';
      return segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+');
    });
    known.push({ pattern: new RegExp(`^${segments.join('/')}/?$`), methods: [route.method].flat() });
  });
  return known;
}

function notFound(request: FastifyRequest, known: readonly KnownRoute[]): AppError {
  const path = pathOf(request.url);
  const methods = known
    .filter((route) => route.pattern.test(path))
    .flatMap((route) => route.methods)
    .filter((method) => method !== 'HEAD' && method !== 'OPTIONS');
  if (methods.length === 0 || methods.includes(request.method)) {
    return new AppError('not_found', `There is nothing at ${request.method} ${path}.`, { subject: 'route' });
  }
  const allowed = [...new Set(methods)].join(', ');
  return new AppError('method_not_allowed', `${path} does not take ${request.method}, only ${allowed}.`, {
    subject: 'route',
  });
}
