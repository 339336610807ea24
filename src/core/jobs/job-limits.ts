/** How many jobs there may be, and how long things take. */
export interface JobLimits {
  /** Jobs of each kind that this process does at the same time. */
  readonly running: number;
  /** Jobs of one owner that all processes together do at the same time. */
  readonly perOwner: number;
  /** Jobs of one owner that may wait. */
  readonly waiting: number;
  /** How long what came of a job is kept. */
  readonly resultMs: number;
  /** After how long without a sign of life somebody else begins a job anew. */
  readonly leaseMs: number;
}

const HOUR_MS = 60 * 60 * 1000;

/** What counts where nothing else is said: results for a day, a vanished process for 15 seconds. */
export const USUAL_JOB_LIMITS: JobLimits = {
  running: 4,
  perOwner: 4,
  waiting: 1000,
  resultMs: 24 * HOUR_MS,
  leaseMs: 15_000,
};
