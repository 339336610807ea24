import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import type { Core } from '../../core/core.ts';
import type { Job } from '../../core/jobs/job.ts';
import { sendBlob } from '../blob-reply.ts';
import { parseBody } from '../parse-body.ts';
import { antiphonHeaders } from '../speech-reply.ts';
import { toVideoOrder, type VideoTask } from './eigen-video-request.ts';

export const taskQuery = z.object({ jobId: z.string().min(1) });

/** The vendor's words for how far a film is. */
const STATUS = {
  queued: 'pending',
  running: 'processing',
  succeeded: 'completed',
  failed: 'failed',
  cancelled: 'failed',
} as const satisfies Record<Job['state'], string>;

/** Takes the order for a film; it is made in a job. */
export async function answerVideo(core: Core, reply: FastifyReply, task: VideoTask): Promise<FastifyReply> {
  const order = toVideoOrder(task);
  const { job, ...served } = await core.video.submit(order, task.context);
  return reply.headers(antiphonHeaders(served)).send({ task_id: job.id, task_status: STATUS[job.state] });
}

/** Registers what asks after films: the documented pair of routes, and the older one that names the model. */
export function videoTaskRoutes(scope: FastifyInstance, core: Core): void {
  for (const path of ['/api/v1/generate/status', '/api/:model-status']) {
    scope.get(path, async (request) => toStatus(await jobOf(core, request)));
  }
  for (const path of ['/api/v1/generate/result', '/api/:model-result']) {
    scope.get(path, async (request, reply) => sendFilm(core, request, reply));
  }
}

/** The query alone decides; which model made a film is not asked again. */
async function jobOf(core: Core, request: FastifyRequest): Promise<Job<'video'>> {
  const { jobId } = parseBody(taskQuery, request.query);
  const job = await core.jobs.find(jobId, request.antiphon.principal.id);
  if (job?.kind === 'video') return job;
  throw new AppError('not_found', `There is no task '${jobId}'.`, { param: 'jobId', subject: 'job' });
}

function toStatus(job: Job<'video'>) {
  return {
    task_id: job.id,
    status: STATUS[job.state],
    start_time: timeOf('startedAt' in job ? job.startedAt : undefined),
    end_time: timeOf('finishedAt' in job ? job.finishedAt : undefined),
    error: errorOf(job),
  };
}

function timeOf(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}

function errorOf(job: Job<'video'>): string | null {
  if (job.state === 'cancelled') return 'The task was cancelled.';
  return job.state === 'failed' ? job.error.message : null;
}

async function sendFilm(core: Core, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const job = await jobOf(core, request);
  if (job.state !== 'succeeded') throw notReady(job);
  const blob = await core.files.read(job.output.file.fileId, job.ownerId);
  if (!blob) throw new AppError('not_found', 'The film has expired.', { subject: 'file' });
  const { mediaType } = job.output.file;
  return sendBlob({ request, reply }, { blob, mediaType, headers: antiphonHeaders(job.output) });
}

function notReady(job: Job<'video'>): AppError {
  const error = errorOf(job);
  const message = error === null ? `The task is ${STATUS[job.state]}; ask again later.` : error;
  return new AppError('conflict', message, error === null ? { retryAfterMs: 2000 } : {});
}
