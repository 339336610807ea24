import { AppError } from '../../base/errors.ts';
import { randomAlphanumeric } from '../../base/ids.ts';
import type { Principal } from '../context.ts';
import type { Authenticator } from '../ports/authenticator.ts';
import type { Clock } from '../ports/clock.ts';

/** What a pass lets its bearer do; nothing else. */
export type PassPurpose = 'live_transcription' | 'transcription' | 'live_speech';

/** What a pass is to be. */
export interface PassOrder {
  /** Whose rights and rows the bearer has. */
  readonly principal: Principal;
  readonly purpose: PassPurpose;
  /** How it begins, so that people know what they are looking at. */
  readonly prefix: string;
  readonly seconds: number;
  /** Whether it is used up by the first use. */
  readonly once: boolean;
  /** Anything that belongs to it, for whoever redeems it. */
  readonly content?: unknown;
}

/** A pass as it is handed out. */
export interface IssuedPass {
  readonly token: string;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly expiresAt: number;
}

/**
 * Short-lived stand-ins for a key, for programs that must not know the key. They are kept in memory: a restart ends all
 * of them, and none outlives the key that it was made with.
 */
export interface PassBook {
  issue(order: PassOrder): IssuedPass;
  /**
   * Who stands behind a pass. Throws `unauthenticated` (reason `unknown_key`) for one that is unknown, used up, expired or
   * for something else, or whose key was revoked.
   */
  redeem(token: string, purpose: PassPurpose): Promise<Pick<PassOrder, 'principal' | 'content'>>;
  /** Ends all passes that somebody made. */
  endOf(principalId: string): void;
}

/** Passes of all owners that may be valid at a time. */
const MOST_PASSES = 10_000;

/** What a book is made from. */
export interface PassBookParts {
  readonly clock: Pick<Clock, 'now'>;
  readonly authenticator: Pick<Authenticator, 'findAdmitted'>;
}

/** Opens an empty book. */
export function createPassBook({ clock, authenticator }: PassBookParts): PassBook {
  const passes = new Map<string, PassOrder & IssuedPass>();
  const dropExpired = () => {
    for (const [token, { expiresAt }] of passes) if (expiresAt <= clock.now()) passes.delete(token);
  };
  return {
    endOf: (principalId) => {
      for (const [token, { principal }] of passes) if (principal.id === principalId) passes.delete(token);
    },
    issue: (order) => {
      if (passes.size >= MOST_PASSES) dropExpired();
      if (passes.size >= MOST_PASSES) {
        throw new AppError('overloaded', `There are ${MOST_PASSES} passes that have not expired yet.`, {
          retryAfterMs: 10_000,
        });
      }
      const token = `${order.prefix}${randomAlphanumeric(32)}`;
      const issued = { token, expiresAt: clock.now() + order.seconds * 1000 };
      passes.set(token, { ...order, ...issued });
      return issued;
    },
    redeem: async (token, purpose) => {
      const pass = passes.get(token);
      if (!pass || pass.purpose !== purpose || pass.expiresAt <= clock.now()) throw unusable();
      // Before anything is waited for, so that two cannot use it at the same time.
      if (pass.once) passes.delete(token);
      const principal = await authenticator.findAdmitted(pass.principal.id);
      if (principal) return { ...pass, principal };
      passes.delete(token);
      throw unusable();
    },
  };
}

function unusable(): AppError {
  return new AppError('unauthenticated', 'This token is unknown, used up or expired.', {
    reason: 'unknown_key',
  });
}
