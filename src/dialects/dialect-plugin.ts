import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { randomHex } from '../base/ids.ts';
import { AppError } from '../base/errors.ts';
import { ANYBODY, type RequestContext } from '../core/context.ts';
import type { Core } from '../core/core.ts';
import type { Refusal } from '../core/jobs/refused-request.ts';
import type { Dialect, ErrorPlace, MountOptions } from './dialect.ts';
import { fromFramework, isBodyTooLarge } from './framework-errors.ts';
import { admitRequest, limitHeadersOf } from './request-admission.ts';
import { replayedContext, replayToken } from './request-replay.ts';
import { readRest } from './request-rest.ts';
import { acceptLater } from './respond-async.ts';

/** When a caller had better try again whose request failed in passing. */
const USUAL_WAIT_MS = 1000;

/**
 * Wraps a dialect's routes with what every request needs: an id, a signal that fires when the caller hangs up,
 * authentication by the vendor's header, the vendor's headers on every answer, and its error envelope.
 */
export function dialectPlugin(dialect: Dialect, core: Core): FastifyPluginAsync<MountOptions> {
  return async (scope, options) => {
    scope.addHook('onRequest', async (request, reply) => {
      const context = requestContext(request, reply, { core, dialect: dialect.id });
      const job = replayedContext(core, request);
      request.antiphon = job ? forJob(context, job) : context;
      if (job) return;
      if (request.routeOptions.config.asksWhoCalls) return;
      const identify = () => core.authenticator.authenticate(dialect.credential(request));
      await admitRequest(core, { request, reply }, identify);
    });
    acceptLater(scope, dialect, core);
    scope.addHook('preHandler', async (request) => {
      if (asksForStrict(request.body)) request.antiphon = { ...request.antiphon, strict: true };
    });
    scope.addHook('onSend', async (request, reply) => {
      for (const [name, value] of Object.entries(dialect.commonHeaders(placeOf(request, core)))) {
        if (!reply.hasHeader(name)) reply.header(name, value);
      }
      reply.headers(limitHeadersOf(dialect, core, request));
    });
    scope.setErrorHandler(async (thrown, request, reply) => {
      // Whoever still sends does not listen, and the connection is closed after such a refusal.
      if (isBodyTooLarge(thrown)) await readRest(request.raw);
      return sendError(dialect, { thrown, request, reply, core });
    });
    // Without the prefix, which this scope has already: given on, it would stand in every path twice.
    await scope.register(dialect.routes(core), { shared: options.shared });
  };
}

interface Failure {
  readonly thrown: unknown;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly core: Core;
}

/** Answers an error in the dialect's envelope and logs it when it is ours. */
export function sendError(dialect: Dialect, failure: Failure): FastifyReply {
  const { request, reply } = failure;
  const error = hasLeft(request, failure.thrown)
    ? fromLeaving(failure.thrown)
    : fromFramework(failure.thrown);
  const place = placeOf(request, failure.core);
  if (error.status >= 500 && error.code !== 'overloaded') {
    failure.core.log.error(
      { requestId: place.requestId, path: place.path, error, cause: error.cause },
      'request-failed',
    );
  }
  const token = replayToken(request);
  if (token !== undefined) failure.core.keptRequests.noteRefusal(token, refusalOf(error));
  const rendered = dialect.renderError(error, place);
  const headers = {
    ...dialect.commonHeaders(place),
    ...retryHeader(error),
    ...rendered.headers,
  };
  return reply
    .code(error.exactStatus ?? rendered.status)
    .headers(headers)
    .type('application/json; charset=utf-8')
    .send(rendered.body);
}

/** Whether the caller hung up before all of its body had come, or before an answer that is a stream had begun. */
function hasLeft({ raw }: FastifyRequest, thrown: unknown): boolean {
  if (raw.readableAborted && !raw.complete) return true;
  const isCut = thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_STREAM_PREMATURE_CLOSE';
  return isCut && raw.socket.destroyed;
}

/** Whatever reads or writes a connection that breaks off fails in a manner of its own, none of which is a fault of ours. */
function fromLeaving(thrown: unknown): AppError {
  return thrown instanceof AppError
    ? thrown
    : new AppError('cancelled', 'The caller hung up.', { cause: thrown });
}

/** What fails in passing may work in a moment, where nothing better is known; weights that are damaged stay so. */
function retryHeader({ retryable, reason, retryAfterMs }: AppError): Record<string, string> {
  const waitMs = retryAfterMs ?? (retryable && reason !== 'damaged_model' ? USUAL_WAIT_MS : undefined);
  if (waitMs === undefined) return {};
  return { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) };
}

function placeOf(request: FastifyRequest, { clock }: Core): ErrorPlace {
  return {
    // A path that nothing serves has no context yet; its id is made when the request arrives.
    requestId: request.id,
    method: request.method,
    path: request.url.split('?')[0] ?? request.url,
    at: clock.now(),
  };
}

function requestContext(
  request: FastifyRequest,
  reply: FastifyReply,
  { core, dialect }: { readonly core: Core; readonly dialect: string },
): RequestContext {
  const hangUp = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) hangUp.abort();
  });
  return {
    requestId: request.id,
    principal: ANYBODY,
    dialect,
    signal: hangUp.signal,
    log: core.log,
    strict: isTrue(request.headers['x-antiphon-strict']),
  };
}

/** A request from a job is its owner's, ends with it, and tells it how far it is. */
function forJob(context: RequestContext, { principal, signal, report }: RequestContext): RequestContext {
  return {
    ...context,
    principal,
    signal: AbortSignal.any([context.signal, signal]),
    ...(report ? { report } : {}),
  };
}

function refusalOf({ code, message, param, retryAfterMs, reason }: AppError): Refusal {
  return {
    code,
    message,
    ...(param === undefined ? {} : { param }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Makes the id of a request: 32 lower-case hexadecimal digits. */
export function newRequestId(): string {
  return randomHex(16);
}

function asksForStrict(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'strict' in body && isTrue(body.strict);
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true' || value === '1';
}
