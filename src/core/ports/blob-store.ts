/** Bytes that are kept, by id. An id holds letters, digits, `-` and `/` only. */
export interface BlobStore {
  /** Keeps the bytes, all or nothing, and returns how many there were. */
  put(id: string, bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<number>;
  /** Opens a blob; undefined when there is none. `open` may be called many times; `end` is exclusive. */
  find(id: string): Promise<StoredBlob | undefined>;
  /** Forgets a blob; harmless when there is none. */
  remove(id: string): Promise<void>;
  /** Throws when blobs can be neither kept nor read at this moment. */
  check(): Promise<void>;
}

/** A blob that exists. */
export interface StoredBlob {
  readonly byteLength: number;
  /** The bytes, fetched as they are read. Reading throws `not_found` when the blob was removed meanwhile. */
  open(range?: { readonly start: number; readonly end: number }): AsyncIterable<Uint8Array>;
}
