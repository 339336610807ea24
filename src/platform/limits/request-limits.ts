import { AppError } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import type { Principal } from '../../core/context.ts';
import type { Pause } from '../../core/ports/pause.ts';
import type { Entry, LimitStanding, RequestLimiter } from '../../core/ports/request-limiter.ts';

/** What somebody wants to be let in for; what is absent is not asked for. */
export interface GateQuestion {
  readonly ownerId: string;
  /** To be counted, against so many a minute. */
  readonly perMinute?: number;
  /** To have a place, of so many. */
  readonly place?: { readonly id: string; readonly most: number };
}

/** What the gate says. It takes no place for a request that is one too many in this minute. */
export interface GateAnswer {
  /** Requests of this minute with this one, and when the minute is over. */
  readonly requests?: { readonly count: number; readonly resetMs: number };
  /** Places that are taken now, and whether the one that was wanted is among them. */
  readonly places?: { readonly held: number; readonly isTaken: boolean };
}

/** Where requests are counted. */
export interface RequestGate {
  ask(question: GateQuestion): Promise<GateAnswer>;
  /** Gives a place back that was taken. */
  leave(ownerId: string, placeId: string): void;
  /** The places of somebody that are taken in this process. */
  held(ownerId: string): number;
}

/**
 * How long somebody waits who finds all places taken, in milliseconds, one after the other: whoever sends one request after
 * another would else meet the place of the one that has just been answered.
 */
const WAITS_MS = [10, 40, 200];

/** A short wait is not worth cutting. */
const NEVER = new AbortController().signal;

/** When to come again for a place: nobody knows when one is free. */
const PLACE_RETRY_MS = 1000;

/** What a limiter is made of. */
export interface LimiterParts {
  readonly gate: RequestGate;
  readonly pause: Pause;
}

/** Holds keys to their limits at a gate. */
export function createRequestLimiter({ gate, pause }: LimiterParts): RequestLimiter {
  /** Asks again for a place, for as long as it may come free by itself. */
  const waitForPlace = async (question: GateQuestion, first: GateAnswer): Promise<GateAnswer> => {
    let answer = first;
    for (const wait of WAITS_MS) {
      if (answer.places?.isTaken) break;
      await pause(wait, NEVER);
      answer = { ...first, ...(await gate.ask(question)) };
    }
    return answer;
  };
  return {
    enter: async (principal) => {
      const { id: ownerId } = principal;
      const { requestsPerMinute: perMinute, concurrency: most } = principal.grant.limits;
      const wish = most === undefined ? undefined : { place: { id: randomHex(16), most } };
      const counted = perMinute === undefined ? {} : { perMinute };
      const first = await gate.ask({ ownerId, ...counted, ...wish });
      if (isOver(first, perMinute)) return refusedByMinute(principal, first);
      if (!wish) return admitted(principal, first, () => undefined);
      const answer = await waitForPlace({ ownerId, ...wish }, first);
      if (!answer.places?.isTaken) return refusedByPlaces(principal, answer);
      return admitted(principal, answer, () => gate.leave(ownerId, wish.place.id));
    },
    standing: (principal) =>
      standingOf(principal, { places: { held: gate.held(principal.id), isTaken: false } }),
  };
}

/** Whether a request is one too many in its minute. */
export function isOver({ requests }: GateAnswer, perMinute: number | undefined): boolean {
  return perMinute !== undefined && requests !== undefined && requests.count > perMinute;
}

function admitted(principal: Principal, answer: GateAnswer, giveBack: () => void): Entry {
  let isIn = true;
  const leave = () => {
    if (isIn) giveBack();
    isIn = false;
  };
  return { kind: 'admitted', standing: standingOf(principal, answer), leave };
}

function refusedByMinute(principal: Principal, answer: GateAnswer): Entry {
  const most = principal.grant.limits.requestsPerMinute;
  const retryAfterMs = Math.max(1, answer.requests?.resetMs ?? 0);
  const message = `This API key may make ${most} requests per minute, and has made them. Try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
  const error = new AppError('rate_limited', message, { retryAfterMs, reason: 'requests_per_minute' });
  return { kind: 'refused', standing: standingOf(principal, answer), error };
}

function refusedByPlaces(principal: Principal, answer: GateAnswer): Entry {
  const most = principal.grant.limits.concurrency;
  const message = `This API key may have ${most} requests answered at the same time, and has them. Wait for one to end.`;
  const details = { retryAfterMs: PLACE_RETRY_MS, reason: 'concurrent_requests' };
  const error = new AppError('rate_limited', message, details);
  return { kind: 'refused', standing: standingOf(principal, answer), error };
}

function standingOf({ grant }: Principal, { requests, places }: GateAnswer): LimitStanding {
  const { requestsPerMinute: perMinute, concurrency } = grant.limits;
  return {
    ...(perMinute === undefined || !requests
      ? {}
      : {
          requests: {
            limit: perMinute,
            remaining: Math.max(0, perMinute - requests.count),
            resetMs: requests.resetMs,
          },
        }),
    ...(concurrency === undefined || !places
      ? {}
      : { concurrency: { limit: concurrency, current: places.held } }),
  };
}
