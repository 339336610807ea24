import type { Principal } from '../context.ts';

/** Decides who is calling. */
export interface Authenticator {
  /** Whether calls need a key at all. */
  readonly required: () => Promise<boolean>;
  /**
   * The owner of a key. Without any key in the installation everybody, with any credential or none, is the same
   * anonymous owner. Throws `unauthenticated`, with reason `missing_key`, `unknown_key` or `expired_key`.
   */
  authenticate(credential: string | undefined): Promise<Principal>;
  /**
   * Somebody who was let in earlier, with what they may do now; undefined when they would not be let in any more: their
   * key was revoked or has expired, or there are keys by now and they came without one.
   */
  findAdmitted(principalId: string): Promise<Principal | undefined>;
}
