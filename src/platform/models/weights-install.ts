import { mkdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, cancelledError } from '../../base/errors.ts';
import type { PullProgress, WeightsEntry } from '../../core/models/weights.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { createDigest, digestFile } from './file-digest.ts';
import type { HubClient, HubPlace } from './hub-client.ts';
import { writeManifest, type InstalledFile, type InstallManifest } from './install-manifest.ts';
import { downloadFile } from './resumable-download.ts';
import { INCOMPLETE_NAME, sizesIn } from './installed-weights.ts';
import { PARTIAL, prepareFile } from './weights-path.ts';
import { planFiles, type PlannedFile } from './weights-plan.ts';

export interface Installation {
  readonly entry: WeightsEntry;
  readonly place: HubPlace;
  readonly folder: string;
  readonly manifest: InstallManifest | undefined;
  readonly hub: HubClient;
  readonly clock: Clock;
  readonly freeBytes: (folder: string) => Promise<number>;
  readonly report: (progress: PullProgress) => void;
  readonly signal: AbortSignal;
}

/** Files that are fetched at once; more helps only models of many small files. */
const LANES = 4;

/** Left free on the disk, because a full one misbehaves in other ways. */
const SPARE_BYTES = 32 * 1024 * 1024;

/** Brings every file of an entry into its folder and writes down what arrived. */
export async function installWeights(job: Installation): Promise<void> {
  await mkdir(job.folder, { recursive: true, mode: 0o700 });
  const files = await planFiles(job.hub, job);
  await checkSpace(job, files);
  await writeFile(join(job.folder, INCOMPLETE_NAME), '', { mode: 0o600 });
  const installed = await fetchAll(job, files);
  await writeManifest(job.folder, {
    format: 1,
    id: job.entry.id,
    ...job.place,
    installedAt: new Date(job.clock.now()).toISOString(),
    files: installed,
    damaged: [],
  });
  await rm(join(job.folder, INCOMPLETE_NAME), { force: true });
}

/** Bytes that a writer may still use on the disk of a folder. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function checkSpace(job: Installation, files: readonly PlannedFile[]): Promise<void> {
  const sizes = await sizesIn(job.folder);
  let needed = 0;
  for (const file of files) {
    const there = sizes.get(file.saveAs) ?? sizes.get(file.saveAs + PARTIAL) ?? 0;
    needed += Math.max(0, (file.bytes ?? 0) - there);
  }
  const free = await job.freeBytes(job.folder);
  if (needed === 0 || needed + SPARE_BYTES <= free) return;
  throw new AppError(
    'conflict',
    `'${job.entry.id}' needs ${needed} more bytes on disk and ${SPARE_BYTES} to spare, and ${job.folder} has ${free} free.`,
    { reason: 'disk_full' },
  );
}

async function fetchAll(job: Installation, files: readonly PlannedFile[]): Promise<InstalledFile[]> {
  const stop = new AbortController();
  const signal = AbortSignal.any([job.signal, stop.signal]);
  const received = new Map<string, number>();
  const totalBytes = totalOf(files);
  const onBytes = (file: PlannedFile) => (bytes: number) => {
    received.set(file.saveAs, bytes);
    const receivedBytes = [...received.values()].reduce((sum, one) => sum + one, 0);
    job.report({
      id: job.entry.id,
      file: file.saveAs,
      receivedBytes,
      ...(totalBytes === undefined ? {} : { totalBytes }),
    });
  };
  const queue = files.entries();
  const installed: InstalledFile[] = [];
  const lane = async () => {
    for (const [index, file] of queue) {
      if (signal.aborted) throw cancelledError();
      installed[index] = await fetchFile({ ...job, signal }, file, onBytes(file));
    }
  };
  const lanes = Array.from({ length: Math.min(LANES, files.length) }, async () => {
    try {
      await lane();
    } catch (error) {
      // The other lanes stop too; the first failure is the one that tells why.
      if (!signal.aborted) stop.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(lanes);
  if (job.signal.aborted) throw cancelledError();
  if (stop.signal.aborted) throw stop.signal.reason;
  return installed;
}

async function fetchFile(
  job: Installation,
  file: PlannedFile,
  onBytes: (received: number) => void,
): Promise<InstalledFile> {
  const target = await prepareFile(job.folder, file.saveAs);
  const kept = await existing(target, file, job.signal);
  if (kept) {
    onBytes(kept.bytes);
    return { path: file.saveAs, ...kept, pinnedBy: file.pinnedBy };
  }
  const { place, signal } = job;
  const { bytes, sha256, vouchedByHub } = await downloadFile(job.hub, {
    place,
    file,
    target,
    signal,
    onBytes,
  });
  const pinnedBy = file.pinnedBy === 'nobody' && vouchedByHub ? 'hub' : file.pinnedBy;
  return { path: file.saveAs, bytes, sha256, pinnedBy };
}

/** A file that is there already is kept when it is the right one, and removed when it is not. */
async function existing(
  target: string,
  file: PlannedFile,
  signal: AbortSignal,
): Promise<{ bytes: number; sha256: string } | undefined> {
  const facts = await stat(target).catch(() => undefined);
  if (!facts) return undefined;
  if (facts.isFile() && (file.bytes === undefined || facts.size === file.bytes)) {
    const digest = createDigest(file.gitId === undefined ? undefined : facts.size);
    await digestFile(target, digest, signal);
    const { sha256, gitId } = digest.end();
    const right = (file.sha256 ?? sha256) === sha256 && (file.gitId === undefined || file.gitId === gitId);
    if (right) return { bytes: facts.size, sha256 };
  }
  await rm(target, { recursive: true, force: true });
  return undefined;
}

function totalOf(files: readonly PlannedFile[]): number | undefined {
  let total = 0;
  for (const file of files) {
    if (file.bytes === undefined) return undefined;
    total += file.bytes;
  }
  return total;
}
