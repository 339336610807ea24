import { fileBlobId } from '../files/file-keeping.ts';
import { removeJobFiles } from '../jobs/job-keeping.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { forgetSamples } from '../voices/voice-samples.ts';

/** What was kept of an owner and is gone. */
export interface PurgeCounts {
  readonly voices: number;
  readonly consents: number;
  readonly history: number;
  readonly dictionaries: number;
  readonly jobs: number;
  readonly files: number;
  /** Rows of usage; 0 where they were to stay. */
  readonly usage: number;
}

/** What is to be removed. */
export interface PurgeOrder {
  readonly ownerId: string;
  /** Whether the figures of what was used go, too; they hold no content. */
  readonly usage: boolean;
}

/** Removes everything that is kept of an owner, but the key itself. */
export interface OwnerPurge {
  /** What is begun while this runs may be left; doing it again does no harm. */
  purge(order: PurgeOrder): Promise<PurgeCounts>;
}

/** What the purge is made of. */
export interface OwnerPurgeParts {
  readonly store: Pick<
    Store,
    'voices' | 'consents' | 'history' | 'dictionaries' | 'jobs' | 'files' | 'usage'
  >;
  readonly blobs: BlobStore;
  readonly clock: Pick<Clock, 'now'>;
  /** Forgets a recording with its sound, where somebody keeps count of them; false when it was gone already. */
  readonly removeHistory?: (id: string, ownerId: string) => Promise<boolean>;
  /** Forgets what this process holds in memory. */
  readonly forget?: (ownerId: string) => void;
}

/** Rows that are looked at in one go. */
const PAGE_ROWS = 100;

/** Builds it. Bytes go before the rows that name them: a purge that breaks off finds them again. */
export function createOwnerPurge(parts: OwnerPurgeParts): OwnerPurge {
  return {
    purge: async ({ ownerId, usage }) => {
      parts.forget?.(ownerId);
      // Jobs first: those that run would go on making.
      const jobs = await purgeJobs(ownerId, parts);
      const counts = {
        voices: await purgeVoices(ownerId, parts),
        consents: await purgeConsents(ownerId, parts),
        history: await purgeHistory(ownerId, parts),
        dictionaries: await parts.store.dictionaries.removeOf(ownerId),
        files: await purgeFiles(ownerId, parts),
        usage: usage ? await parts.store.usage.removeOf(ownerId) : 0,
      };
      parts.forget?.(ownerId);
      return { ...counts, jobs };
    },
  };
}

/** Repeats until a page is empty. A row that cannot be removed is somebody else's by now, and is not met for ever. */
async function pageAfterPage<Row>(
  page: () => Promise<readonly Row[]>,
  remove: (row: Row) => Promise<boolean>,
): Promise<number> {
  let count = 0;
  for (;;) {
    const rows = await page();
    let removed = 0;
    for (const row of rows) if (await remove(row)) removed += 1;
    count += removed;
    if (removed === 0) return count;
  }
}

function purgeJobs(ownerId: string, parts: OwnerPurgeParts): Promise<number> {
  const { jobs } = parts.store;
  return pageAfterPage(
    () => jobs.list({ ownerId, order: 'oldest_first', limit: PAGE_ROWS }),
    async (job) => {
      const finishedAt = parts.clock.now();
      await jobs.cancel(job.id, ownerId, { finishedAt, expiresAt: finishedAt });
      await removeJobFiles(job, { remove: (id, owner) => removeFile({ id, ownerId: owner }, parts) });
      return jobs.remove(job.id, ownerId);
    },
  );
}

function purgeFiles(ownerId: string, parts: OwnerPurgeParts): Promise<number> {
  return pageAfterPage(
    () => parts.store.files.listOf(ownerId, PAGE_ROWS),
    (file) => removeFile(file, parts),
  );
}

async function removeFile(
  { id, ownerId }: { readonly id: string; readonly ownerId: string },
  { store, blobs }: OwnerPurgeParts,
): Promise<boolean> {
  // Ids of files are derived from those of jobs, so that somebody else's must not lose its bytes.
  if (!(await store.files.find(id, ownerId))) return false;
  await blobs.remove(fileBlobId(id));
  return store.files.remove(id, ownerId);
}

async function purgeVoices(ownerId: string, { store, blobs }: OwnerPurgeParts): Promise<number> {
  let count = 0;
  for (const { id, samples } of await store.voices.list([ownerId])) {
    await forgetSamples(samples, blobs);
    if (await store.voices.remove(id, ownerId)) count += 1;
  }
  return count;
}

async function purgeConsents(ownerId: string, { store, blobs }: OwnerPurgeParts): Promise<number> {
  let count = 0;
  for (const { id, blobId } of await store.consents.list(ownerId)) {
    await blobs.remove(blobId);
    if (await store.consents.remove(id, ownerId)) count += 1;
  }
  return count;
}

function purgeHistory(ownerId: string, parts: OwnerPurgeParts): Promise<number> {
  const { store, blobs, removeHistory } = parts;
  return pageAfterPage(
    () => store.history.list({ ownerId, direction: 'oldest_first', limit: PAGE_ROWS }),
    async ({ id, blobId }) => {
      if (removeHistory) return removeHistory(id, ownerId);
      await blobs.remove(blobId);
      return store.history.remove(id, ownerId);
    },
  );
}
