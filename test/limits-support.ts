import { AppError } from '../src/base/errors.ts';
import type { Grant } from '../src/core/access/grant.ts';
import type { Authenticator } from '../src/core/ports/authenticator.ts';
import { testPrincipal } from './support.ts';

/** Keys whose rights a test may change while they are used. */
export interface GrantedKeys {
  readonly authenticator: Authenticator;
  readonly change: (key: string, grant: Partial<Grant>) => void;
  readonly revoke: (key: string) => void;
  /** How often keys were looked up. */
  readonly lookUps: () => number;
}

/** An authenticator of keys with rights of their own. */
export function grantedKeys(grants: Readonly<Record<string, Partial<Grant>>>): GrantedKeys {
  const known = new Map(Object.entries(grants));
  let lookUps = 0;
  const find = (key: string | undefined) => {
    lookUps += 1;
    const grant = key === undefined ? undefined : known.get(key);
    return grant && testPrincipal(`key:${key}`, grant);
  };
  const authenticator: Authenticator = {
    required: async () => true,
    authenticate: async (credential) => {
      const found = find(credential);
      if (found) return found;
      const reason = credential ? 'unknown_key' : 'missing_key';
      throw new AppError('unauthenticated', 'This API key is not one of ours.', { reason });
    },
    findAdmitted: async (id) => find(id.replace(/^key:/, '')),
  };
  return {
    authenticator,
    change: (key, grant) => known.set(key, grant),
    revoke: (key) => known.delete(key),
    lookUps: () => lookUps,
  };
}

/** Waits until something is so. */
export async function untilSo(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
