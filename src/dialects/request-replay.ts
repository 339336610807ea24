import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../base/errors.ts';
import type { RequestContext } from '../core/context.ts';
import type { Core } from '../core/core.ts';
import type { RequestReplay } from '../core/jobs/kept-request-answers.ts';

/** Carries the token of a request that comes from its job. Worth nothing to anybody else. */
const REPLAY_HEADER = 'x-antiphon-replay';

/** What says how an answer travels, not what it is, and what each answer has anew. */
const OF_THE_WAY: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'date',
  'vary',
]);

/** Answers kept requests through the server itself, without a network, as the first caller would have been answered. */
export function requestReplay(app: FastifyInstance): RequestReplay {
  return async ({ method, url, headers, token, body }, signal) => {
    if (method !== 'POST') throw new AppError('internal', `A ${method} request is never kept.`);
    // What is injected with a signal that has fired already ends the process: nobody hears the error of its stream.
    signal.throwIfAborted();
    const response = await app.inject({
      method,
      url,
      headers: { ...headers, [REPLAY_HEADER]: token },
      ...(body ? { payload: Readable.from(body, { objectMode: false }) } : {}),
      payloadAsStream: true,
      signal,
    });
    return { status: response.statusCode, headers: headersOf(response.headers), body: response.stream() };
  };
}

function headersOf(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const own = Object.entries(headers).filter(
    ([name, value]) => value !== undefined && !OF_THE_WAY.has(name) && !name.startsWith('access-control-'),
  );
  return Object.fromEntries(own.map(([name, value]) => [name, String(value)]));
}

/** The token of a request, if it comes from a job. */
export function replayToken({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const token = headers[REPLAY_HEADER];
  return typeof token === 'string' ? token : undefined;
}

/** For whom a request is answered that comes from a job; undefined for those that come from outside. */
export function replayedContext(
  { keptRequests }: Pick<Core, 'keptRequests'>,
  request: Pick<FastifyRequest, 'headers'>,
): RequestContext | undefined {
  const token = replayToken(request);
  return token === undefined ? undefined : keptRequests.findContext(token);
}
