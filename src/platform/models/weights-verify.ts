import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerifiedFile, WeightsEntry, WeightsVerdict } from '../../core/models/weights.ts';
import { createDigest, digestFile } from './file-digest.ts';
import { writeManifest, type InstallManifest } from './install-manifest.ts';

interface Due {
  readonly path: string;
  readonly bytes?: number;
  readonly sha256?: string;
}

/** Hashes every file of an installed model and notes in its manifest which ones have changed. */
export async function verifyWeights(
  where: { readonly entry: WeightsEntry; readonly folder: string },
  manifest: InstallManifest | undefined,
  signal?: AbortSignal,
): Promise<WeightsVerdict> {
  const due: readonly Due[] =
    manifest?.files ?? where.entry.files.map((file) => ({ ...file, path: file.saveAs ?? file.path }));
  const files: VerifiedFile[] = [];
  for (const one of due) files.push({ path: one.path, state: await verifyFile(where.folder, one, signal) });
  const wrong = files.filter((file) => file.state === 'missing' || file.state === 'changed');
  // In a folder that is mounted read-only the verdict cannot be written down, but it can still be told.
  if (manifest)
    await writeManifest(where.folder, { ...manifest, damaged: wrong.map((file) => file.path) }).catch(
      () => undefined,
    );
  return { id: where.entry.id, ok: wrong.length === 0, files };
}

async function verifyFile(folder: string, due: Due, signal?: AbortSignal): Promise<VerifiedFile['state']> {
  const path = join(folder, ...due.path.split('/'));
  const facts = await stat(path).catch(() => undefined);
  if (!facts?.isFile()) return 'missing';
  if (due.bytes !== undefined && facts.size !== due.bytes) return 'changed';
  if (due.sha256 === undefined) return 'unpinned';
  const digest = createDigest();
  await digestFile(path, digest, signal);
  return digest.end().sha256 === due.sha256 ? 'ok' : 'changed';
}
