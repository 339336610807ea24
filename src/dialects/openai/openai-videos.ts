import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import type { Core } from '../../core/core.ts';
import type { Job, JobFile } from '../../core/jobs/job.ts';
import type { VideoOrder } from '../../core/video/video-inputs.ts';
import { sendBlob } from '../blob-reply.ts';
import { parseBody } from '../parse-body.ts';
import { antiphonHeaders } from '../speech-reply.ts';
import { jobIdOf, videoIdOf, videoObject } from './openai-video-object.ts';
import {
  readChange,
  readCreation,
  readRemix,
  toChangeOrder,
  type ChangeOrder,
} from './openai-video-request.ts';

const PATH = '/videos';
const DEFAULT_PAGE = 20;
const POLL_AFTER_MS = 500;

const videoParams = z.object({ video_id: z.string().min(1) });
export const listQuery = z.object({
  limit: z.coerce.number().int().min(0).max(100).default(DEFAULT_PAGE),
  order: z.enum(['asc', 'desc']).default('desc'),
  after: z.string().optional(),
});
export const contentQuery = z.object({
  variant: z.enum(['video', 'thumbnail', 'spritesheet']).default('video'),
});

/** What a film has that was not made here: the vendor's own defaults. */
const UNKNOWN_ORIGINAL = { model: 'sora-2', size: '720x1280', seconds: '4' };

/** Registers what makes, shows and deletes films. Every film is a job, and every job that is a film is shown. */
export function videoRoutes(scope: FastifyInstance, core: Core): void {
  scope.post(PATH, async (request, reply) => submit(core, await readCreation(request), { request, reply }));
  scope.post(`${PATH}/:video_id/remix`, async (request, reply) => {
    const id = idOf(request);
    await jobOf(core, request);
    return submitChange(core, await readRemix(request, id), { request, reply });
  });
  scope.post(`${PATH}/edits`, async (request, reply) =>
    submitChange(core, await readChange(request, 'edit'), { request, reply }),
  );
  scope.post(`${PATH}/extensions`, async (request, reply) =>
    submitChange(core, await readChange(request, 'extend'), { request, reply }),
  );
  scope.post(`${PATH}/characters`, refuseCharacters);
  scope.get(`${PATH}/characters/:character_id`, refuseCharacters);
  scope.get(PATH, (request) => list(core, request));
  scope.get(`${PATH}/:video_id`, async (request, reply) => show(await jobOf(core, request), reply));
  scope.get(`${PATH}/:video_id/content`, (request, reply) => sendContent(core, request, reply));
  scope.delete(`${PATH}/:video_id`, async (request) => {
    const { id, ownerId } = await jobOf(core, request);
    await core.jobs.remove(id, ownerId);
    return { id: videoIdOf(id), object: 'video.deleted', deleted: true };
  });
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

async function submit(core: Core, order: VideoOrder, { request, reply }: Exchange) {
  const { job, ...served } = await core.video.submit(order, request.antiphon);
  reply.headers(antiphonHeaders(served));
  return show(job, reply);
}

/** The vendor's polling helpers wait as long as the header says, and otherwise for up to five seconds. */
function show(job: Job<'video'>, reply: FastifyReply) {
  reply.header('openai-poll-after-ms', POLL_AFTER_MS);
  return videoObject(job);
}

async function submitChange(core: Core, change: ChangeOrder, exchange: Exchange) {
  const { request } = exchange;
  return submit(core, toChangeOrder(change, await originalOf(core, change, request), request), exchange);
}

/** What is known of the film that another one is made from. */
async function originalOf(core: Core, { source }: ChangeOrder, request: FastifyRequest) {
  if (source.kind !== 'job') return UNKNOWN_ORIGINAL;
  const job = await findVideo(core, source.id, request);
  if (!job) throw noVideo(videoIdOf(source.id));
  const { size, seconds: length } = videoObject(job);
  const { size: usualSize, seconds: usualSeconds } = UNKNOWN_ORIGINAL;
  return {
    model: job.model,
    size: size ?? usualSize,
    seconds: length ?? usualSeconds,
    id: videoIdOf(job.id),
  };
}

function refuseCharacters(): never {
  throw new AppError(
    'unsupported_feature',
    'Characters that keep their looks from film to film cannot be made here.',
  );
}

function idOf(request: FastifyRequest): string {
  return parseBody(videoParams, request.params).video_id;
}

async function jobOf(core: Core, request: FastifyRequest): Promise<Job<'video'>> {
  const id = idOf(request);
  const job = await findVideo(core, jobIdOf(id), request);
  if (job) return job;
  throw noVideo(id);
}

async function findVideo(
  core: Core,
  jobId: string,
  request: FastifyRequest,
): Promise<Job<'video'> | undefined> {
  const job = await core.jobs.find(jobId, request.antiphon.principal.id);
  return job?.kind === 'video' ? job : undefined;
}

function noVideo(id: string): AppError {
  return new AppError('not_found', `There is no video '${id}'.`, { param: 'video_id', subject: 'job' });
}

async function list(core: Core, request: FastifyRequest) {
  const { limit, order, after } = parseBody(listQuery, request.query);
  const ownerId = request.antiphon.principal.id;
  const afterId = after === undefined ? undefined : jobIdOf(after);
  if (afterId !== undefined && !(await findVideo(core, afterId, request))) {
    const message = `'after' must be the id of an item of this list, but is '${after}'.`;
    throw new AppError('invalid_request', message, { param: 'after' });
  }
  const found = await core.jobs.list({
    ownerId,
    kind: 'video',
    ...(afterId === undefined ? {} : { afterId }),
    order: order === 'asc' ? 'oldest_first' : 'newest_first',
    limit: limit + 1,
  });
  const data = found.flatMap((job) => (job.kind === 'video' ? [videoObject(job)] : [])).slice(0, limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: found.length > limit,
  };
}

async function sendContent(core: Core, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { variant } = parseBody(contentQuery, request.query);
  const job = await jobOf(core, request);
  if (job.state !== 'succeeded') throw notReady(job);
  const { output } = job;
  const file: JobFile | undefined = variant === 'video' ? output.file : output[variant];
  if (!file) {
    const message = `The engine that made this video gave no frames, so there is no ${variant} of it.`;
    throw new AppError('not_found', message, { param: 'variant', subject: 'file' });
  }
  const blob = await core.files.read(file.fileId, job.ownerId);
  if (!blob) throw new AppError('not_found', 'The video has expired.', { subject: 'file' });
  return sendBlob({ request, reply }, { blob, mediaType: file.mediaType, headers: antiphonHeaders(output) });
}

function notReady(job: Job<'video'>): AppError {
  const { error, status } = videoObject(job);
  const message = error?.message ?? `The video is ${status}; its content is there once it is completed.`;
  return new AppError('invalid_request', message, { param: 'video_id', reason: 'video_not_ready' });
}
