import { createHash } from 'node:crypto';
import { AppError } from '../base/errors.ts';
import { randomAlphanumeric, randomHex } from '../base/ids.ts';
import { ANONYMOUS_OWNER } from '../core/context.ts';
import type { Authenticator } from '../core/ports/authenticator.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { KeyRecord, KeyStore } from '../core/ports/store.ts';

/** Makes a key with more than 200 bits of chance in it. It is shown once; only its hash is kept. */
export async function createKey(
  keys: KeyStore,
  clock: Clock,
  name: string,
): Promise<{ key: string; record: KeyRecord }> {
  const key = `ant_${randomAlphanumeric(40)}`;
  const record: KeyRecord = {
    id: randomHex(6),
    name,
    hash: hashOf(key),
    hint: `${key.slice(0, 8)}…`,
    createdAt: clock.now(),
    revokedAt: undefined,
  };
  await keys.add(record);
  return { key, record };
}

/**
 * Checks keys against the store. Keys count from the moment the first one is made, and go on counting when all
 * are revoked, so that revoking never opens a server.
 */
export function keyAuthenticator(keys: KeyStore): Authenticator {
  const required = async () => (await keys.list()).length > 0;
  return {
    required,
    stillAdmits: async ({ id, anonymous }) => {
      const known = await keys.list();
      return anonymous
        ? known.length === 0
        : known.some((key) => key.id === id && key.revokedAt === undefined);
    },
    authenticate: async (credential) => {
      const record = credential ? await keys.findByHash(hashOf(credential)) : undefined;
      if (record && record.revokedAt === undefined)
        return { id: record.id, name: record.name, anonymous: false };
      if (!(await required())) return { id: ANONYMOUS_OWNER, name: 'anonymous', anonymous: true };
      if (!credential) {
        throw new AppError('unauthenticated', 'This server needs an API key and the request has none.', {
          reason: 'missing_key',
        });
      }
      throw new AppError('unauthenticated', 'The API key of this request is unknown or revoked.', {
        reason: 'unknown_key',
      });
    },
  };
}

/** A key is random and long, so one round of SHA-256 hides it well; salt and stretching are for passwords. */
function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
