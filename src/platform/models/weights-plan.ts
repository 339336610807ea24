import { AppError } from '../../base/errors.ts';
import type { WeightsEntry, WeightsFile, WeightsPin } from '../../core/models/weights.ts';
import type { HubClient, HubFile, HubPlace } from './hub-client.ts';
import type { InstallManifest } from './install-manifest.ts';
import type { ExpectedFile } from './resumable-download.ts';
import { isSafePath } from './weights-path.ts';

/** A file to fetch, and who says what it must be. */
export interface PlannedFile extends ExpectedFile {
  readonly pinnedBy: WeightsPin;
}

export interface PlanRequest {
  readonly entry: WeightsEntry;
  readonly place: HubPlace;
  /** Of an earlier install, whose checksums hold for ever. */
  readonly manifest: InstallManifest | undefined;
  readonly signal: AbortSignal;
}

const MOST_FILES = 10_000;

/** Whether the catalog alone says what every byte of an entry must be. */
export function isPinned(entry: WeightsEntry): boolean {
  return !entry.folders && entry.files.every((file) => file.bytes !== undefined && file.sha256 !== undefined);
}

/** Lists the files of an entry. The hub is asked only for what the catalog leaves open. */
export async function planFiles(hub: HubClient, request: PlanRequest): Promise<readonly PlannedFile[]> {
  const { entry, place, signal } = request;
  if (isPinned(entry)) return entry.files.map((file) => ({ ...named(file), pinnedBy: 'catalog' }));
  const tree = await hub.tree(place, signal);
  const where = `${place.repository} at ${place.revision}`;
  if (!tree && entry.folders)
    throw hubProblem(`The hub lists no files for ${where}, so '${entry.id}' cannot be fetched whole.`);
  const single = entry.files.map((file) => plannedFile(file, tree, where));
  const inFolders = (entry.folders ?? []).flatMap((folder) => folderFiles(folder, tree ?? [], where));
  const files = [...single, ...inFolders];
  if (files.length > MOST_FILES)
    throw hubProblem(
      `The hub lists ${files.length} files for ${where}; more than ${MOST_FILES} are not fetched.`,
    );
  return files.map((file) => withEarlierPin(file, request.manifest));
}

function named(file: WeightsFile): ExpectedFile {
  return { ...file, saveAs: file.saveAs ?? file.path };
}

function plannedFile(file: WeightsFile, tree: readonly HubFile[] | undefined, where: string): PlannedFile {
  const listed = tree?.find((one) => one.path === file.path);
  if (tree && !listed) throw hubProblem(`The hub has no file '${file.path}' in ${where}.`);
  const known = checksums(listed);
  const planned = { ...known, ...named(file) };
  if (file.sha256 === undefined) return { ...planned, pinnedBy: pinOf(known) };
  if ((known.sha256 ?? file.sha256) !== file.sha256)
    throw hubProblem(
      `The hub's '${file.path}' in ${where} has SHA-256 ${known.sha256}, and the catalog says ${file.sha256}.`,
    );
  return { ...planned, pinnedBy: 'catalog' };
}

function folderFiles(folder: string, tree: readonly HubFile[], where: string): PlannedFile[] {
  const files = tree.filter((file) => file.path.startsWith(`${folder}/`));
  if (files.length === 0) throw hubProblem(`The hub has no folder '${folder}' in ${where}.`);
  const unsafe = files.find((file) => !isSafePath(file.path));
  if (unsafe)
    throw hubProblem(
      `The hub lists a path that does not belong in a model's folder: ${JSON.stringify(unsafe.path)}. Nothing was fetched.`,
    );
  return files.map((file) => ({
    ...checksums(file),
    path: file.path,
    saveAs: file.path,
    pinnedBy: pinOf(file),
  }));
}

function pinOf(known: Pick<ExpectedFile, 'sha256' | 'gitId'>): WeightsPin {
  return known.sha256 !== undefined || known.gitId !== undefined ? 'hub' : 'nobody';
}

function checksums(listed: HubFile | undefined): Pick<ExpectedFile, 'bytes' | 'sha256' | 'gitId'> {
  if (!listed) return {};
  const { bytes, sha256, gitId } = listed;
  return { bytes, ...(sha256 === undefined ? {} : { sha256 }), ...(gitId === undefined ? {} : { gitId }) };
}

function withEarlierPin(file: PlannedFile, manifest: InstallManifest | undefined): PlannedFile {
  const earlier = manifest?.files.find((one) => one.path === file.saveAs);
  if (!earlier || file.pinnedBy === 'catalog') return file;
  const { gitId: _, ...rest } = file;
  return { ...rest, bytes: earlier.bytes, sha256: earlier.sha256, pinnedBy: earlier.pinnedBy };
}

function hubProblem(message: string): AppError {
  return new AppError('engine_failed', message, { reason: 'hub' });
}
