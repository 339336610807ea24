import { randomBytes } from 'node:crypto';
import { randomHex } from '../../base/ids.ts';
import { collectBytes } from '../../base/stream.ts';
import type { BlobStore } from '../../core/ports/blob-store.ts';
import { failure, ok, reasonOf, type Finding } from './finding.ts';

/** Enough to be read in part. */
const PROBE_BYTES = 4096;

/** Whether bytes can be kept, read in part and removed. */
export async function checkBlobs(blobs: BlobStore): Promise<readonly Finding[]> {
  const id = `doctor/${randomHex(8)}`;
  const advice = 'Check blobUrl and the rights of its credentials, or the data folder and its disk.';
  try {
    const bytes = randomBytes(PROBE_BYTES);
    await blobs.put(id, new Uint8Array(bytes));
    const found = await blobs.find(id);
    const part = found && (await collectBytes(found.open({ start: 100, end: 200 })));
    if (!part || Buffer.compare(Buffer.from(part), bytes.subarray(100, 200)) !== 0)
      return [failure('blobs', 'What was kept does not come back as it was.', advice)];
    await blobs.remove(id);
    if (await blobs.find(id)) return [failure('blobs', 'What was removed is still there.', advice)];
    return [ok('blobs', 'Bytes can be kept, read in part and removed.')];
  } catch (error) {
    return [failure('blobs', reasonOf(error), advice)];
  } finally {
    await blobs.remove(id).catch(() => undefined);
  }
}
