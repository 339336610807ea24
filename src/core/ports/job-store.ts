import type { AnyJob, JobError, JobKind, JobKinds } from '../jobs/job.ts';
import type { JobQuery } from '../jobs/job-service.ts';

/** The right to work at a job. It is lost when its time runs out, and when the job is cancelled. */
export interface JobLease {
  readonly jobId: string;
  /** Drawn anew for each beginning, so that whoever lost the job cannot end it any more. */
  readonly token: string;
}

/** Somebody asks for a job to do. Times are in milliseconds since 1970. */
export interface JobClaim {
  /** That of the lease. */
  readonly token: string;
  readonly now: number;
  readonly leaseUntil: number;
  /** Only jobs of these kinds. */
  readonly kinds: readonly JobKind[];
  /** Owners with so many running jobs get no further one. */
  readonly mostPerOwner: number;
  /** An owner of weight 2 gets twice the share of an owner of weight 1, which is what everybody has who is not named. */
  readonly weights?: Readonly<Record<string, number>>;
}

/** A job that was claimed. */
export interface ClaimedJob {
  readonly job: AnyJob & { readonly state: 'running' };
  readonly lease: JobLease;
  /** How often it failed already and was given back. */
  readonly failures: number;
  /** How often whoever worked at it vanished. */
  readonly losses: number;
}

/** A lease that is kept for longer, and how far its job is, 0 to 1. */
export interface JobRenewal extends JobLease {
  readonly progress: number;
}

/** How a job ends for whoever worked at it. */
export type JobEnding = { readonly finishedAt: number; readonly expiresAt: number } & (
  | { readonly state: 'succeeded'; readonly output: JobKinds[JobKind]['output'] }
  | { readonly state: 'failed'; readonly error: JobError }
);

/** When a job is queued again. */
export interface JobReturn {
  /** Nobody claims it before. */
  readonly availableAt: number;
  /** Whether it is given back because it failed. */
  readonly failed: boolean;
}

/** Who stands in the line for a kind of job. */
export interface JobLine {
  /** Jobs of the same owner and kind that go before it. */
  readonly own: number;
  /** Running jobs of the owner. */
  readonly ownRunning: number;
  readonly others: readonly {
    /** Jobs of the kind that wait. */
    readonly queued: number;
    /** Running jobs of any kind. */
    readonly running: number;
  }[];
}

/** How many jobs of a kind there are, of all owners. */
export interface JobTally {
  readonly kind: JobKind;
  readonly queued: number;
  readonly running: number;
  /** When the oldest that waits took its place in the line; undefined when none waits. */
  readonly waitingSince: number | undefined;
}

/** An end of a job that is to be announced. */
export interface DueNotice {
  readonly job: AnyJob;
  /** How often it was tried, this time included. */
  readonly attempts: number;
}

/**
 * Keeps jobs, and shares them among workers in any number of processes. Every change happens entirely or not at all,
 * and before its promise resolves it outlives the process.
 */
export interface JobStore {
  /** Writes down a queued job; false, and nothing is written, when so many of its owner wait already. */
  add(job: AnyJob & { readonly state: 'queued' }, mostWaiting: number): Promise<boolean>;
  find(id: string, ownerId: string): Promise<AnyJob | undefined>;
  /** Jobs made at the same time are in the order of `add`. Nothing follows a job that is not there. */
  list(query: JobQuery): Promise<readonly AnyJob[]>;
  /**
   * Begins a queued job: of the owner with the fewest running jobs for its weight, then an interactive one before one of
   * a batch, then the one that waits for longest.
   */
  claim(claim: JobClaim): Promise<ClaimedJob | undefined>;
  /** Keeps leases until a time and writes the progress down. Returns the ids of the jobs that are still held. */
  renew(renewals: readonly JobRenewal[], leaseUntil: number): Promise<readonly string[]>;
  /** Keeps where an engine works at the job; false when the lease is lost. */
  remember(lease: JobLease, engineReference: string): Promise<boolean>;
  /** Ends a job; undefined, and nothing happens, when the lease is lost. */
  finish(lease: JobLease, ending: JobEnding): Promise<AnyJob | undefined>;
  /** Queues the job again in its old place; false when the lease is lost. */
  giveBack(lease: JobLease, back: JobReturn): Promise<boolean>;
  /** Queues the jobs again whose lease has run out, and tells how many there were. */
  takeBack(now: number): Promise<number>;
  /** Ends a job that has not ended; undefined when there is none. */
  cancel(
    id: string,
    ownerId: string,
    times: { readonly finishedAt: number; readonly expiresAt: number },
  ): Promise<AnyJob | undefined>;
  /** Queues a failed or cancelled job as the last one; undefined when there is none or too many wait. */
  restart(
    id: string,
    ownerId: string,
    at: { readonly now: number; readonly mostWaiting: number },
  ): Promise<AnyJob | undefined>;
  /** Forgets a job that has ended; false when there is none. */
  remove(id: string, ownerId: string): Promise<boolean>;
  /** Of all owners, those that are to be forgotten. */
  listExpired(now: number, limit: number): Promise<readonly AnyJob[]>;
  /** The line before a queued job. */
  line(job: Pick<AnyJob, 'id' | 'ownerId' | 'kind'>): Promise<JobLine>;
  /** Jobs that have not ended, by kind; kinds without any are left out. */
  tally(): Promise<readonly JobTally[]>;
  /** How long the latest successful jobs took, in milliseconds; of one model, or of all when absent. */
  durations(of: {
    readonly kind: JobKind;
    readonly model?: string;
    readonly limit: number;
  }): Promise<readonly number[]>;
  /** An end that is to be announced now. Unless it is settled it is due again at `againAt`. */
  claimNotice(times: { readonly now: number; readonly againAt: number }): Promise<DueNotice | undefined>;
  /** Says when that end is to be announced once more; absent: it is done with. */
  settleNotice(id: string, notice: { readonly finishedAt: number; readonly againAt?: number }): Promise<void>;
}
