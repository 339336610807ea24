import type { KeyRecord, KeySecret } from '../../core/ports/store.ts';

type Row = Readonly<Record<string, unknown>>;

/** The columns of `api_keys`, in the order of `toKeyValues`. */
export const KEY_COLUMNS =
  'id, name, role, scopes, limits, hash, hint, created_at, rotated_at, expires_at, revoked_at';

/** What a key's row holds. */
export function toKeyValues(key: KeyRecord): (string | number | null)[] {
  return [
    key.id,
    key.name,
    key.role,
    JSON.stringify(key.scopes),
    JSON.stringify(key.limits),
    key.hash,
    key.hint,
    key.createdAt,
    key.rotatedAt ?? null,
    key.expiresAt ?? null,
    key.revokedAt ?? null,
  ];
}

/** A row of `api_keys`, of either database. */
export function toKeyRecord(row: Row): KeyRecord {
  return {
    id: String(row['id']),
    name: String(row['name']),
    role: row['role'] === 'admin' ? 'admin' : 'user',
    // Only what was a `Scopes` or a `KeyLimits` is ever in these columns.
    scopes: JSON.parse(String(row['scopes'])) as KeyRecord['scopes'],
    limits: JSON.parse(String(row['limits'])) as KeyRecord['limits'],
    hash: String(row['hash']),
    hint: String(row['hint']),
    createdAt: Number(row['created_at']),
    rotatedAt: toTime(row['rotated_at']),
    expiresAt: toTime(row['expires_at']),
    revokedAt: toTime(row['revoked_at']),
  };
}

/** The same with the columns of the secret that was looked for. */
export function toKeySecret(row: Row): KeySecret {
  return {
    key: toKeyRecord(row),
    hash: String(row['found_hash']),
    validUntil: toTime(row['valid_until']),
  };
}

function toTime(value: unknown): number | undefined {
  return value === null ? undefined : Number(value);
}
