import { open, readFile, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../base/errors.ts';
import { createDigest, digestFile, type FileDigest } from './file-digest.ts';
import type { HubAnswer, HubClient, HubPlace } from './hub-client.ts';
import { HubFailure } from './hub-failure.ts';
import { withRetries } from './hub-retries.ts';
import { PARTIAL, PARTIAL_ETAG } from './weights-path.ts';

/** What a file must be, as far as anybody has said. */
export interface ExpectedFile {
  /** Path in the repository. */
  readonly path: string;
  /** Path below the model's folder. */
  readonly saveAs: string;
  readonly bytes?: number;
  readonly sha256?: string;
  /** Git object id, which the hub gives for small files. */
  readonly gitId?: string;
}

export interface DownloadJob {
  readonly place: HubPlace;
  readonly file: ExpectedFile;
  /** Where the whole file goes; what has arrived waits beside it under another name. */
  readonly target: string;
  readonly signal: AbortSignal;
  /** Called with the bytes of this file that are on disk. */
  readonly onBytes: (received: number) => void;
}

/** What arrived, and whether the hub itself vouched for it. */
export interface Downloaded {
  readonly bytes: number;
  readonly sha256: string;
  readonly vouchedByHub: boolean;
}

interface Transfer extends DownloadJob {
  readonly hub: HubClient;
  readonly url: string;
  readonly partial: string;
  digest: FileDigest | undefined;
  /** Bytes that came over the network in the present try. */
  fresh: number;
  /** Set once a file that was put together from two tries turned out wrong. */
  restarted: boolean;
  linkedSha256: string | undefined;
}

/** Fetches one file: goes on where an earlier try stopped, checks length and checksum, and only then gives it its name. */
export async function downloadFile(hub: HubClient, job: DownloadJob): Promise<Downloaded> {
  const transfer: Transfer = {
    ...job,
    hub,
    url: hub.url(job.place, job.file.path),
    partial: job.target + PARTIAL,
    digest: undefined,
    fresh: 0,
    restarted: false,
    linkedSha256: undefined,
  };
  return withRetries({
    url: transfer.url,
    signal: job.signal,
    policy: hub.policy,
    attempt: () => attempt(transfer),
    progressed: () => transfer.fresh > 0,
  });
}

async function attempt(transfer: Transfer): Promise<Downloaded> {
  transfer.fresh = 0;
  const start = await startingPoint(transfer);
  transfer.onBytes(start.offset);
  if (start.offset === 0 || start.offset !== transfer.file.bytes) await receive(transfer, start);
  return finish(transfer, start.offset > 0);
}

interface Start {
  readonly offset: number;
  readonly etag: string | undefined;
}

/** How much of an earlier try may be used: none without a validator or a checksum that would show a wrong join. */
async function startingPoint(transfer: Transfer): Promise<Start> {
  const { file, partial } = transfer;
  const size = await sizeOf(partial);
  const etag = await readFile(transfer.target + PARTIAL_ETAG, 'utf8').catch(() => undefined);
  const checkable = etag !== undefined || file.sha256 !== undefined || file.gitId !== undefined;
  if (size === 0 || !checkable || size > (file.bytes ?? Number.POSITIVE_INFINITY)) {
    await discard(transfer);
    return { offset: 0, etag: undefined };
  }
  if (transfer.digest?.length !== size) {
    transfer.digest = createDigest(file.gitId === undefined ? undefined : file.bytes);
    await digestFile(partial, transfer.digest, transfer.signal);
  }
  return { offset: transfer.digest.length, etag };
}

async function receive(transfer: Transfer, start: Start): Promise<void> {
  const stall = new AbortController();
  const watch = setTimeout(
    () => stall.abort(new DOMException('The hub fell silent.', 'TimeoutError')),
    transfer.hub.policy.stallMs,
  );
  try {
    const signal = AbortSignal.any([transfer.signal, stall.signal]);
    const { place, file } = transfer;
    const answer = await transfer.hub.open({ place, path: file.path, ...start, signal });
    checkAnswer(transfer, answer);
    await save(transfer, answer, () => watch.refresh());
  } catch (error) {
    // The part on disk is longer than the hub's file: it belongs to another one.
    if (!(error instanceof HubFailure) || error.status !== 416) throw error;
    await discard(transfer);
    throw new HubFailure(error.message, { retryable: true, cause: error });
  } finally {
    clearTimeout(watch);
    // Whatever has not been read is not wanted any more.
    stall.abort();
  }
}

/** Refuses a file that cannot be the right one before it is fetched. */
function checkAnswer(transfer: Transfer, answer: HubAnswer): void {
  const { file, url } = transfer;
  transfer.linkedSha256 = answer.linkedSha256 ?? transfer.linkedSha256;
  if (file.bytes !== undefined && answer.totalBytes !== undefined && answer.totalBytes !== file.bytes)
    throw wrongFile(`The hub offers ${answer.totalBytes} bytes for ${url}, and it must be ${file.bytes}.`);
  if (file.sha256 !== undefined && answer.linkedSha256 !== undefined && answer.linkedSha256 !== file.sha256)
    throw wrongFile(
      `The hub offers a file with SHA-256 ${answer.linkedSha256} for ${url}, and it must be ${file.sha256}.`,
    );
}

async function save(transfer: Transfer, answer: HubAnswer, alive: () => void): Promise<void> {
  const { file, partial } = transfer;
  const whole = answer.offset === 0;
  if (whole || !transfer.digest)
    transfer.digest = createDigest(file.gitId === undefined ? undefined : file.bytes);
  await noteEtag(transfer.target + PARTIAL_ETAG, answer.etag);
  const handle = await open(partial, whole ? 'w' : 'a', 0o600);
  try {
    await pour(transfer, { handle, digest: transfer.digest, body: answer.body, alive });
    await handle.sync();
  } finally {
    await handle.close();
  }
  const due = file.bytes ?? answer.totalBytes;
  if (due !== undefined && transfer.digest.length < due)
    throw new HubFailure(
      `The connection to the hub ended after ${transfer.digest.length} of ${due} bytes of ${transfer.url}.`,
      { retryable: true },
    );
}

interface Pouring {
  readonly handle: FileHandle;
  readonly digest: FileDigest;
  readonly body: AsyncIterable<Uint8Array>;
  readonly alive: () => void;
}

async function pour(transfer: Transfer, { handle, digest, body, alive }: Pouring): Promise<void> {
  for await (const chunk of body) {
    alive();
    if (digest.length + chunk.length > (transfer.file.bytes ?? Number.POSITIVE_INFINITY))
      throw wrongFile(`The hub sends more than the ${transfer.file.bytes} bytes of ${transfer.url}.`);
    await handle.writeFile(chunk);
    digest.update(chunk);
    transfer.fresh += chunk.length;
    transfer.onBytes(digest.length);
  }
}

async function finish(transfer: Transfer, resumed: boolean): Promise<Downloaded> {
  const { file, digest, partial } = transfer;
  if (!digest) throw new Error('A finished transfer has a digest.');
  const { sha256, gitId } = digest.end();
  const bytes = digest.length;
  transfer.digest = undefined;
  const due = file.sha256 ?? (file.gitId === undefined ? transfer.linkedSha256 : undefined);
  const right = (due === undefined || due === sha256) && (file.gitId === undefined || file.gitId === gitId);
  if (!right)
    return mend(transfer, { resumed, due: due ?? `git ${file.gitId}`, got: due ? sha256 : `git ${gitId}` });
  await rename(partial, transfer.target);
  await rm(transfer.target + PARTIAL_ETAG, { force: true });
  await syncFolder(dirname(transfer.target));
  return { bytes, sha256, vouchedByHub: due !== undefined || file.gitId !== undefined };
}

/** A wrong file is never kept. If it was joined from two tries, one whole fetch may still bring the right one. */
async function mend(
  transfer: Transfer,
  found: { readonly resumed: boolean; readonly due: string; readonly got: string },
): Promise<never> {
  await discard(transfer);
  const message = `What the hub sent for ${transfer.url} is not the right file: its checksum is ${found.got} and must be ${found.due}. It was thrown away.`;
  if (found.resumed && !transfer.restarted) {
    transfer.restarted = true;
    throw new HubFailure(message, { retryable: true });
  }
  throw wrongFile(message);
}

function wrongFile(message: string): AppError {
  return new AppError('engine_failed', message, { reason: 'wrong_file' });
}

async function discard(transfer: Transfer): Promise<void> {
  transfer.digest = undefined;
  await rm(transfer.partial, { force: true });
  await rm(transfer.target + PARTIAL_ETAG, { force: true });
}

async function noteEtag(note: string, etag: string | undefined): Promise<void> {
  if (etag === undefined) await rm(note, { force: true });
  else await writeFile(note, etag, { mode: 0o600 });
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** Makes a rename survive a power cut, on systems where a folder can be synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
