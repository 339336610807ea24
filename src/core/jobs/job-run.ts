import { AppError, processEnds, toAppError } from '../../base/errors.ts';
import { ANONYMOUS_OWNER, type Principal, type RequestContext } from '../context.ts';
import type { FileService } from '../files/file-service.ts';
import type { Authenticator } from '../ports/authenticator.ts';
import type { Clock } from '../ports/clock.ts';
import type { ClaimedJob, JobEnding, JobLease, JobStore } from '../ports/job-store.ts';
import type { Logger } from '../ports/logger.ts';
import type { Pause } from '../ports/pause.ts';
import { removeJobFiles } from './job-keeping.ts';
import type { JobLimits } from './job-limits.ts';
import type { JobNews } from './job-news.ts';
import type { JobHandler, JobHandlers } from './job-service.ts';
import type { AnyJob, JobError, JobKind, JobKinds } from './job.ts';
import { RefusedRequest } from './refused-request.ts';

/** What it takes to do a job. */
export interface JobRunParts {
  readonly store: JobStore;
  readonly files: FileService;
  readonly handlers: JobHandlers;
  readonly authenticator: Pick<Authenticator, 'stillAdmits'>;
  readonly clock: Clock;
  readonly pause: Pause;
  readonly limits: JobLimits;
  readonly news: JobNews;
  readonly log: Logger;
}

/** A job that is being done here. */
export interface JobRun {
  readonly lease: JobLease;
  readonly kind: JobKind;
  /** 0 to 1. */
  progress(): number;
  /** The job is somebody else's now, or was cancelled. */
  lose(): void;
  /** Gives the job back, so that another process does it. */
  stop(): void;
  /** Resolves when nothing of it happens any more; never fails. */
  readonly ended: Promise<void>;
}

/** A job is failed when it fails in passing for this many times. */
const MOST_FAILURES = 3;

/** A job is failed when whoever worked at it has vanished for more than this many times: it may be what kills them. */
const MOST_LOSSES = 10;

/** Waits between the tries, doubled each time, in milliseconds. */
const BACKOFF_MS = 2000;
const LONGEST_BACKOFF_MS = 5 * 60 * 1000;

/** No job takes longer than this; one that does hangs. */
const LONGEST_RUN_MS = 6 * 60 * 60 * 1000;

type Reason = 'lost' | 'stopped' | 'overdue';

/** Begins to do a job that was claimed. */
export function beginJob(claimed: ClaimedJob, parts: JobRunParts): JobRun {
  const end = new AbortController();
  let reason: Reason | undefined;
  let progress = 0;
  const endFor = (why: Reason) => {
    reason ??= why;
    end.abort(why === 'stopped' ? processEnds() : undefined);
  };
  const report = (fraction: number) => {
    if (Number.isFinite(fraction)) progress = Math.max(progress, Math.min(1, fraction));
  };
  const over = new AbortController();
  const endWhenOverdue = async () => {
    await parts.pause(LONGEST_RUN_MS, over.signal);
    if (!over.signal.aborted) endFor('overdue');
  };
  void endWhenOverdue();
  const context = contextOf(claimed.job, { signal: end.signal, log: parts.log, report });
  const work = async () => {
    try {
      const outcome = await outcomeOf(claimed, context, parts);
      await settle(claimed, { outcome, reason: () => reason }, parts);
    } catch (error) {
      // The lease runs out, and the job is begun anew.
      parts.log.error({ jobId: claimed.job.id, error }, 'job-settling-failed');
    } finally {
      over.abort();
      parts.news.tell(claimed.job.id);
    }
  };
  return {
    lease: claimed.lease,
    kind: claimed.job.kind,
    progress: () => progress,
    lose: () => endFor('lost'),
    stop: () => endFor('stopped'),
    ended: work(),
  };
}

function contextOf(
  job: AnyJob,
  given: Required<Pick<RequestContext, 'signal' | 'log' | 'report'>>,
): RequestContext {
  return { requestId: job.id.replaceAll('-', ''), principal: ownerOf(job), strict: false, ...given };
}

function ownerOf({ ownerId }: AnyJob): Principal {
  const anonymous = ownerId === ANONYMOUS_OWNER;
  return { id: ownerId, name: ownerId, anonymous };
}

