import type { FastifyRequest } from 'fastify';
import { AppError, toAppError } from '../base/errors.ts';
import type { Principal } from '../core/context.ts';
import type { Core } from '../core/core.ts';
import { enterWithSocket, findCaller, refuseOutsideDialects, type Identify } from './request-admission.ts';

/** How often it is looked whether somebody with an open socket may still be there, in milliseconds. */
const LOOK_MS = 30_000;

/** Somebody with an open socket. */
export interface SocketCaller {
  /** With what they may do as of the last look. */
  readonly principal: Principal;
}

/** A socket that somebody wants to use. */
export interface SocketVisit {
  readonly request: FastifyRequest;
  /** Fires when the socket closes, whoever closes it. */
  readonly signal: AbortSignal;
  /** Called once when the caller may not be there any more: the key was revoked, has expired, or is for less now. */
  readonly onUnwanted: (error: AppError) => void;
}

/**
 * Lets a caller in whose key is good for the dialect, for as long as it is. An open socket counts as one request and has
 * its place until it closes.
 */
export async function admitToSocket(
  core: Core,
  visit: SocketVisit,
  identify: Identify,
): Promise<SocketCaller> {
  const { request } = visit;
  const principal = await findCaller(core, request, identify);
  request.antiphon = { ...request.antiphon, principal };
  await enterWithSocket(core, visit);
  return watchCaller(core, visit);
}

/** Looks from time to time whether the caller of a request that became a socket may still be there. */
export function watchCaller(core: Core, { request, signal, onUnwanted }: SocketVisit): SocketCaller {
  const { dialect } = request.antiphon;
  let { principal } = request.antiphon;
  const look = async () => {
    try {
      principal = await stillAdmitted(core, { principal, dialect });
    } catch (thrown) {
      const error = toAppError(thrown);
      // A store that is away says nothing of anybody.
      if (signal.aborted || !['unauthenticated', 'permission_denied'].includes(error.code)) return;
      clearInterval(looking);
      onUnwanted(error);
    }
  };
  const looking = setInterval(() => void look(), LOOK_MS);
  looking.unref();
  signal.addEventListener('abort', () => clearInterval(looking), { once: true });
  if (signal.aborted) clearInterval(looking);
  return {
    get principal() {
      return principal;
    },
  };
}

async function stillAdmitted(
  core: Core,
  { principal, dialect }: { readonly principal: Principal; readonly dialect: string },
): Promise<Principal> {
  const found = await core.authenticator.findAdmitted(principal.id);
  if (!found) {
    const message = 'The API key with which this socket was opened is revoked or has expired.';
    throw new AppError('unauthenticated', message, { reason: 'unknown_key' });
  }
  refuseOutsideDialects(found, dialect);
  return found;
}

/** Fires when the connection ends with which a socket is being opened. */
export function connectionSignal({ raw }: FastifyRequest): AbortSignal {
  const ended = new AbortController();
  raw.socket.once('close', () => ended.abort());
  if (raw.socket.destroyed) ended.abort();
  return ended.signal;
}
