import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { WeightsEntry } from '../../core/models/weights.ts';
import { MANIFEST_NAME, type InstallManifest } from './install-manifest.ts';
import { belongsTo, INCOMPLETE_NAME, sizesIn } from './installed-weights.ts';

/** Deletes what belongs to an entry, whole or half, and leaves everything else. Returns the bytes that this freed. */
export async function removeWeights(
  entry: WeightsEntry,
  folder: string,
  manifest: InstallManifest | undefined,
): Promise<number> {
  const belongs = belongsTo(entry, manifest);
  let freed = 0;
  for (const [path, size] of await sizesIn(folder)) {
    if (!belongs(path)) continue;
    await rm(join(folder, ...path.split('/')), { force: true });
    freed += size;
  }
  for (const own of [MANIFEST_NAME, `${MANIFEST_NAME}.new`, INCOMPLETE_NAME])
    await rm(join(folder, own), { force: true });
  await removeEmptyFolders(folder);
  return freed;
}

async function removeEmptyFolders(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeEmptyFolders(join(folder, entry.name));
  // A folder that is not empty, or not a folder, stays.
  await rmdir(folder).catch(() => undefined);
}
