import type { RequestContext } from '../context.ts';
import type { AnyJob, Job, JobKind, JobKinds, JobPriority, JobWebhook } from './job.ts';

/** A job as it is handed in. */
export interface JobOrder<Kind extends JobKind> {
  /** A random UUID, where something of the job was kept under it already. */
  readonly id?: string;
  readonly kind: Kind;
  readonly input: JobKinds[Kind]['input'];
  readonly dialect: string;
  readonly model: string;
  readonly priority?: JobPriority;
  readonly notes?: Readonly<Record<string, string>>;
  readonly webhook?: JobWebhook;
}

/** Which jobs of an owner are listed. */
export interface JobQuery {
  readonly ownerId: string;
  readonly kind?: JobKind;
  readonly dialect?: string;
  /** The last one of the page before. */
  readonly afterId?: string;
  readonly order: 'newest_first' | 'oldest_first';
  readonly limit: number;
}

/** How long a queued job will probably wait. */
export interface JobOutlook {
  /** Jobs that are begun before it; 0 for the next one. */
  readonly position: number;
  /** Milliseconds until it is probably finished; undefined while nothing of its kind was ever finished. */
  readonly etaMs: number | undefined;
}

/** How one kind of job is done. What it makes is kept under the job's id, so that doing it twice leaves one result. */
export type JobHandler<Kind extends JobKind> = (work: JobWork<Kind>) => Promise<JobKinds[Kind]['output']>;

/** A job that is being done. */
export interface JobWork<Kind extends JobKind> {
  readonly job: Job<Kind>;
  /** The owner's; its signal fires when the job is cancelled or this process ends, and `report` tells the progress. */
  readonly context: RequestContext;
  /** Keeps where an engine of its own works at the job. */
  remember(engineReference: string): Promise<void>;
}

/** Every kind has its handler. */
export type JobHandlers = { readonly [Kind in JobKind]: JobHandler<Kind> };

/** Work that outlives its request, and the process. */
export interface JobService {
  /** Writes the job down before it returns. Throws `rate_limited` when the owner has too many that wait. */
  submit<Kind extends JobKind>(order: JobOrder<Kind>, context: RequestContext): Promise<Job<Kind>>;
  find(id: string, ownerId: string): Promise<AnyJob | undefined>;
  list(query: JobQuery): Promise<readonly AnyJob[]>;
  outlook(job: AnyJob): Promise<JobOutlook>;
  /** The job now and whenever it changes, until it has ended or the signal fires. */
  watch(id: string, ownerId: string, signal: AbortSignal): AsyncIterable<AnyJob>;
  /** Ends a job that has not ended yet, and returns it as it is then; undefined when there is none. */
  cancel(id: string, ownerId: string): Promise<AnyJob | undefined>;
  /** Begins a failed or cancelled job anew; throws `conflict` for others. */
  retry(id: string, ownerId: string): Promise<AnyJob | undefined>;
  /** Forgets a job and what it made, ending it first; false when there is none. */
  remove(id: string, ownerId: string): Promise<boolean>;
}
