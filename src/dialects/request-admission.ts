import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, cancelledError } from '../base/errors.ts';
import type { Principal, RequestContext } from '../core/context.ts';
import type { Core } from '../core/core.ts';
import { isCounted, type LimitStanding } from '../core/ports/request-limiter.ts';
import { OWN_DIALECT, type Dialect } from './dialect.ts';

/** What makes nothing. */
const HARMLESS_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

/** How those stand whose requests were counted. */
const standings = new WeakMap<FastifyRequest, LimitStanding>();

/** Finds out who calls. Throws `unauthenticated`. */
export type Identify = () => Promise<Principal>;

/** A request and the answer to it. */
export interface Visit {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/**
 * Lets a caller in whose key is good for the dialect, and counts the request where it makes something: it has its place
 * until the answer is out, or the caller hangs up. From then on `request.antiphon` tells who it is.
 */
export async function admitRequest(core: Core, visit: Visit, identify: Identify): Promise<void> {
  const { request, reply } = visit;
  const principal = await findCaller(core, request, identify);
  request.antiphon = { ...request.antiphon, principal };
  if (!isCounted(principal.grant) || !makesSomething(request)) return;
  const leave = await enter(core, request);
  reply.raw.once('close', leave).once('finish', leave);
  if (request.antiphon.signal.aborted) leave();
}

/** Who calls, with a key that is good for this dialect. Wrong keys are counted by the address that they come from. */
export async function findCaller(
  core: Core,
  request: FastifyRequest,
  identify: Identify,
): Promise<Principal> {
  const principal = await identify().catch((thrown: unknown) => {
    if (isWrongKey(thrown)) core.guesses.note(request.ip);
    throw thrown;
  });
  refuseOutsideDialects(principal, request.antiphon.dialect);
  return principal;
}

/** Takes a place for whoever is in `request.antiphon`, who is counted. Throws `rate_limited`. */
async function enter(core: Core, request: FastifyRequest): Promise<() => void> {
  const entry = await core.limiter.enter(request.antiphon.principal);
  standings.set(request, entry.standing);
  if (entry.kind === 'refused') throw entry.error;
  return entry.leave;
}

/** Counts a socket, which has its place until the signal fires. Throws `rate_limited`. */
export async function enterWithSocket(
  core: Core,
  { request, signal }: { readonly request: FastifyRequest; readonly signal: AbortSignal },
): Promise<void> {
  if (!isCounted(request.antiphon.principal.grant)) return;
  const leave = await enter(core, request);
  signal.addEventListener('abort', leave, { once: true });
  if (!signal.aborted) return;
  leave();
  throw cancelledError();
}

/** The vendor's headers for how the caller stands to the limits of the key. */
export function limitHeadersOf(
  dialect: Dialect,
  core: Core,
  request: FastifyRequest,
): Readonly<Record<string, string>> {
  // What is refused before a dialect hears of it has no context.
  const context: RequestContext | undefined = request.antiphon;
  const principal = context?.principal;
  if (!dialect.limitHeaders || !principal || !isCounted(principal.grant)) return {};
  return dialect.limitHeaders(standings.get(request) ?? core.limiter.standing(principal));
}

/** Throws `permission_denied` where a key is for other dialects. */
export function refuseOutsideDialects({ grant }: Principal, dialect: string): void {
  const { dialects } = grant.scopes;
  // Ours is where every key sees its own jobs, files and usage.
  if (!dialects || dialects.includes(dialect) || dialect === OWN_DIALECT) return;
  throw new AppError('permission_denied', `This API key is not for the API of '${dialect}'.`, {
    reason: 'dialect_not_in_scope',
  });
}

function makesSomething({ method, antiphon }: FastifyRequest): boolean {
  return !HARMLESS_METHODS.has(method) && antiphon.dialect !== OWN_DIALECT;
}

function isWrongKey(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.code === 'unauthenticated' && thrown.reason === 'unknown_key';
}
