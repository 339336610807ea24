import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest, RequestPayload } from 'fastify';
import { AppError } from '../base/errors.ts';
import { randomUuid } from '../base/ids.ts';
import type { Core } from '../core/core.ts';
import { fileBlobId } from '../core/files/file-keeping.ts';
import { jobFileId } from '../core/jobs/job-file-ids.ts';
import type { KeptRequest } from '../core/jobs/kept-request.ts';
import type { Dialect } from './dialect.ts';
import { jobPath, jobView } from './job-view.ts';
import { jobWishes } from './job-wishes.ts';
import { publicOrigin } from './public-url.ts';
import { replayedContext } from './request-replay.ts';
import { readRest } from './request-rest.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route with this makes something, so that its caller may want the answer later. */
    generates?: boolean;
  }
}

/** The options of a route that makes something. */
export const GENERATES = { config: { generates: true } } as const;

/** Bytes that a form with files may have where the operator has set nothing: as much as the most generous vendor takes. */
const FORM_BYTES = 3072 * 1024 * 1024;

/** What a form may hold beside its file. */
const BESIDE_BYTES = 16 * 1024 * 1024;

/** A request waits in its job for much longer than any job does. */
const KEEP_BODY_MS = 365 * 24 * 60 * 60 * 1000;

/** When a caller had better look after the job for the first time, in seconds. */
const LOOK_AGAIN_SECONDS = 2;

/** Headers that have a say in the answer; beside them those of our own. None of them is a credential. */
const KEPT_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'content-type',
  'host',
  'user-agent',
  'x-client-request-id',
]);

/** Ours that say something of the job, or of how the request came here. */
const JOB_HEADERS = /^x-antiphon-(webhook|webhook-secret|priority|replay)$/;

/**
 * Lets the callers of routes that make something ask for the answer later (`Prefer: respond-async`, RFC 7240). Such a
 * request is written down as it comes, without being read, and acknowledged; a job answers it.
 */
export function acceptLater(scope: FastifyInstance, dialect: Dialect, core: Core): void {
  scope.addHook('preParsing', async (request, reply, payload) => {
    if (!wantsLater(request) || replayedContext(core, request)) return;
    // Resolves when the answer is out, so that nothing goes on with the request.
    await keepForLater({ request, reply, body: payload }, { scope, dialect, core });
  });
}

function wantsLater({ headers, method, routeOptions }: FastifyRequest): boolean {
  if (method !== 'POST' || routeOptions.config.generates !== true) return false;
  const preferences = [headers['prefer'] ?? []].flat().join(',');
  return preferences.split(',').some((one) => one.split(';')[0]?.trim().toLowerCase() === 'respond-async');
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly body: RequestPayload;
}

interface Place {
  readonly scope: FastifyInstance;
  readonly dialect: Dialect;
  readonly core: Core;
}

async function keepForLater({ request, reply, body }: Exchange, place: Place): Promise<void> {
  const { core, dialect } = place;
  const { antiphon: context } = request;
  const wishes = jobWishes(request);
  const id = randomUuid();
  const file = { id: jobFileId(id, 'request'), ownerId: context.principal.id };
  try {
    const { byteLength } = await core.files.keep({
      ...file,
      mediaType: request.headers['content-type'] ?? 'application/octet-stream',
      filename: 'request',
      bytes: limited(request, body, core),
      keepMs: KEEP_BODY_MS,
    });
    const input: KeptRequest = {
      method: request.method,
      url: ownUrl(request, place),
      headers: keptHeaders(request),
      ...(byteLength > 0 ? { body: { blob: fileBlobId(file.id), byteLength } } : {}),
    };
    const order = { id, kind: 'request', input, dialect: dialect.id, model: routeOf(request) } as const;
    const job = await core.jobs.submit({ ...order, ...wishes }, context);
    reply.headers({
      location: jobPath(job.id),
      'preference-applied': 'respond-async',
      'retry-after': LOOK_AGAIN_SECONDS,
      'cache-control': 'no-store',
    });
    await reply.code(202).send(await jobView(core, job, publicOrigin(core, request)));
  } catch (thrown) {
    await core.files.remove(file.id, file.ownerId);
    throw thrown;
  }
}

async function* limited(
  request: FastifyRequest,
  body: RequestPayload,
  core: Core,
): AsyncGenerator<Uint8Array> {
  const most = mostBytes(request, core);
  let byteLength = 0;
  const chunks = chunksOf(body);
  try {
    for await (const chunk of chunks) {
      byteLength += chunk.length;
      if (byteLength > most) throw tooLarge(most);
      yield chunk;
    }
  } finally {
    // Whoever is still sending would not hear the answer.
    const isRead = await readRest(request.raw);
    if (request.uploads) request.uploads.stillSending = !isRead;
  }
  if (request.raw.readableAborted) throw new AppError('cancelled', 'The caller hung up.');
}

function chunksOf(body: RequestPayload): AsyncIterable<Uint8Array> {
  if (!(body instanceof Readable)) throw new AppError('internal', 'The body of the request is no stream.');
  // Ending early must not destroy the stream: the answer goes the same way back.
  return body.iterator({ destroyOnReturn: false });
}

function mostBytes({ headers, routeOptions }: FastifyRequest, { uploads }: Core): number {
  const isForm = /^multipart\/form-data/i.test(headers['content-type'] ?? '');
  return isForm ? (uploads.maxFileBytes ?? FORM_BYTES) + BESIDE_BYTES : routeOptions.bodyLimit;
}

function tooLarge(most: number): AppError {
  return new AppError('payload_too_large', `The request is larger than ${most} bytes.`);
}

/** The same path under the prefix that only this dialect has, without the token that let the caller in. */
function ownUrl({ url, routeOptions }: FastifyRequest, { scope, dialect }: Place): string {
  const own = dialect.mounts.find((mount) => mount.startsWith(`/${dialect.id}`)) ?? scope.prefix;
  const [path = '', query] = url.split('?', 2);
  const inside = path.replace(/\/{2,}/g, '/').slice(scope.prefix.length);
  const parameters = new URLSearchParams(query);
  if (routeOptions.config.asksWhoCalls) parameters.delete('token');
  return parameters.size === 0 ? `${own}${inside}` : `${own}${inside}?${parameters.toString()}`;
}

function keptHeaders({ headers }: FastifyRequest): Record<string, string> {
  const kept = Object.entries(headers).filter(
    ([name]) => KEPT_HEADERS.has(name) || (name.startsWith('x-antiphon-') && !JOB_HEADERS.test(name)),
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

/** Requests of one route take about as long as one another. */
function routeOf({ routeOptions }: FastifyRequest): string {
  return routeOptions.url ?? '';
}
