import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** The file that says what a pull installed. It stands in the model's own folder. */
export const MANIFEST_NAME = '.antiphon-weights.json';

const manifestSchema = z.object({
  format: z.literal(1),
  id: z.string(),
  repository: z.string(),
  revision: z.string(),
  installedAt: z.string(),
  files: z.array(
    z.object({
      path: z.string(),
      bytes: z.number().int().min(0),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      pinnedBy: z.enum(['catalog', 'hub', 'nobody']),
    }),
  ),
  /** Files that a verification found changed. */
  damaged: z.array(z.string()).default([]),
});

export type InstallManifest = z.output<typeof manifestSchema>;
export type InstalledFile = InstallManifest['files'][number];

/** Reads the manifest of a model's folder; `undefined` when there is none that can be understood. */
export async function readManifest(folder: string): Promise<InstallManifest | undefined> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(join(folder, MANIFEST_NAME), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Replaces the manifest in one step. */
export async function writeManifest(folder: string, manifest: InstallManifest): Promise<void> {
  const target = join(folder, MANIFEST_NAME);
  await writeFile(`${target}.new`, `${JSON.stringify(manifest, undefined, 2)}\n`, {
    flush: true,
    mode: 0o600,
  });
  await rename(`${target}.new`, target);
}
