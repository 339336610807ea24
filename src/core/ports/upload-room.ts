import type { ByteSource } from '../media-input.ts';

/** Where uploaded files lie while their request lasts, so that memory need not hold them. */
export interface UploadRoom {
  /** Bytes of one file at most, where the operator has decided; otherwise each vendor's own limit counts. */
  readonly maxFileBytes: number | undefined;
  /** A place for the files of one request. It costs nothing until a file is kept. */
  open(): UploadShelf;
  /** Removes everything, for the end of the program. */
  close(): Promise<void>;
}

/** The files of one request. */
export interface UploadShelf {
  /**
   * Keeps what is read. Throws what the reading throws, `overloaded` when there is no room left, and `cancelled`
   * when the shelf was cleared in the meantime. `clear` takes away what a failure left. The chunks are the shelf's: one
   * that is all of its buffer may be empty once it is kept.
   */
  keep(chunks: AsyncIterable<Uint8Array>): Promise<ByteSource>;
  /** Removes the files, those still being written too. */
  clear(): Promise<void>;
}
