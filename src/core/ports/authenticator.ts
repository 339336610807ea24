import type { Principal } from '../context.ts';

/** Decides who is calling. */
export interface Authenticator {
  /** Whether calls need a key at all. */
  readonly required: () => Promise<boolean>;
  /**
   * The owner of a key. Without any key in the installation everybody, with any credential or none, is the same
   * anonymous owner. Throws `unauthenticated`, with reason `missing_key` or `unknown_key`.
   */
  authenticate(credential: string | undefined): Promise<Principal>;
  /** Whether somebody who was let in earlier would still be: their key is not revoked, or there is no key at all. */
  stillAdmits(principal: Principal): Promise<boolean>;
}