type Outcome = { readonly output: JobKinds[JobKind]['output'] } | { readonly thrown: unknown };

async function outcomeOf(
  { job, lease, losses }: ClaimedJob,
  context: RequestContext,
  { authenticator, handlers, store }: JobRunParts,
): Promise<Outcome> {
  try {
    if (losses > MOST_LOSSES) throw tooManyLosses(losses);
    if (!(await authenticator.stillAdmits(context.principal))) throw notAdmitted();
    const remember = async (reference: string) => {
      await store.remember(lease, reference);
    };
    // Handler and job are of the same kind; the compiler cannot see that through the union.
    const handler = handlers[job.kind] as JobHandler<JobKind>;
    return { output: await handler({ job, context, remember }) };
  } catch (thrown) {
    return { thrown };
  }
}

function tooManyLosses(losses: number): AppError {
  return new AppError('internal', `The server ended ${losses} times while it worked at this job.`, {
    reason: 'lost_too_often',
  });
}

function notAdmitted(): AppError {
  return new AppError('unauthenticated', 'The API key that ordered this job does not count any more.', {
    reason: 'unknown_key',
  });
}

interface Settling {
  readonly outcome: Outcome;
  readonly reason: () => Reason | undefined;
}

async function settle(claimed: ClaimedJob, { outcome, reason }: Settling, parts: JobRunParts): Promise<void> {
  const { job, lease } = claimed;
  const { store, clock } = parts;
  if ('output' in outcome) {
    const ending = { state: 'succeeded', output: outcome.output, ...endTimes(parts) } as const;
    return finish(claimed, ending, parts);
  }
  if (reason() === 'stopped') {
    await store.giveBack(lease, { availableAt: clock.now(), failed: false });
    return;
  }
  if (reason() === 'lost') return clearIfOver(job, parts);
  const error = reason() === 'overdue' ? overdue(outcome.thrown) : toAppError(outcome.thrown);
  logFailure(claimed, error, parts);
  if (error.retryable && claimed.failures + 1 < MOST_FAILURES && reason() === undefined) {
    const availableAt = clock.now() + backoffMs(claimed.failures, error);
    await store.giveBack(lease, { availableAt, failed: true });
    return;
  }
  await finish(claimed, { state: 'failed', error: toJobError(error), ...endTimes(parts) }, parts);
}

function endTimes({ clock, limits }: JobRunParts) {
  const finishedAt = clock.now();
  return { finishedAt, expiresAt: finishedAt + limits.resultMs };
}

async function finish({ job, lease }: ClaimedJob, ending: JobEnding, parts: JobRunParts): Promise<void> {
  const ended = await parts.store.finish(lease, ending);
  if (!ended) return clearIfOver(job, parts);
  parts.log.info({ jobId: job.id, kind: job.kind, state: ended.state, attempts: job.attempts }, 'job-end');
}

/** What was kept for a job that nobody will ever finish is of no use; whoever else works at it needs it. */
async function clearIfOver(job: AnyJob, { store, files }: JobRunParts): Promise<void> {
  const now = await store.find(job.id, job.ownerId);
  if (!now) await removeJobFiles(job, files);
}

function logFailure({ job, failures }: ClaimedJob, error: AppError, { log }: JobRunParts): void {
  const fields = { jobId: job.id, kind: job.kind, failures, error, cause: error.cause };
  if (error.status >= 500) log.error(fields, 'job-failed');
  else log.info(fields, 'job-failed');
}

function overdue(cause: unknown): AppError {
  return new AppError('timed_out', 'The job took longer than any job may.', { cause });
}

function backoffMs(failures: number, { retryAfterMs }: AppError): number {
  const usual = BACKOFF_MS * 2 ** failures;
  return Math.min(LONGEST_BACKOFF_MS, Math.max(usual, retryAfterMs ?? 0));
}

function toJobError(error: AppError): JobError {
  return {
    code: error.code,
    message: error.message,
    ...(error.param === undefined ? {} : { param: error.param }),
    ...(error instanceof RefusedRequest ? { answer: error.answer } : {}),
  };
}
