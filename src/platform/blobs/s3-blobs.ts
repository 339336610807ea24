import { AppError } from '../../base/errors.ts';
import type { BlobStore, StoredBlob } from '../../core/ports/blob-store.ts';
import type { ListedBlob } from './file-listing.ts';
import { toS3Place, type S3Place } from './s3-address.ts';
import { listObjects } from './s3-listing.ts';
import { s3Check } from './s3-check.ts';
import { abort, putParts, unfinishedUploads } from './s3-multipart.ts';
import { readObject } from './s3-reading.ts';
import {
  blobsAway,
  createS3Requests,
  refuseRefusal,
  USUAL_PATIENCE,
  type S3Patience,
  type S3Requests,
} from './s3-requests.ts';

/** Letters, digits, `-` and `_` in parts between `/`: no id can name a place outside the prefix. */
const SAFE_ID = /^[\w-]+(\/[\w-]+)*$/;

/** What is longer goes in parts of so many bytes: at most 10,000 of them, so 80 GB. Two are held in memory. */
const PART_BYTES = 8 * 1024 * 1024;

/** What was begun before so many milliseconds and is not there yet was left behind. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;

/** Blobs in S3 that can clean up after processes that were killed. */
export interface S3Blobs extends BlobStore {
  /** Removes what was begun a day ago and never finished. */
  sweep(): Promise<void>;
  /** Every blob; one that comes or goes meanwhile may be missing. */
  list(): AsyncIterable<ListedBlob>;
}

/** What may differ from the usual. */
export interface S3Options {
  readonly patience?: Partial<S3Patience>;
  readonly partBytes?: number;
}

/** Opens the place that an address and the environment's credentials name. */
export function openS3Blobs(
  address: string,
  environment: Readonly<Record<string, string | undefined>>,
): S3Blobs {
  return createS3Blobs(toS3Place(address, environment));
}

/** Keeps blobs as objects of a bucket, which has to exist. */
export function createS3Blobs(place: S3Place, options: S3Options = {}): S3Blobs {
  const patience = { ...USUAL_PATIENCE, ...options.patience };
  const partBytes = options.partBytes ?? PART_BYTES;
  const send = createS3Requests(place, patience);
  const keeping: Omit<BlobStore, 'check'> = {
    put: async (id, bytes) => {
      checked(id);
      const parts = partsOf(bytes, partBytes);
      const first = await parts.next();
      const body = first.done ? new Uint8Array() : first.value;
      if (body.length < partBytes) return putWhole(send, id, body);
      return putParts(send, id, joined(body, parts));
    },
    find: async (id) => findObject(send, checked(id), patience),
    remove: async (id) => {
      const answer = await send({ method: 'DELETE', id: checked(id) });
      if (answer.status !== 404) await refuseRefusal(answer, `remove ${id}`);
      await answer.body?.cancel();
    },
  };
  return {
    ...keeping,
    check: s3Check(keeping),
    list: () => listObjects(send, place.prefix),
    sweep: async () => {
      const left = await unfinishedUploads(send, place.prefix, Date.now() - ABANDONED_MS);
      for (const upload of left) await abort(send, upload);
    },
  };
}

function checked(id: string): string {
  if (!SAFE_ID.test(id)) throw new AppError('internal', `'${id}' is no id of a blob.`);
  return id;
}

async function putWhole(send: S3Requests, id: string, body: Uint8Array<ArrayBuffer>): Promise<number> {
  const answer = await refuseRefusal(await send({ method: 'PUT', id, body }), `put ${id}`);
  await answer.body?.cancel();
  return body.length;
}

async function findObject(
  send: S3Requests,
  id: string,
  { answerMs, tries }: S3Patience,
): Promise<StoredBlob | undefined> {
  const answer = await send({ method: 'HEAD', id });
  if (answer.status === 404) return undefined;
  await refuseRefusal(answer, `find ${id}; a missing one is only told to who may list the bucket`);
  const byteLength = Number(answer.headers.get('content-length'));
  const tag = answer.headers.get('etag');
  if (!Number.isSafeInteger(byteLength)) throw blobsAway(new Error(`${id} has no length.`));
  return {
    byteLength,
    open: ({ start, end } = { start: 0, end: byteLength }) =>
      readObject(send, { id, tag, start, end: Math.min(end, byteLength) }, { silenceMs: answerMs, tries }),
  };
}

/** Bytes in parts of the same length; the last one may be shorter, and there is none when there are no bytes. */
async function* partsOf(
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  partBytes: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let part = new Uint8Array(0);
  let filled = 0;
  for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
    for (let at = 0; at < chunk.length;) {
      const taken = chunk.subarray(at, at + partBytes - filled);
      part = withRoom(part, filled + taken.length, partBytes);
      part.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < partBytes) continue;
      yield part;
      part = new Uint8Array(0);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}

/** Grows by doubling, so that a short blob takes little memory. */
function withRoom(part: Uint8Array<ArrayBuffer>, needed: number, most: number): Uint8Array<ArrayBuffer> {
  if (needed <= part.length) return part;
  const grown = new Uint8Array(Math.min(most, Math.max(needed, part.length * 2)));
  grown.set(part);
  return grown;
}

async function* joined<T>(first: T, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}
