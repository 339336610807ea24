import { AppError } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import type { BlobStore, StoredBlob } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Signer } from '../ports/signer.ts';
import type { FileStore } from '../ports/store.ts';
import type { FileService, FileToKeep, StoredFile } from './file-service.ts';

/** What the service of files is made of. */
export interface FileServiceParts {
  readonly files: FileStore;
  readonly blobs: BlobStore;
  readonly signer: Signer;
  readonly clock: Pick<Clock, 'now'>;
  /** How long a file is kept whose maker does not say, in milliseconds; asked for each. */
  readonly keepMs: () => number;
}

/** Where all signed addresses begin. */
export const FILES_PATH = '/antiphon/v1/files';

/** Files that are forgotten in one go. */
const SWEEP_SIZE = 100;

/** The blob with the bytes of a file. */
export function fileBlobId(fileId: string): string {
  return `files/${fileId}`;
}

/** Builds the service. */
export function createFileService(parts: FileServiceParts): FileService {
  const { files, blobs, signer, clock } = parts;
  const find = async (id: string, ownerId: string) => alive(await files.find(id, ownerId), clock);
  const remove = async ({ id, ownerId }: Pick<StoredFile, 'id' | 'ownerId'>) => {
    // The bytes go first: a row without bytes is found and swept again, bytes without a row never.
    await blobs.remove(fileBlobId(id));
    return files.remove(id, ownerId);
  };
  return {
    keep: (file) => keep(file, parts),
    find,
    link: async (file) => {
      const expires = String(Math.floor(file.expiresAt / 1000));
      const signature = await signer.sign(signedText(file.id, expires));
      return {
        path: `${FILES_PATH}/${file.id}/${encodeURIComponent(file.filename)}?expires=${expires}&signature=${signature}`,
        expiresAt: Number(expires) * 1000,
      };
    },
    open: async ({ id, expires, signature }) => {
      if (!(await signer.verify(signedText(id, expires), signature))) throw noFile();
      if (Number(expires) * 1000 <= clock.now()) throw noFile();
      return opened(await files.findAnyones(id), parts);
    },
    read: async (id, ownerId) => {
      const file = await find(id, ownerId);
      return file && blobs.find(fileBlobId(id));
    },
    remove: async (id, ownerId) => {
      const file = await files.find(id, ownerId);
      return file !== undefined && remove(file);
    },
    sweep: async () => {
      for (;;) {
        const expired = await files.listExpired(clock.now(), SWEEP_SIZE);
        for (const file of expired) await remove(file);
        if (expired.length < SWEEP_SIZE) return;
      }
    },
  };
}

/** Nothing else is ever signed with the same words in front. */
function signedText(id: string, expires: string): string {
  return `file ${id} until ${expires}`;
}

function alive(file: StoredFile | undefined, clock: Pick<Clock, 'now'>): StoredFile | undefined {
  return file && file.expiresAt > clock.now() ? file : undefined;
}

async function opened(
  found: StoredFile | undefined,
  { blobs, clock }: FileServiceParts,
): Promise<{ readonly file: StoredFile; readonly blob: StoredBlob }> {
  const file = alive(found, clock);
  const blob = file && (await blobs.find(fileBlobId(file.id)));
  if (!blob) throw noFile();
  return { file, blob };
}

function noFile(): AppError {
  return new AppError(
    'not_found',
    'There is no file at this address: it was not made by this server, or it has expired.',
    { subject: 'file' },
  );
}

async function keep(
  file: FileToKeep,
  { files, blobs, clock, keepMs }: FileServiceParts,
): Promise<StoredFile> {
  const id = file.id ?? randomHex(16);
  const { ownerId, mediaType, filename } = file;
  const known = file.id === undefined ? undefined : await files.findAnyones(id);
  if (known && known.ownerId !== ownerId) throw notOurs();
  const byteLength = await blobs.put(fileBlobId(id), file.bytes);
  const createdAt = clock.now();
  const expiresAt = createdAt + (file.keepMs ?? keepMs());
  const kept: StoredFile = { id, ownerId, mediaType, filename, byteLength, createdAt, expiresAt };
  if (!(await files.put(kept))) throw notOurs();
  return kept;
}

function notOurs(): AppError {
  return new AppError('internal', 'A file of somebody else has the id under which this one was to be kept.');
}
