import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import type { Core } from '../../core/core.ts';
import type { Job } from '../../core/jobs/job.ts';
import { refuseUnderStrict } from '../../core/setting-support.ts';
import { jobWishes } from '../job-wishes.ts';
import { publicUrl } from '../public-url.ts';
import { antiphonHeaders } from '../speech-reply.ts';
import { IN_QUERY } from './aiml-errors.ts';
import { readOrder } from './aiml-request.ts';

const PATH = '/v2/generate/audio';

/** Under which word a job keeps what stands in its replies. */
const NOTES = { suffix: 'suffix', credits: 'credits' };

/** A UUID, and the model behind a colon where it is given. */
const GENERATION_ID = /^([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})(?::(.+))?$/;

/** Registers the one path of the vendor: what is posted to it is made in a job, and is asked after there as well. */
export function generationRoutes(scope: FastifyInstance, core: Core): void {
  scope.post(PATH, (request, reply) => submit(core, request, reply));
  scope.get(PATH, (request, reply) => poll(core, request, reply));
}

async function submit(core: Core, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { antiphon: context } = request;
  const order = readOrder(core, request.body);
  if (context.strict) refuseUnderStrict(order.warnings);
  const forecast = await core.sound.foresee(order.request, context);
  const { suffix, credits } = order;
  const job = await core.jobs.submit(
    {
      kind: 'sound',
      input: order.request,
      dialect: 'aiml',
      model: order.request.model,
      notes: { [NOTES.suffix]: suffix, [NOTES.credits]: String(credits) },
      ...jobWishes(request),
    },
    context,
  );
  const id = generationId(job);
  const warnings = [...order.warnings, ...forecast.warnings];
  reply.headers({ ...antiphonHeaders({ ...forecast, warnings }), ...vendorHeaders(id, credits) });
  return reply.code(201).send({ id, generation_id: id, status: 'queued', ...usageOf(job) });
}

function generationId({ id, model, notes }: Job<'sound'>): string {
  return `${id}:${notes[NOTES.suffix] ?? model}`;
}

function vendorHeaders(id: string, credits: number): Record<string, string> {
  return {
    'x-inference-id': id,
    'x-aimlapi-credits-used': String(credits),
    // What runs here costs nothing.
    'x-aimlapi-usd-spent': '0',
  };
}

function usageOf({ notes }: Job<'sound'>) {
  return { meta: { usage: { credits_used: Number(notes[NOTES.credits] ?? 0), usd_spent: 0 } } };
}

async function poll(core: Core, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const asked = askedId(request.query);
  const [, jobId, suffix] = GENERATION_ID.exec(asked) ?? [];
  if (jobId === undefined) throw notFound();
  reply.headers(vendorHeaders(asked, 0));
  const job = await core.jobs.find(jobId, request.antiphon.principal.id);
  if (job?.kind !== 'sound' || (suffix !== undefined && asked !== generationId(job))) throw notFound();
  reply.headers(vendorHeaders(generationId(job), 0));
  if (job.state === 'succeeded') reply.headers(antiphonHeaders(job.output));
  return reply.send(await statusOf(core, job, request));
}

export const pollQuery = z.object({ generation_id: z.unknown().optional(), id: z.unknown().optional() });

/** Of several values the first one counts, and one client calls it `id`. */
function askedId(query: unknown): string {
  const { generation_id: named, id } = pollQuery.parse(query);
  const [first] = [named ?? id].flat();
  if (typeof first === 'string' && first !== '') return first;
  throw new AppError('invalid_request', 'generation_id: Required', {
    param: 'generation_id',
    reason: IN_QUERY,
  });
}

function notFound(): AppError {
  return new AppError('not_found', 'Generation not found', { subject: 'job' });
}

async function statusOf(core: Core, job: Job<'sound'>, request: FastifyRequest): Promise<object> {
  const id = generationId(job);
  switch (job.state) {
    case 'queued':
      // A job that was begun and waits to be begun anew is not shown going back.
      return { id, status: job.attempts > 0 ? 'generating' : 'queued' };
    case 'running':
      return { id, status: 'generating' };
    case 'succeeded':
      return { id, status: 'completed', audio_file: await audioFile(core, job, request), ...usageOf(job) };
    case 'failed':
      return { id, status: 'error', error: vendorError(nameOf(job.error.code), job.error.message) };
    case 'cancelled':
      return { id, status: 'error', error: vendorError('Cancelled', 'The generation was cancelled.') };
  }
}

/** The last part is for clients that look where the models behind the vendor put their errors. */
function vendorError(name: string, message: string) {
  return { name, message, detail: [{ msg: message, loc: [], type: name }] };
}

function nameOf(code: Extract<Job, { state: 'failed' }>['error']['code']): string {
  if (code === 'cancelled') return 'Interrupted';
  return code === 'timed_out' ? 'GenerationTimeout' : 'GenerationError';
}

async function audioFile(
  core: Core,
  job: Job<'sound'> & { readonly state: 'succeeded' },
  request: FastifyRequest,
) {
  const file = await core.files.find(job.output.file.fileId, job.ownerId);
  if (!file) throw notFound();
  const { path } = await core.files.link(file);
  return {
    url: publicUrl(core, request, path),
    content_type: file.mediaType,
    file_name: file.filename,
    file_size: file.byteLength,
  };
}
