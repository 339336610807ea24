import { timingSafeEqual } from 'node:crypto';
import { AppError } from '../base/errors.ts';
import { sha256Hex } from '../base/sha256.ts';
import { keyState } from '../core/access/key-book.ts';
import { ANYBODY, type Principal } from '../core/context.ts';
import type { Authenticator } from '../core/ports/authenticator.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { KeyRecord, KeySecret, KeyStore } from '../core/ports/store.ts';
import { systemClock } from './system-clock.ts';

/**
 * Checks keys against the store. Keys count from the moment the first one is made, and go on counting when all
 * are revoked, so that revoking never opens a server.
 */
export function keyAuthenticator(keys: KeyStore, clock: Pick<Clock, 'now'> = systemClock): Authenticator {
  return {
    required: () => keys.any(),
    findAdmitted: async (id) => {
      if (id === ANYBODY.id) return (await keys.any()) ? undefined : ANYBODY;
      const record = await keys.find(id);
      return record && keyState(record, clock.now()) === 'active' ? principalOf(record) : undefined;
    },
    authenticate: async (credential) => {
      const secret = credential ? await findSecret(keys, credential) : undefined;
      if (secret) return admitted(secret, clock.now());
      if (!(await keys.any())) return ANYBODY;
      throw credential ? unknownKey() : missingKey();
    },
  };
}

/**
 * A key is random and long, so one round of SHA-256 hides it well; salt and stretching are for passwords.
 *
 * The look-up takes longer or shorter depending on how much of a hash is right, but nobody can send hashes: whoever
 * guesses chooses keys, and what their hashes begin with tells nothing about the next guess. The last word is a
 * comparison that takes the same time whatever it finds.
 */
async function findSecret(keys: KeyStore, credential: string): Promise<KeySecret | undefined> {
  const hash = sha256Hex(credential);
  const secret = await keys.findSecret(hash);
  if (secret?.hash.length !== hash.length) return undefined;
  return timingSafeEqual(Buffer.from(secret.hash), Buffer.from(hash)) ? secret : undefined;
}

/** Whose secret it is, unless it opens nothing any more. */
function admitted({ key, validUntil }: KeySecret, now: number): Principal {
  if (key.revokedAt !== undefined) throw unknownKey();
  if (validUntil !== undefined && validUntil <= now) {
    throw expiredKey(`This API key was replaced by another one, and counted until ${timeText(validUntil)}.`);
  }
  if (key.expiresAt !== undefined && key.expiresAt <= now) {
    throw expiredKey(`This API key expired at ${timeText(key.expiresAt)}.`);
  }
  return principalOf(key);
}

function principalOf({ id, name, role, scopes, limits }: KeyRecord): Principal {
  return { id, name, anonymous: false, grant: { role, scopes, limits } };
}

function missingKey(): AppError {
  return new AppError('unauthenticated', 'This server needs an API key and the request has none.', {
    reason: 'missing_key',
  });
}

function unknownKey(): AppError {
  return new AppError('unauthenticated', 'The API key of this request is unknown or revoked.', {
    reason: 'unknown_key',
  });
}

function expiredKey(message: string): AppError {
  return new AppError('unauthenticated', message, { reason: 'expired_key' });
}

/** To the second, in UTC. */
function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
