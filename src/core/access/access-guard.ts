import type { RequestContext } from '../context.ts';
import { refuseOutsideScopes, type IntendedAct, type ServersOf } from './grant.ts';

/** Something that uses up an allowance. */
export interface MeteredAct extends IntendedAct {
  /** Code points of the text that the request brings; 0 where it brings none. */
  readonly characters: number;
}

/** Lets in what a key is good for and has an allowance for. Every service asks it before it begins. */
export interface AccessGuard {
  /**
   * Throws `permission_denied` where the key's scopes leave the act out, and `quota_exceeded` (with `retryAfterMs`
   * until the day or the month ends) where its allowance is spent, or the text alone is more than what is left of it.
   */
  admit(act: MeteredAct, context: Pick<RequestContext, 'principal'>): Promise<void>;
}

/** Knows what is left of allowances. */
export interface Allowances {
  /** Throws `quota_exceeded`. */
  check(act: MeteredAct, context: Pick<RequestContext, 'principal'>): Promise<void>;
}

/** Builds the guard. */
export function createAccessGuard(allowances: Allowances, serversOf?: ServersOf): AccessGuard {
  return {
    admit: async (act, context) => {
      refuseOutsideScopes(context.principal.grant, act, serversOf);
      await allowances.check(act, context);
    },
  };
}
