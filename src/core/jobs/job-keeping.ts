import { AppError } from '../../base/errors.ts';
import { randomUuid } from '../../base/ids.ts';
import type { RequestContext } from '../context.ts';
import type { FileService } from '../files/file-service.ts';
import type { Clock } from '../ports/clock.ts';
import type { JobStore } from '../ports/job-store.ts';
import type { Pause } from '../ports/pause.ts';
import { jobFileIds } from './job-file-ids.ts';
import type { JobLimits } from './job-limits.ts';
import type { JobNews } from './job-news.ts';
import { outlookOf } from './job-outlook.ts';
import type { JobOrder, JobService } from './job-service.ts';
import type { AnyJob, Job, JobKind } from './job.ts';

/** What the service of jobs is made of. */
export interface JobServiceParts {
  readonly store: JobStore;
  readonly files: Pick<FileService, 'remove'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly pause: Pause;
  readonly limits: JobLimits;
  readonly news: JobNews;
  /** Called when a job waits to be done. */
  readonly onWork: () => void;
}

/** How often a watched job is looked at, for changes that another process makes. */
const WATCH_MS = 1000;

/** When somebody with too many jobs may come again. */
const COME_AGAIN_MS = 15_000;

/** Builds the service. */
export function createJobService(parts: JobServiceParts): JobService {
  const { store, clock, limits, news } = parts;
  const find: JobService['find'] = (id, ownerId) => store.find(id, ownerId);
  const cancel: JobService['cancel'] = async (id, ownerId) => {
    const finishedAt = clock.now();
    const ended = await store.cancel(id, ownerId, { finishedAt, expiresAt: finishedAt + limits.resultMs });
    if (!ended) return store.find(id, ownerId);
    news.tell(id);
    // Its end may have to be announced.
    parts.onWork();
    return ended;
  };
  return {
    submit: (order, context) => submit(order, context, parts),
    find,
    list: (query) => store.list(query),
    outlook: (job) => outlookOf(job, parts),
    watch: (id, ownerId, signal) => watch({ id, ownerId, signal }, parts),
    cancel,
    retry: (id, ownerId) => retry(id, ownerId, parts),
    remove: async (id, ownerId) => {
      const job = await cancel(id, ownerId);
      if (!job) return false;
      await removeJobFiles(job, parts.files);
      const isRemoved = await store.remove(id, ownerId);
      news.tell(id);
      return isRemoved;
    },
  };
}

/** Removes everything that a job left, and what was kept for it. */
export async function removeJobFiles(job: AnyJob, files: Pick<FileService, 'remove'>): Promise<void> {
  for (const fileId of [...jobFileIds(job.id), ...inputFileIds(job)]) await files.remove(fileId, job.ownerId);
}

function inputFileIds({ kind, input }: AnyJob): readonly string[] {
  if (kind !== 'video') return [];
  return [input.firstFrame, input.source].flatMap((file) => file?.fileId ?? []);
}

async function submit<Kind extends JobKind>(
  order: JobOrder<Kind>,
  context: RequestContext,
  { store, clock, limits, onWork }: JobServiceParts,
): Promise<Job<Kind>> {
  const job: Job<Kind> & { readonly state: 'queued' } = {
    id: order.id ?? randomUuid(),
    kind: order.kind,
    ownerId: context.principal.id,
    dialect: order.dialect,
    model: order.model,
    priority: order.priority ?? 'interactive',
    input: order.input,
    notes: order.notes ?? {},
    ...(order.webhook ? { webhook: order.webhook } : {}),
    ...(context.span?.traceparent === undefined ? {} : { traceparent: context.span.traceparent }),
    createdAt: clock.now(),
    attempts: 0,
    state: 'queued',
  };
  // An order's kind and input belong together, so this is one of the jobs; the compiler cannot tell which.
  const anyJob = job as AnyJob & { readonly state: 'queued' };
  if (!(await store.add(anyJob, limits.waiting))) throw tooMany(limits);
  onWork();
  return job;
}

function tooMany({ waiting }: JobLimits): AppError {
  return new AppError(
    'rate_limited',
    `${waiting} of your jobs wait already, which is the most that may. Wait until some are done, or cancel some.`,
    { retryAfterMs: COME_AGAIN_MS, reason: 'too_many_jobs' },
  );
}

async function retry(id: string, ownerId: string, parts: JobServiceParts): Promise<AnyJob | undefined> {
  const { store, clock, limits, news, onWork } = parts;
  const job = await store.find(id, ownerId);
  if (!job) return undefined;
  if (job.state !== 'failed' && job.state !== 'cancelled') {
    throw new AppError(
      'conflict',
      `The job is ${job.state}; only one that failed or was cancelled begins anew.`,
    );
  }
  const restarted = await store.restart(id, ownerId, { now: clock.now(), mostWaiting: limits.waiting });
  if (!restarted) throw tooMany(limits);
  news.tell(id);
  onWork();
  return restarted;
}

interface Watching {
  readonly id: string;
  readonly ownerId: string;
  readonly signal: AbortSignal;
}

async function* watch({ id, ownerId, signal }: Watching, parts: JobServiceParts): AsyncGenerator<AnyJob> {
  let shown = '';
  while (!signal.aborted) {
    const change = new AbortController();
    // Heard from before the look on, so that nothing falls in between.
    const stopListening = parts.news.listen(id, () => change.abort());
    try {
      const job = await parts.store.find(id, ownerId);
      if (!job) return;
      const seen = outsideOf(job);
      if (seen !== shown) yield job;
      shown = seen;
      if (job.state !== 'queued' && job.state !== 'running') return;
      await parts.pause(WATCH_MS, AbortSignal.any([signal, change.signal]));
    } finally {
      stopListening();
    }
  }
}

function outsideOf(job: AnyJob): string {
  return `${job.state} ${job.attempts} ${job.state === 'running' ? job.progress : ''}`;
}
