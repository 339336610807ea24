import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { cancelledError } from '../../base/errors.ts';
import { finalError, HubFailure, toHubFailure } from './hub-failure.ts';

/** How often and how patiently a request is repeated. */
export interface RetryPolicy {
  /** Tries in a row that bring nothing before the request is given up. */
  readonly tries: number;
  /** Longest first pause in milliseconds; it doubles from try to try. */
  readonly pauseMs: number;
  /** Milliseconds without a byte after which a connection counts as dead. */
  readonly stallMs: number;
}

export const DEFAULT_RETRIES: RetryPolicy = { tries: 5, pauseMs: 500, stallMs: 30_000 };

const LONGEST_PAUSE_MS = 30_000;

/** A request that may be repeated; `progressed` tells whether the failed try brought anything. */
export interface Repeatable<T> {
  readonly url: string;
  readonly signal: AbortSignal;
  readonly policy: RetryPolicy;
  attempt(): Promise<T>;
  progressed?(): boolean;
}

/** Repeats a request while its failure is of a kind that passes. Throws `AppError` only. */
export async function withRetries<T>(request: Repeatable<T>): Promise<T> {
  const { signal, policy } = request;
  for (let tries = 1, idle = 0; ; tries += 1) {
    if (signal.aborted) throw cancelledError();
    try {
      return await request.attempt();
    } catch (error) {
      const failure = toHubFailure(error, request.url, signal);
      idle = request.progressed?.() === true ? 1 : idle + 1;
      if (!(failure instanceof HubFailure) || !failure.retryable || idle >= policy.tries)
        throw finalError(failure, tries);
      await pause(failure.retryAfterMs ?? spread(policy.pauseMs * 2 ** (idle - 1)), signal);
    }
  }
}

/** Somewhere between half and the whole, so that many clients do not come back at the same moment. */
function spread(ms: number): number {
  const whole = Math.ceil(Math.min(Math.max(ms, 1), LONGEST_PAUSE_MS));
  return randomInt(Math.ceil(whole / 2), whole + 1);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(Math.min(ms, LONGEST_PAUSE_MS), undefined, { signal }).catch(() => undefined);
}
