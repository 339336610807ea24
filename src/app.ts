import cors from '@fastify/cors';
import formbody from '@fastify/formbody';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { AppError } from './base/errors.ts';
import { present } from './base/assert.ts';
import { addCarefulHeaders, CAREFUL_HEADERS } from './answer-headers.ts';
import { packAnswers } from './answer-packing.ts';
import { countByAddress } from './connection-limits.ts';
import type { Core } from './core/core.ts';
import { acceptForms } from './dialects/accept-forms.ts';
import { dialectPlugin, newRequestId, sendError } from './dialects/dialect-plugin.ts';
import type { Dialect } from './dialects/dialect.ts';
import { jobView } from './dialects/job-view.ts';
import { requestReplay } from './dialects/request-replay.ts';
import { acceptWebSockets, isSocketUpgrade } from './dialects/web-sockets.ts';
import {
  createHttpKeeper,
  socketPlaces,
  USUAL_HTTP_LIMITS,
  withProxies,
  type HttpLimits,
} from './http-limits.ts';
import { createPageAccess, type PageAccess, type PagesAllowed } from './page-access.ts';
import { servePlayground } from './playground.ts';
import { healthRoutes } from './health-routes.ts';
import type { Operations } from './operations.ts';
import { answerJobsOnly, type ProcessRole } from './process-role.ts';
import { serveReference } from './reference/reference-routes.ts';
import { collectRoutes } from './reference/route-collection.ts';
import { drainBeforeClose } from './request-drain.ts';
import { watchRequests } from './request-telemetry.ts';

/** Bytes of a body that is no file upload: a million characters of text, in most cases even escaped. */
const BODY_LIMIT = 8 * 1024 * 1024;

/** Every part that has to do with a request hears of its end by itself. */
const CLOSE_LISTENERS = 24;

export interface AppOptions {
  readonly dialects: readonly Dialect[];
  /** Which web pages may call; absent: those of this machine while there is no key, and none afterwards. */
  readonly cors?: PagesAllowed | undefined;
  /** The only names besides those of this machine under which a server without keys answers; absent: any. */
  readonly hosts?: readonly string[];
  /** What is different from the usual limits. */
  readonly limits?: Partial<HttpLimits>;
  /** Networks of balancers whose word on who calls is taken; none when absent. */
  readonly trustedProxies?: readonly string[];
  /** Who watches over the server; nobody when absent. */
  readonly operations?: Operations | undefined;
  /** What this process does; everything when absent. */
  readonly role?: ProcessRole;
  /** How long closing waits for running requests, in milliseconds; absent: they are cut at once. */
  readonly drainMs?: () => number;
}

