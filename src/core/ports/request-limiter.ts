import type { AppError } from '../../base/errors.ts';
import type { Grant } from '../access/grant.ts';
import type { Principal } from '../context.ts';

/** How a key stands to its limits, for the headers in which vendors tell it; absent: there is no such limit. */
export interface LimitStanding {
  readonly requests?: {
    /** Per minute. */
    readonly limit: number;
    readonly remaining: number;
    /** Until all of them are there again, in milliseconds. */
    readonly resetMs: number;
  };
  readonly concurrency?: {
    readonly limit: number;
    /** With this one, if it was let in. */
    readonly current: number;
  };
}

/** A request that was let in, or not. */
export type Entry =
  | {
      readonly kind: 'admitted';
      readonly standing: LimitStanding;
      /** Gives the place back; harmless when called twice. */
      readonly leave: () => void;
    }
  | {
      readonly kind: 'refused';
      readonly standing: LimitStanding;
      /** `rate_limited` with `retryAfterMs` and the reason `requests_per_minute` or `concurrent_requests`. */
      readonly error: AppError;
    };

/** Counts requests against the limits of their keys, on all machines of an installation together. */
export interface RequestLimiter {
  /** Counts a request and takes a place among those that are answered at the same time. */
  enter(principal: Principal): Promise<Entry>;
  /** How a key stands as far as this process knows, for answers to what is not counted. */
  standing(principal: Principal): LimitStanding;
}

/** Whether requests of somebody are counted at all. Those of others need not pass the limiter, and cost nothing. */
export function isCounted({ limits }: Grant): boolean {
  return limits.requestsPerMinute !== undefined || limits.concurrency !== undefined;
}

/** Lets everybody in, for programs that serve one person. */
export const NO_LIMITS: RequestLimiter = {
  enter: async () => ({ kind: 'admitted', standing: {}, leave: () => undefined }),
  standing: () => ({}),
};
