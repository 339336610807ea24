import { AppError, processEnds, SHORTAGE, toAppError } from '../../base/errors.ts';
import type { RequestContext } from '../context.ts';
import type { FileService } from '../files/file-service.ts';
import type { Authenticator } from '../ports/authenticator.ts';
import type { Clock } from '../ports/clock.ts';
import type { ClaimedJob, JobEnding, JobLease, JobStore } from '../ports/job-store.ts';
import type { Logger } from '../ports/logger.ts';
import type { MemoryWatch } from '../ports/memory-watch.ts';
import type { Pause } from '../ports/pause.ts';
import { silentTelemetry, type Telemetry } from '../ports/telemetry.ts';
import { removeJobFiles } from './job-keeping.ts';
import type { JobLimits } from './job-limits.ts';
import type { JobNews } from './job-news.ts';
import { patiently } from './job-patience.ts';
import type { JobHandler, JobHandlers } from './job-service.ts';
import type { AnyJob, JobError, JobKind, JobKinds, PayloadProblem } from './job.ts';
import { RefusedRequest } from './refused-request.ts';

/** What it takes to do a job. */
export interface JobRunParts {
  readonly store: JobStore;
  readonly files: FileService;
  readonly handlers: JobHandlers;
  readonly authenticator: Pick<Authenticator, 'findAdmitted'>;
  readonly clock: Clock;
  readonly pause: Pause;
  readonly limits: JobLimits;
  readonly news: JobNews;
  readonly log: Logger;
  /** No further job is begun while memory is short; it never is when absent. */
  readonly memory?: MemoryWatch;
  /** Nobody watches when absent. */
  readonly telemetry?: Telemetry;
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

/** How long a job waits for what this installation lacks, in milliseconds. */
const SHORTAGE_MS = 10_000;

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
  const span = (parts.telemetry ?? silentTelemetry).beginJob(claimed.job);
  const context = contextOf(claimed.job, { signal: end.signal, log: parts.log, report, span });
  const work = async () => {
    try {
      const outcome = await outcomeOf(claimed, context, parts);
      span.end('thrown' in outcome ? outcome.thrown : undefined);
      await settle(claimed, { outcome, reason: () => reason, hurry: end.signal }, parts);
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
  given: Required<Pick<RequestContext, 'signal' | 'log' | 'report' | 'span'>>,
): JobContext {
  return { requestId: job.id.replaceAll('-', ''), dialect: job.dialect, strict: false, ...given };
}

/** Whose it is, is looked up when it begins. */
type JobContext = Omit<RequestContext, 'principal'>;

type Outcome = { readonly output: JobKinds[JobKind]['output'] } | { readonly thrown: unknown };

async function outcomeOf(
  { job, lease, losses }: ClaimedJob,
  context: JobContext,
  { authenticator, handlers, store }: JobRunParts,
): Promise<Outcome> {
  try {
    if (losses > MOST_LOSSES) throw tooManyLosses(losses);
    if (job.payloadProblem) throw unreadable(job.payloadProblem);
    const principal = await authenticator.findAdmitted(job.ownerId);
    if (!principal) throw notAdmitted();
    const remember = async (reference: string) => {
      await store.remember(lease, reference);
    };
    // Handler and job are of the same kind; the compiler cannot see that through the union.
    const handler = handlers[job.kind] as JobHandler<JobKind>;
    return { output: await handler({ job, context: { ...context, principal }, remember }) };
  } catch (thrown) {
    return { thrown };
  }
}

function tooManyLosses(losses: number): AppError {
  return new AppError('internal', `The server ended ${losses} times while it worked at this job.`, {
    reason: 'lost_too_often',
  });
}

/** A newer program may take the job up meanwhile, so that it is tried a few times; no other attempt could change anything. */
function unreadable(problem: PayloadProblem): AppError {
  if (problem === 'newer_version') {
    return new AppError(
      'overloaded',
      'The job was ordered from a newer version of the server than the one that does it.',
      { reason: 'newer_payload' },
    );
  }
  return new AppError(
    'internal',
    'What was ordered was written down by another version of the server, and cannot be read by this one. Order it again.',
    { reason: 'unreadable_payload' },
  );
}

function notAdmitted(): AppError {
  return new AppError('unauthenticated', 'The API key that ordered this job does not count any more.', {
    reason: 'unknown_key',
  });
}

interface Settling {
  readonly outcome: Outcome;
  readonly reason: () => Reason | undefined;
  /** Fires when nobody can wait for the store for long. */
  readonly hurry: AbortSignal;
}

async function settle(claimed: ClaimedJob, settling: Settling, parts: JobRunParts): Promise<void> {
  const { job } = claimed;
  const { outcome, reason } = settling;
  if ('output' in outcome) {
    const ending = { state: 'succeeded', output: outcome.output, ...endTimes(parts) } as const;
    return finish(claimed, { ...settling, ending }, parts);
  }
  if (reason() === 'stopped') return giveBack(claimed, { ...settling, waitMs: 0, failed: false }, parts);
  if (reason() === 'lost') return clearIfOver(job, parts);
  const error = reason() === 'overdue' ? overdue(outcome.thrown) : toAppError(outcome.thrown);
  logFailure(claimed, error, parts);
  if (isShortage(job, error, parts)) {
    const waitMs = Math.max(SHORTAGE_MS, error.retryAfterMs ?? 0);
    return giveBack(claimed, { ...settling, waitMs, failed: false }, parts);
  }
  if (error.retryable && claimed.failures + 1 < MOST_FAILURES && reason() === undefined) {
    const waitMs = backoffMs(claimed.failures, error);
    return giveBack(claimed, { ...settling, waitMs, failed: true }, parts);
  }
  const ending = { state: 'failed', error: toJobError(error), ...endTimes(parts) } as const;
  await finish(claimed, { ...settling, ending }, parts);
}

/** What this installation lacks is no fault of the job: it waits until there is enough again, for as long as anybody may. */
function isShortage(job: AnyJob, error: AppError, { clock, limits }: JobRunParts): boolean {
  const age = clock.now() - job.createdAt;
  return error.code === 'overloaded' && error.reason === SHORTAGE && age < limits.resultMs;
}

async function giveBack(
  { lease }: ClaimedJob,
  { waitMs, failed, hurry }: Settling & { readonly waitMs: number; readonly failed: boolean },
  parts: JobRunParts,
): Promise<void> {
  const availableAt = parts.clock.now() + waitMs;
  await patiently(() => parts.store.giveBack(lease, { availableAt, failed }), { ...parts, hurry });
}

function endTimes({ clock, limits }: JobRunParts) {
  const finishedAt = clock.now();
  return { finishedAt, expiresAt: finishedAt + limits.resultMs };
}

async function finish(
  { job, lease }: ClaimedJob,
  { ending, hurry }: Settling & { readonly ending: JobEnding },
  parts: JobRunParts,
): Promise<void> {
  const ended = await patiently(() => parts.store.finish(lease, ending), { ...parts, hurry });
  if (!ended) return clearIfOver(job, parts);
  parts.telemetry?.jobEnded({ kind: job.kind, state: ended.state });
  parts.log.info({ jobId: job.id, kind: job.kind, state: ended.state, attempts: job.attempts }, 'job-end');
}

/** What was kept for a job that nobody will ever finish is of no use; whoever else works at it needs it. */
async function clearIfOver(job: AnyJob, { store, files }: JobRunParts): Promise<void> {
  const now = await store.find(job.id, job.ownerId);
  if (!now) await removeJobFiles(job, files);
}

function logFailure({ job, failures }: ClaimedJob, error: AppError, { log }: JobRunParts): void {
  const fields = { jobId: job.id, kind: job.kind, failures, code: error.code };
  if (error.status >= 500) log.error({ ...fields, error, cause: error.cause }, 'job-failed');
  // What is wrong with a request is told in the caller's own words, which are not for the log.
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
