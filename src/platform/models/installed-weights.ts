import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WeightsEntry, WeightsPin, WeightsStatus } from '../../core/models/weights.ts';
import { readManifest, type InstallManifest } from './install-manifest.ts';
import { PARTIAL, PARTIAL_ETAG } from './weights-path.ts';
import { isPinned } from './weights-plan.ts';

/** Stands in a model's folder while a pull has not finished. */
export const INCOMPLETE_NAME = '.antiphon-incomplete';

/** What a model's folder holds. Nobody's downloads are known here. */
export interface FolderFacts extends Omit<WeightsStatus, 'entry' | 'state'> {
  readonly state: 'installed' | 'absent' | 'partial' | 'damaged';
  readonly manifest: InstallManifest | undefined;
}

/** Looks at names and sizes only; the contents are `verify`'s business. */
export async function inspectFolder(entry: WeightsEntry, folder: string): Promise<FolderFacts> {
  const sizes = await sizesIn(folder);
  // Nearly all of the catalog is not here, and every list of models asks for each.
  const manifest = sizes.size > 0 ? await readManifest(folder) : undefined;
  const belongs = belongsTo(entry, manifest);
  const bytesOnDisk = [...sizes].reduce((sum, [name, size]) => (belongs(name) ? sum + size : sum), 0);
  const common = { bytesOnDisk, manifest, ...totalOf(entry, manifest), pinnedBy: pinOf(entry, manifest) };
  if (sizes.has(INCOMPLETE_NAME)) return { ...common, state: 'partial', placedByHand: false };
  if (manifest) return { ...common, ...judge(manifestProblem(manifest, sizes)), placedByHand: false };
  if (bytesOnDisk === 0) return { ...common, state: 'absent', placedByHand: false };
  if (!isComplete(entry, sizes)) return { ...common, state: 'partial', placedByHand: false };
  return { ...common, ...judge(sizeProblem(entry, sizes)), placedByHand: true };
}

/** The name on disk of every file that stands in the catalog by itself. */
export function namesOnDisk(entry: WeightsEntry): readonly string[] {
  return entry.files.map((file) => file.saveAs ?? file.path);
}

/** Tells the files of an entry, whole or half, from what somebody else has put into its folder. */
export function belongsTo(
  entry: WeightsEntry,
  manifest: InstallManifest | undefined,
): (path: string) => boolean {
  const names = new Set([...namesOnDisk(entry), ...(manifest?.files.map((file) => file.path) ?? [])]);
  return (path) => {
    const ending = [PARTIAL_ETAG, PARTIAL].find((one) => path.endsWith(one)) ?? '';
    const plain = path.slice(0, path.length - ending.length);
    return names.has(plain) || (entry.folders ?? []).some((folder) => plain.startsWith(`${folder}/`));
  };
}

/** Sizes by path below the folder, with `/` between folders. A link counts as what it leads to. */
export async function sizesIn(folder: string): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  const walk = async (below: string): Promise<void> => {
    const names = await readdir(join(folder, below)).catch(() => []);
    for (const name of names) {
      const path = below === '' ? name : `${below}/${name}`;
      const facts = await stat(join(folder, path)).catch(() => undefined);
      if (facts?.isDirectory()) await walk(path);
      else if (facts?.isFile()) sizes.set(path, facts.size);
    }
  };
  await walk('');
  return sizes;
}

function isComplete(entry: WeightsEntry, sizes: ReadonlyMap<string, number>): boolean {
  const names = [...sizes.keys()];
  return (
    namesOnDisk(entry).every((name) => sizes.has(name)) &&
    (entry.folders ?? []).every((folder) => names.some((name) => name.startsWith(`${folder}/`)))
  );
}

function manifestProblem(manifest: InstallManifest, sizes: ReadonlyMap<string, number>): string | undefined {
  const [changed] = manifest.damaged;
  if (changed !== undefined) return `${changed} has changed since it was installed`;
  const wrong = manifest.files.find((file) => sizes.get(file.path) !== file.bytes);
  return wrong && wrongSize(wrong.path, sizes.get(wrong.path), wrong.bytes);
}

function sizeProblem(entry: WeightsEntry, sizes: ReadonlyMap<string, number>): string | undefined {
  for (const file of entry.files) {
    const name = file.saveAs ?? file.path;
    const size = sizes.get(name);
    if (size === 0 || (file.bytes !== undefined && size !== file.bytes))
      return wrongSize(name, size, file.bytes);
  }
  return undefined;
}

function wrongSize(name: string, size: number | undefined, due: number | undefined): string {
  if (size === undefined) return `${name} is missing`;
  return due === undefined ? `${name} is empty` : `${name} has ${size} bytes and must have ${due}`;
}

function judge(problem: string | undefined): { state: 'installed' } | { state: 'damaged'; problem: string } {
  return problem === undefined ? { state: 'installed' } : { state: 'damaged', problem };
}

function totalOf(entry: WeightsEntry, manifest: InstallManifest | undefined): { totalBytes?: number } {
  const lengths = manifest?.files.map((file) => file.bytes) ?? entry.files.map((file) => file.bytes);
  if (!manifest && entry.folders) return {};
  let totalBytes = 0;
  for (const length of lengths) {
    if (length === undefined) return {};
    totalBytes += length;
  }
  return { totalBytes };
}

function pinOf(entry: WeightsEntry, manifest: InstallManifest | undefined): WeightsPin {
  if (!manifest) return isPinned(entry) ? 'catalog' : entry.source.kind === 'hub' ? 'hub' : 'nobody';
  const pins = new Set(manifest.files.map((file) => file.pinnedBy));
  return pins.has('nobody') ? 'nobody' : pins.has('hub') ? 'hub' : 'catalog';
}
