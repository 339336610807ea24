import { AppError } from '../../base/errors.ts';
import { copyBlobs, measureBlobs, type BlobCounts } from './blob-copy.ts';
import type { Installation } from './installation.ts';
import { copyTables, filledTables, type TableBank, type TableCount } from './table-copy.ts';

/** How far the blobs of a move are. */
export interface MoveProgress {
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

/** What is moved where; what is absent stays where it is. */
export interface Move {
  readonly from: Installation;
  readonly rowsTo?: TableBank;
  readonly blobsTo?: Installation['blobs'];
  readonly onProgress?: (progress: MoveProgress) => void;
}

/** What was moved. */
export interface MoveReport {
  readonly rows?: readonly TableCount[];
  readonly blobs?: BlobCounts;
}

/**
 * Takes an installation over to another place. Bytes go first and rows last, all at once: a move that breaks off is
 * begun anew, passes over the bytes that are there, and until its end the new place is empty.
 */
export async function moveInstallation(move: Move): Promise<MoveReport> {
  const { from, rowsTo, blobsTo } = move;
  await from.rows.hold();
  if (rowsTo) {
    await rowsTo.hold();
    await rowsTo.write(refuseFilled);
  }
  const blobs = blobsTo && (await moveBlobs(from.blobs, blobsTo, move.onProgress));
  const rows =
    rowsTo &&
    (await from.rows.read((source) =>
      rowsTo.write(async (target) => {
        await refuseFilled(target);
        return copyTables(source, target);
      }),
    ));
  return { ...(rows ? { rows } : {}), ...(blobs ? { blobs } : {}) };
}

/** Refuses a place in which there is something. */
export async function refuseFilled(target: Parameters<typeof filledTables>[0]): Promise<void> {
  const filled = await filledTables(target);
  if (filled.length === 0) return;
  const found = filled.map(({ table, rows }) => `${rows} in ${table}`).join(', ');
  throw new AppError(
    'conflict',
    `The database that is to be filled is not empty: it has rows already (${found}).`,
  );
}

async function moveBlobs(
  from: Installation['blobs'],
  to: Installation['blobs'],
  onProgress: Move['onProgress'] = () => undefined,
): Promise<BlobCounts> {
  const { bytes: totalBytes } = await measureBlobs(from);
  let receivedBytes = 0;
  const counts = await copyBlobs(from, to, (bytes) => {
    receivedBytes += bytes;
    onProgress({ receivedBytes, totalBytes });
  });
  // Nobody else is there, so that nothing may be missing.
  if (counts.gone > 0) throw new Error(`${counts.gone} blobs went away while they were copied.`);
  return counts;
}
