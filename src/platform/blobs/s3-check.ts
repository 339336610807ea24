import type { BlobStore } from '../../core/ports/blob-store.ts';

/** What is written to see whether anything can be, and gone at once. */
const PROBE_ID = 'check';

/** A service charges for what is written, so that in between it is only asked, in milliseconds. */
const WRITE_EVERY_MS = 60_000;

/** Writes a small object now and then, and asks for it in between. */
export function s3Check({ put, find, remove }: Omit<BlobStore, 'check'>): BlobStore['check'] {
  let writtenAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (performance.now() - writtenAt < WRITE_EVERY_MS) {
      await find(PROBE_ID);
      return;
    }
    await put(PROBE_ID, new Uint8Array([1]));
    await remove(PROBE_ID);
    writtenAt = performance.now();
  };
}
