import type { Core } from '../core/core.ts';
import type { AnyJob, JobFile } from '../core/jobs/job.ts';
import type { KeptResponse } from '../core/jobs/kept-request.ts';

/** Where a job is looked after, whatever dialect it came through. */
export function jobPath(id: string): string {
  return `/antiphon/v1/jobs/${id}`;
}

/** A job as callers see it, with addresses that begin with an origin. */
export async function jobView(core: Pick<Core, 'jobs' | 'files'>, job: AnyJob, origin: string) {
  const { position, etaMs } = await core.jobs.outlook(job);
  const path = `${origin}${jobPath(job.id)}`;
  return {
    id: job.id,
    object: 'job',
    kind: job.kind,
    dialect: job.dialect,
    ...(job.kind === 'request'
      ? { request: { method: job.input.method, url: job.input.url } }
      : { model: job.model }),
    state: job.state,
    priority: job.priority,
    attempts: job.attempts,
    progress: progressOf(job),
    position: job.state === 'queued' ? position : null,
    etaSeconds: etaMs === undefined || isOver(job) ? null : Math.ceil(etaMs / 1000),
    createdAt: toIso(job.createdAt),
    startedAt: toIso('startedAt' in job ? job.startedAt : undefined),
    finishedAt: toIso('finishedAt' in job ? job.finishedAt : undefined),
    expiresAt: toIso('expiresAt' in job ? job.expiresAt : undefined),
    error: job.state === 'failed' ? errorOf(job.error) : null,
    ...madeOf(job),
    links: {
      self: path,
      events: `${path}/events`,
      result: `${path}/result`,
      ...(await fileLinks(core, job, origin)),
    },
  };
}

function isOver({ state }: AnyJob): boolean {
  return state !== 'queued' && state !== 'running';
}

function progressOf(job: AnyJob): number {
  if (job.state === 'running') return job.progress;
  return job.state === 'succeeded' ? 1 : 0;
}

function toIso(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}

function errorOf({ code, message, param, answer }: Extract<AnyJob, { state: 'failed' }>['error']) {
  return { code, message, param: param ?? null, ...(answer ? { status: answer.status } : {}) };
}

/** Who made the result, and what was not done as asked. */
function madeOf(job: AnyJob) {
  if (job.state !== 'succeeded') return { warnings: [] };
  if (job.kind === 'request') return toldInHeaders(job.output);
  const { warnings, servedBy, standIn } = job.output;
  return { warnings, servedBy, standIn };
}

function toldInHeaders({ status, headers }: KeptResponse) {
  const told = headers['x-antiphon-warnings'];
  const warnings: unknown = told === undefined ? [] : JSON.parse(told);
  const servedBy = headers['x-antiphon-model'];
  return {
    status,
    warnings,
    ...(servedBy === undefined ? {} : { servedBy, standIn: headers['x-antiphon-stand-in'] === 'true' }),
  };
}

/** Addresses without key for what was made, each with its end. */
async function fileLinks(core: Pick<Core, 'files'>, job: AnyJob, origin: string) {
  if (job.state !== 'succeeded' || job.kind === 'request') return {};
  const link = async (file: JobFile) => {
    const kept = await core.files.find(file.fileId, job.ownerId);
    return kept && `${origin}${(await core.files.link(kept)).path}`;
  };
  const file = await link(job.output.file);
  const beside = job.kind === 'video' ? await filmLinks(job.output, link) : {};
  return { ...(file === undefined ? {} : { file }), ...beside };
}

async function filmLinks(
  output: { readonly thumbnail?: JobFile; readonly spritesheet?: JobFile },
  link: (file: JobFile) => Promise<string | undefined>,
) {
  const thumbnail = output.thumbnail && (await link(output.thumbnail));
  const spritesheet = output.spritesheet && (await link(output.spritesheet));
  return {
    ...(thumbnail === undefined ? {} : { thumbnail }),
    ...(spritesheet === undefined ? {} : { spritesheet }),
  };
}
