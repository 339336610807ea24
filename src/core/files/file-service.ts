import type { StoredBlob } from '../ports/blob-store.ts';

/** Something that was made and is kept for a while. Times are in milliseconds since 1970. */
export interface StoredFile {
  /** 32 lower-case hexadecimal digits. */
  readonly id: string;
  readonly ownerId: string;
  readonly mediaType: string;
  /** As it is to be saved, such as `speech.wav`. */
  readonly filename: string;
  readonly byteLength: number;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Bytes that are to be kept. */
export interface FileToKeep {
  /** Given by those whose work may be done twice, so that the second time takes the place of the first. */
  readonly id?: string;
  readonly ownerId: string;
  readonly mediaType: string;
  readonly filename: string;
  readonly bytes: Uint8Array | AsyncIterable<Uint8Array>;
  /** Milliseconds for which it is kept; the installation's own span when absent. */
  readonly keepMs?: number;
}

/** An address without key: who has it may read the file until it expires. */
export interface FileLink {
  /** `/antiphon/v1/files/{id}/{filename}?expires=…&signature=…`. */
  readonly path: string;
  readonly expiresAt: number;
}

/** Keeps what was made, and gives it to whoever holds a signed address. */
export interface FileService {
  keep(file: FileToKeep): Promise<StoredFile>;
  find(id: string, ownerId: string): Promise<StoredFile | undefined>;
  link(file: StoredFile): Promise<FileLink>;
  /** The bytes behind an address. Throws `not_found` for a wrong signature, one that has expired, or a file that is gone. */
  open(address: { readonly id: string; readonly expires: string; readonly signature: string }): Promise<{
    readonly file: StoredFile;
    readonly blob: StoredBlob;
  }>;
  /** The bytes, for the owner; undefined when there is no such file. */
  read(id: string, ownerId: string): Promise<StoredBlob | undefined>;
  remove(id: string, ownerId: string): Promise<boolean>;
  /** Forgets what has expired. */
  sweep(): Promise<void>;
}
