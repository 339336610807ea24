import type { KeyRecord } from '../ports/store.ts';
import { keyState } from './key-book.ts';

/** A key as it is shown: without its hash, with times that people read. */
export function keyView(record: KeyRecord, now: number) {
  const { id, name, role, scopes, limits, hint } = record;
  return {
    id,
    name,
    role,
    state: keyState(record, now),
    scopes,
    limits,
    hint,
    createdAt: toIso(record.createdAt),
    rotatedAt: toIso(record.rotatedAt),
    expiresAt: toIso(record.expiresAt),
    revokedAt: toIso(record.revokedAt),
  };
}

/** A moment in UTC, to the millisecond; null where there is none. */
export function toIso(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}
