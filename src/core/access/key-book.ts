import { AppError } from '../../base/errors.ts';
import { randomAlphanumeric, randomHex } from '../../base/ids.ts';
import { sha256Hex } from '../../base/sha256.ts';
import type { Clock } from '../ports/clock.ts';
import type { KeyRecord, KeyStore } from '../ports/store.ts';
import { changedTerms, type KeyChange } from './key-terms.ts';

/** A key with the secret that it was just given, which nobody can show again. */
export interface MintedKey {
  readonly secret: string;
  readonly record: KeyRecord;
}

/** What a new key is to be: a user without scopes, limits and end, where nothing else is said. */
export type KeyOrder = KeyChange & { readonly name: string };

/** Makes keys and changes them. */
export interface KeyBook {
  /** In the order of making, revoked and expired ones too. */
  list(): Promise<readonly KeyRecord[]>;
  find(id: string): Promise<KeyRecord | undefined>;
  /** Throws `not_found`. */
  get(id: string): Promise<KeyRecord>;
  /** Throws `invalid_request` that names the wrong field. */
  create(order: KeyOrder): Promise<MintedKey>;
  /** Throws `not_found`, `invalid_request`, and `conflict` for a key that is revoked. */
  change(id: string, change: KeyChange): Promise<KeyRecord>;
  /**
   * Gives a key another secret; the one that it had counts for `graceMs` more. Throws `not_found`, and `conflict` for a key
   * that no secret helps any more.
   */
  rotate(id: string, graceMs: number): Promise<MintedKey>;
  /** Ends a key; one that is revoked stays so. Throws `not_found`. */
  revoke(id: string): Promise<KeyRecord>;
  /** Throws `conflict` when no admin who could get in would be left without a key. */
  refuseLastAdmin(id: string): Promise<void>;
}

/** What the book is made from. */
export interface KeyBookParts {
  readonly keys: KeyStore;
  readonly clock: Pick<Clock, 'now'>;
  /** Ids of the dialects that there are. */
  readonly dialects: readonly string[];
}

/** Longest time for which a replaced secret may go on counting: 90 days. */
export const LONGEST_GRACE_MS = 90 * 24 * 60 * 60 * 1000;

/** How a key stands. */
export type KeyState = 'active' | 'expired' | 'revoked';

/** Whether a key opens anything now. */
export function keyState(
  { revokedAt, expiresAt }: Pick<KeyRecord, 'revokedAt' | 'expiresAt'>,
  now: number,
): KeyState {
  if (revokedAt !== undefined) return 'revoked';
  return expiresAt !== undefined && expiresAt <= now ? 'expired' : 'active';
}

/** Opens the book. */
export function createKeyBook({ keys, clock, dialects }: KeyBookParts): KeyBook {
  const termsContext = () => ({ now: clock.now(), dialects });
  const get = async (id: string) => {
    const record = await keys.find(id);
    if (record) return record;
    throw new AppError('not_found', `There is no API key with the id '${id}'.`, { subject: 'key' });
  };
  const getUsable = async (id: string) => {
    const record = await get(id);
    if (record.revokedAt === undefined) return record;
    throw revoked(id);
  };
  return {
    list: () => keys.list(),
    find: (id) => keys.find(id),
    get,
    create: async (order) => {
      const terms = changedTerms(NEW_TERMS, order, termsContext());
      const { secret, hash, hint } = mint();
      const record: KeyRecord = {
        ...terms,
        id: randomHex(6),
        hash,
        hint,
        createdAt: clock.now(),
        rotatedAt: undefined,
        revokedAt: undefined,
      };
      await keys.add(record);
      return { secret, record };
    },
    change: async (id, change) => {
      const terms = changedTerms(await getUsable(id), change, termsContext());
      if (await keys.change(id, terms)) return get(id);
      throw revoked(id);
    },
    rotate: async (id, graceMs) => {
      const before = await getUsable(id);
      const now = clock.now();
      if (keyState(before, now) === 'expired') throw expired(before);
      if (!Number.isInteger(graceMs) || graceMs < 0 || graceMs > LONGEST_GRACE_MS) throw wrongGrace();
      const { secret, hash, hint } = mint();
      if (!(await keys.rotate(id, { hash, hint, rotatedAt: now, formerUntil: now + graceMs })))
        throw revoked(id);
      return { secret, record: await get(id) };
    },
    revoke: async (id) => {
      await keys.revoke(id, clock.now());
      return get(id);
    },
    refuseLastAdmin: async (id) => {
      const now = clock.now();
      const admins = (await keys.list()).filter(
        (key) => key.role === 'admin' && keyState(key, now) === 'active',
      );
      if (admins.length === 1 && admins[0]?.id === id) throw lastAdmin();
    },
  };
}

const NEW_TERMS = { name: '', role: 'user', scopes: {}, limits: {}, expiresAt: undefined } as const;

/** A secret with more than 200 bits of chance in it. */
function mint() {
  const secret = `ant_${randomAlphanumeric(40)}`;
  return { secret, hash: sha256Hex(secret), hint: `${secret.slice(0, 8)}…` };
}

function revoked(id: string): AppError {
  return new AppError('conflict', `The API key '${id}' is revoked, and stays so. Make a new one.`, {
    reason: 'revoked_key',
  });
}

function expired({ id, expiresAt }: KeyRecord): AppError {
  const at = new Date(expiresAt ?? 0).toISOString();
  const message = `The API key '${id}' expired at ${at}, so that no secret opens anything. Give it a later end first.`;
  return new AppError('conflict', message, { reason: 'expired_key' });
}

function wrongGrace(): AppError {
  const days = LONGEST_GRACE_MS / (24 * 60 * 60 * 1000);
  return new AppError('invalid_request', `A replaced secret counts for 0 seconds to ${days} days more.`, {
    param: 'graceSeconds',
  });
}

function lastAdmin(): AppError {
  const message =
    'This is the last admin key that works: without it nobody could administer this server over the network. Make another one first, give this one a new secret (rotate), or use "antiphon keys" on the machine itself.';
  return new AppError('conflict', message, { reason: 'last_admin' });
}
