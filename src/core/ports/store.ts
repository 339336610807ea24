/** An API key as it is kept: only its hash. */
export interface KeyRecord {
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the key, 64 hexadecimal digits. */
  readonly hash: string;
  /** The first characters of the key, to recognise it by. */
  readonly hint: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly revokedAt: number | undefined;
}

/** Keeps API keys. */
export interface KeyStore {
  add(record: KeyRecord): Promise<void>;
  list(): Promise<readonly KeyRecord[]>;
  findByHash(hash: string): Promise<KeyRecord | undefined>;
  /** Marks a key as revoked; false when there is no such key or it is revoked already. */
  revoke(id: string, revokedAt: number): Promise<boolean>;
}

/** Everything that outlives the process, in narrow parts. */
export interface Store {
  readonly keys: KeyStore;
  close(): Promise<void>;
}
