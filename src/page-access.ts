import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError, toAppError } from './base/errors.ts';
import type { Authenticator } from './core/ports/authenticator.ts';

/** Which web pages may call: none from elsewhere, those of this machine, any, or those of the named origins. */
export type PagesAllowed = 'off' | 'loopback' | 'any' | readonly string[];

/** Under which names a server is reached. */
export interface ServerNames {
  /** Names besides those of this machine, such as the address it listens on. */
  readonly hosts: readonly string[];
  readonly publicUrl?: string | undefined;
}

/** What a browser on this machine may be used for by the pages that are open in it. */
export interface PageAccess {
  /** Whether a page of that origin may read answers and open sockets. */
  isAllowed(origin: string): Promise<boolean>;
  /**
   * Keeps strange pages from a server that asks nobody for a key: neither a name of theirs that leads here, nor a form
   * that needs nobody's permission to be sent. Must be called before routes are registered.
   */
  guard(app: FastifyInstance, names: ServerNames): void;
}

const LOOPBACK_HOST = /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** Decides about pages. Unless told, those of this machine may call a server without keys, and none one with keys. */
export function createPageAccess(
  authenticator: Pick<Authenticator, 'required'>,
  allowed: PagesAllowed | undefined,
): PageAccess {
  const isAllowed = async (origin: string): Promise<boolean> => {
    if (allowed === 'off') return false;
    if (allowed === 'any') return true;
    if (allowed === 'loopback') return isLoopbackOrigin(origin);
    if (allowed) return allowed.includes(origin);
    return isLoopbackOrigin(origin) && !(await authenticator.required());
  };
  return {
    isAllowed,
    guard: (app, names) => {
      const own = new Set(ownHosts(names));
      const judge = async ({ headers: { host = '', origin = '' } }: FastifyRequest): Promise<void> => {
        const isStrange = !isOwnHost(host, own);
        if (!isStrange && (await isAllowed(origin))) return;
        if (await authenticator.required()) return;
        throw isStrange ? strangeHost(host) : strangePage(origin);
      };
      app.addHook('onRequest', (request, _reply, done) => {
        if (isPlain(request, own)) done();
        else void tell(judge(request), done);
      });
    },
  };
}

async function tell(verdict: Promise<void>, done: (error?: AppError) => void): Promise<void> {
  const error = await verdict.then(() => undefined, toAppError);
  done(error);
}

/** What balancers ask by whatever name they know; it tells nobody anything. */
const PROBE = /^\/(?:health|ready)(?:\?|$)/;

/** The usual cases, decided without a promise: our name, and no page, one of ours, or one that has a signed address. */
function isPlain(request: FastifyRequest, own: ReadonlySet<string>): boolean {
  const { host = '', origin } = request.headers;
  if (PROBE.test(request.url)) return true;
  if (!isOwnHost(host, own)) return false;
  return origin === undefined || hostOf(origin) === host.toLowerCase() || isForAnybody(request);
}

/** Who knows the signed address of a file got it from somebody who may read it. */
function isForAnybody({ method, routeOptions }: FastifyRequest): boolean {
  return method === 'GET' && routeOptions.config.asksWhoCalls === true;
}

/** A request of HTTP/1.0 names no host; no browser sends one. */
function isOwnHost(host: string, own: ReadonlySet<string>): boolean {
  const name = host.toLowerCase();
  return name === '' || LOOPBACK_HOST.test(name) || own.has(name) || own.has(name.replace(/:\d{1,5}$/, ''));
}

function ownHosts({ hosts, publicUrl }: ServerNames): readonly string[] {
  const listed = hosts.map((host) => (host.includes(':') ? `[${host}]` : host).toLowerCase());
  return publicUrl === undefined ? listed : [...listed, new URL(publicUrl).host];
}

function isLoopbackOrigin(origin: string): boolean {
  return LOOPBACK_HOST.test(hostOf(origin) ?? '');
}

function hostOf(origin: string): string | undefined {
  return /^https?:\/\/([^/?#@\\]+)$/i.exec(origin)?.[1]?.toLowerCase();
}

function strangeHost(host: string): AppError {
  const message = `This server needs no API key and answers only under the names of its own machine, not as '${host.slice(0, 100)}'. Make a key, or name its address in the setting publicUrl.`;
  return new AppError('permission_denied', message, { reason: 'unknown_host' });
}

function strangePage(origin: string): AppError {
  const message = `This server needs no API key and answers no pages of '${origin.slice(0, 100)}'. Make a key, or allow them with the setting cors.`;
  return new AppError('permission_denied', message, { reason: 'unknown_origin' });
}