/** Mounts every dialect on one server. The first dialect owns paths that nobody claims. */
export async function createApp(core: Core, options: AppOptions): Promise<FastifyInstance> {
  const limits = withProxies({ ...USUAL_HTTP_LIMITS, ...options.limits }, options.trustedProxies);
  const keeper = createHttpKeeper(limits);
  const pages = createPageAccess(core.authenticator, options.cors);
  const app = fastify({
    ...keeper.options,
    bodyLimit: BODY_LIMIT,
    trustProxy: options.trustedProxies?.length ? [...options.trustedProxies] : false,
    genReqId: newRequestId,
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 500 },
    forceCloseConnections: true,
    // It would end the wait for running requests, too: closing has limits of its own.
    pluginTimeout: 0,
    http: { ...keeper.options.http, shouldUpgradeCallback: isSocketUpgrade },
    // A path that cannot be decoded reaches no dialect by itself.
    frameworkErrors: (thrown, request, reply) => {
      void sendError(ownerOf(request), { thrown, request, reply: reply.headers(CAREFUL_HEADERS), core });
    },
  });
  const fallback = present(options.dialects[0], 'a dialect');
  const ownerOf = (request: Pick<FastifyRequest, 'headers' | 'url'>) =>
    ownerByPrefix(options.dialects, request.url) ??
    options.dialects.find((dialect) => dialect.claims(request.headers, pathOf(request.url))) ??
    fallback;
  app.addConstraintStrategy(dialectConstraint(options.dialects, fallback));
  // Before anybody has routes: those of the CORS plugin would else answer in the framework's own words.
  app.setErrorHandler((thrown, request, reply) =>
    sendError(ownerOf(request), { thrown, request, reply, core }),
  );
  expectListeners(app);
  if (options.operations) watchRequests(app, { core, ...options.operations });
  keeper.watch(app);
  addCarefulHeaders(app);
  packAnswers(app);
  doJobs(app, core, options.role);
  if (options.role === 'worker') answerJobsOnly(app, core);
  if (options.drainMs !== undefined) drain(app, core, options.drainMs);
  if (options.hosts) pages.guard(app, { hosts: options.hosts, publicUrl: core.publicUrl });
  await app.register(cors, { ...CORS, origin: options.cors === 'any' ? '*' : originOption(pages) });
  await app.register(formbody);
  await acceptForms(app, core);
  await acceptWebSockets(app, core, { ...pages, ...countByAddress(socketPlaces(limits)) });
  const known = routeTable(app);
  const routes = collectRoutes(app, options.dialects);
  if (options.operations) await healthRoutes(app, { core, ...options.operations });
  if (options.role !== 'worker') await servePlayground(app);
  for (const dialect of options.dialects) {
    for (const mount of dialect.mounts) {
      const shared = !mount.startsWith(`/${dialect.id}`);
      await app.register(dialectPlugin(dialect, core), { prefix: mount, shared });
    }
  }
  serveReference(app, { dialects: options.dialects, routes, version: core.version });
  app.setNotFoundHandler((request, reply) => {
    const thrown = notFound(request, known);
    request.watch?.refuse(thrown);
    return sendError(ownerOf(request), { thrown, request, reply, core });
  });
  return app;
}

function expectListeners(app: FastifyInstance): void {
  app.addHook('onRequest', (_, { raw }, done) => {
    raw.setMaxListeners(CLOSE_LISTENERS);
    done();
  });
}

/** Dialects check and write by themselves. What Fastify would do it with is a tenth of all code that is read at the start. */
function noCompiler(): never {
  throw new Error('Routes of this server have no schemas of the framework.');
}

/** Jobs are done from when the server is ready until it is told to close; what is not finished then is kept. */
function doJobs(app: FastifyInstance, core: Core, role: ProcessRole = 'all'): void {
  const { jobRunner, keptRequests } = core;
  jobRunner.describeWith((job) => jobView(core, job, core.publicUrl ?? job.webhook?.origin ?? ''));
  keptRequests.answerWith(requestReplay(app));
  if (role === 'api') return;
  app.addHook('onReady', async () => jobRunner.start());
  // Closing goes on meanwhile: jobs may take a while to end, and nobody new is to be let in for as long.
  let stopped = Promise.resolve();
  app.addHook('preClose', async () => {
    stopped = jobRunner.stop();
    stopped.catch(() => undefined);
  });
  app.addHook('onClose', () => stopped);
}

function drain(app: FastifyInstance, { lifecycle, engines, runner }: Core, limitMs: () => number): void {
  const isMaking = () => engines.some((engine) => runner.load(engine).running > 0);
  drainBeforeClose(app, { limitMs, isLeaving: () => lifecycle.draining, isMaking });
}

/** What pages that may call are told, whoever they are. */
const CORS = {
  // An `OPTIONS` that is none of a browser's is no reason for plain text, which belongs to no dialect.
  strictPreflight: false,
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
  maxAge: 600,
  exposedHeaders: [
    'x-request-id',
    'request-id',
    'retry-after',
    'retry-after-ms',
    'x-should-retry',
    'x-ratelimit-limit-requests',
    'x-ratelimit-remaining-requests',
    'x-ratelimit-reset-requests',
    'current-concurrent-requests',
    'maximum-concurrent-requests',
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
  ],
};

function originOption(pages: PageAccess) {
  return (origin: string | undefined, decide: (error: Error | null, isAllowed: boolean) => void): void => {
    if (origin === undefined) decide(null, false);
    else
      pages.isAllowed(origin).then(
        (isAllowed) => decide(null, isAllowed),
        (error: Error) => decide(error, false),
      );
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
