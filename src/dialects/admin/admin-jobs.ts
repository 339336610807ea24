import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import type { Core } from '../../core/core.ts';
import { fileBlobId } from '../../core/files/file-keeping.ts';
import type { AnyJob } from '../../core/jobs/job.ts';
import type { KeptResponse } from '../../core/jobs/kept-request.ts';
import { sendBlob } from '../blob-reply.ts';
import { withHeartbeats } from '../heartbeats.ts';
import { jobPath, jobView } from '../job-view.ts';
import { parseBody } from '../parse-body.ts';
import { publicOrigin } from '../public-url.ts';
import { antiphonHeaders, sendLines } from '../speech-reply.ts';

export const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.string().min(1).optional(),
  order: z.enum(['asc', 'desc']).default('desc'),
  kind: z.enum(['request', 'sound', 'video']).optional(),
  dialect: z.string().min(1).optional(),
});

/** While nothing changes, so often a comment goes out, in milliseconds. */
const BEAT_MS = 15_000;

/** When a caller had better look again for a result, in milliseconds. */
const LOOK_AGAIN_MS = 2000;

/** How long events may be in coming. */
export interface JobPace {
  readonly beatMs: number;
}

interface JobRequest {
  readonly Params: { readonly id: string };
}

/** Registers what shows, ends, begins anew and forgets jobs, and gives what came of them. */
export function jobRoutes(scope: FastifyInstance, core: Core, pace: JobPace = { beatMs: BEAT_MS }): void {
  const view = (job: AnyJob, request: FastifyRequest) => jobView(core, job, publicOrigin(core, request));
  scope.get('/jobs', (request) => listJobs(core, request));
  scope.get<JobRequest>('/jobs/:id', async (request) => view(await jobOf(core, request), request));
  scope.get<JobRequest>('/jobs/:id/events', async (request, reply) => {
    const { id, ownerId } = await jobOf(core, request);
    const jobs = core.jobs.watch(id, ownerId, request.antiphon.signal);
    const lines = withHeartbeats(
      jobLines(jobs, (job) => view(job, request)),
      {
        everyMs: pace.beatMs,
        beat: ': waiting\n\n',
      },
    );
    return sendLines(reply, lines, { contentType: 'text/event-stream; charset=utf-8' });
  });
  scope.get<JobRequest>('/jobs/:id/result', async (request, reply) =>
    sendResult(core, await jobOf(core, request), { request, reply }),
  );
  scope.post<JobRequest>('/jobs/:id/retry', async (request, reply) => {
    const job = await core.jobs.retry(request.params.id, request.antiphon.principal.id);
    if (!job) throw noJob(request.params.id);
    return reply
      .code(202)
      .header('location', jobPath(job.id))
      .send(await view(job, request));
  });
  scope.delete<JobRequest>('/jobs/:id', async (request, reply) => {
    const { id, ownerId, state } = await jobOf(core, request);
    if (state === 'queued' || state === 'running') {
      const cancelled = await core.jobs.cancel(id, ownerId);
      if (!cancelled) throw noJob(id);
      return reply.send(await view(cancelled, request));
    }
    await core.jobs.remove(id, ownerId);
    return reply.code(204).send();
  });
}

async function jobOf(
  core: Core,
  { params, antiphon }: Pick<FastifyRequest<JobRequest>, 'params' | 'antiphon'>,
): Promise<AnyJob> {
  const job = await core.jobs.find(params.id, antiphon.principal.id);
  if (job) return job;
  throw noJob(params.id);
}

function noJob(id: string): AppError {
  return new AppError('not_found', `There is no job '${id}', or it is forgotten already.`, {
    subject: 'job',
    param: 'id',
  });
}

async function listJobs(core: Core, request: FastifyRequest) {
  const { limit, after, order, kind, dialect } = parseBody(listQuery, request.query);
  const found = await core.jobs.list({
    ownerId: request.antiphon.principal.id,
    order: order === 'asc' ? 'oldest_first' : 'newest_first',
    // One more, to see whether there are more.
    limit: limit + 1,
    ...(after === undefined ? {} : { afterId: after }),
    ...(kind === undefined ? {} : { kind }),
    ...(dialect === undefined ? {} : { dialect }),
  });
  const origin = publicOrigin(core, request);
  const jobs = await Promise.all(found.slice(0, limit).map((job) => jobView(core, job, origin)));
  return { jobs, hasMore: found.length > limit, nextAfter: found.length > limit ? jobs.at(-1)?.id : null };
}

/** One event for each state of the job that somebody sees; its name is the state. */
async function* jobLines(
  jobs: AsyncIterable<AnyJob>,
  view: (job: AnyJob) => Promise<unknown>,
): AsyncGenerator<string> {
  for await (const job of jobs) {
    yield `event: job.${job.state}\ndata: ${JSON.stringify(await view(job))}\n\n`;
  }
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** What came of a job: the answer of a request, as its caller would have got it, or the file that was made. */
async function sendResult(core: Core, job: AnyJob, exchange: Exchange): Promise<FastifyReply> {
  const answer = answerOf(job);
  if (answer) return sendAnswer(core, { job, answer }, exchange);
  if (job.state !== 'succeeded' || job.kind === 'request') throw noResult(job);
  const { file } = job.output;
  const blob = await core.files.read(file.fileId, job.ownerId);
  if (!blob) throw expired();
  const { mediaType } = file;
  return sendBlob(exchange, { blob, mediaType, headers: antiphonHeaders(job.output) });
}

function answerOf(job: AnyJob): KeptResponse | undefined {
  if (job.state === 'failed') return job.error.answer;
  return job.kind === 'request' && job.state === 'succeeded' ? job.output : undefined;
}

async function sendAnswer(
  core: Core,
  { job, answer }: { readonly job: AnyJob; readonly answer: KeptResponse },
  exchange: Exchange,
): Promise<FastifyReply> {
  const fileId = answer.blob.slice(fileBlobId('').length);
  const blob = await core.files.read(fileId, job.ownerId);
  if (!blob) throw expired();
  const { 'content-type': mediaType = 'application/octet-stream', ...headers } = answer.headers;
  const { request, reply } = exchange;
  // A range of an error would hide that it is one.
  if (answer.status === 200) return sendBlob(exchange, { blob, mediaType, headers });
  reply.code(answer.status).headers(headers).type(mediaType).header('content-length', blob.byteLength);
  return sendBlob({ request: withoutRange(request), reply }, { blob, mediaType });
}

function withoutRange(request: FastifyRequest): FastifyRequest {
  const { range: _range, ...headers } = request.headers;
  return Object.create(request, { headers: { value: headers } });
}

function noResult(job: AnyJob): AppError {
  if (job.state === 'failed') {
    return new AppError('conflict', `The job failed: ${job.error.message}`, { reason: 'job_failed' });
  }
  if (job.state === 'cancelled') {
    return new AppError('conflict', 'The job was cancelled, so nothing came of it.', {
      reason: 'job_cancelled',
    });
  }
  return new AppError('conflict', `The job is ${job.state}; its result is not there yet.`, {
    retryAfterMs: LOOK_AGAIN_MS,
    reason: 'job_not_done',
  });
}

function expired(): AppError {
  return new AppError('not_found', 'What came of the job is not kept any more.', { subject: 'file' });
}
