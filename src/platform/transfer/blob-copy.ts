import { AppError } from '../../base/errors.ts';
import type { BlobStore } from '../../core/ports/blob-store.ts';
import type { ListedBlob } from '../blobs/file-listing.ts';

/** Blobs whose ids can be told. */
export interface ListedBlobs extends BlobStore {
  list(): AsyncIterable<ListedBlob>;
}

/** What became of the blobs that were to be copied. */
export interface BlobCounts {
  readonly copied: number;
  /** Those that were there already, with the same length. */
  readonly skipped: number;
  /** Those that went away meanwhile. */
  readonly gone: number;
  /** Of all that are there now. */
  readonly bytes: number;
}

/** Blobs that are copied at the same time. */
const AT_ONCE = 4;

/** Copies every blob that is not there yet; `onBytes` hears of each as it arrives. */
export async function copyBlobs(
  source: ListedBlobs,
  target: BlobStore,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<BlobCounts> {
  const counts = { copied: 0, skipped: 0, gone: 0, bytes: 0 };
  const listed = source.list()[Symbol.asyncIterator]();
  const work = async () => {
    for (;;) {
      const next = await listed.next();
      if (next.done === true) return;
      const outcome = await copyBlob(next.value, source, target);
      counts[outcome] += 1;
      if (outcome !== 'gone') counts.bytes += next.value.byteLength;
      onBytes(next.value.byteLength);
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
  for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
  return counts;
}

async function copyBlob(
  { id }: ListedBlob,
  source: BlobStore,
  target: BlobStore,
): Promise<'copied' | 'skipped' | 'gone'> {
  const blob = await source.find(id);
  if (!blob) return 'gone';
  if ((await target.find(id))?.byteLength === blob.byteLength) return 'skipped';
  try {
    const kept = await target.put(id, blob.open());
    if (kept !== blob.byteLength)
      throw new Error(`Of ${blob.byteLength} bytes of ${id}, ${kept} have arrived.`);
    return 'copied';
  } catch (error) {
    if (isGone(error)) return 'gone';
    throw error;
  }
}

/** Whether something was thrown because a blob was removed while it was read. */
export function isGone(error: unknown): boolean {
  return error instanceof AppError && error.code === 'not_found';
}

/** How many blobs there are, and how large they are together. */
export async function measureBlobs(
  blobs: ListedBlobs,
): Promise<{ readonly count: number; readonly bytes: number }> {
  let count = 0;
  let bytes = 0;
  for await (const { byteLength } of blobs.list()) {
    count += 1;
    bytes += byteLength;
  }
  return { count, bytes };
}
