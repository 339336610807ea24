import { AppError } from '../../base/errors.ts';
import { randomSeed } from '../../base/ids.ts';
import { collectBytes } from '../../base/stream.ts';
import type { RequestContext } from '../context.ts';
import type { Engine } from '../engine.ts';
import type { FileService } from '../files/file-service.ts';
import { imageToolsOf } from '../image/image-tool-finding.ts';
import type { PixelSize } from '../image/image.ts';
import type { Job } from '../jobs/job.ts';
import type { JobOrder, JobService } from '../jobs/job-service.ts';
import { wholeMedia, type MediaInput } from '../media-input.ts';
import { blamed, type MediaOpener } from '../media-opening.ts';
import type { VideoRequest, VideoSourceUse, VideoWish } from './video.ts';

/** A film as a dialect orders it. */
export interface VideoOrder {
  readonly film: Omit<VideoRequest, 'wish' | 'firstFrame' | 'source'> & { readonly wish: VideoWish };
  /** The picture with which it begins; of exactly the film's size, where that is asked for. */
  readonly firstFrame?: { readonly media: MediaInput; readonly mustFit: boolean };
  /** The film that it is made from: one that came with the request, or one made here. */
  readonly source?: {
    readonly media: MediaInput | { readonly kind: 'job'; readonly id: string };
    readonly use: VideoSourceUse;
  };
  /** How the job is handed in. */
  readonly job: Pick<JobOrder<'video'>, 'dialect' | 'notes' | 'priority' | 'webhook'>;
}

/** What the files of an order are kept with. */
export interface VideoInputParts {
  readonly engines: readonly Engine[];
  readonly opener: MediaOpener;
  readonly files: FileService;
  readonly jobs: JobService;
}

/** Bytes of a picture or film that a request may bring. */
const MAX_PICTURE_BYTES = 50 * 1024 * 1024;
const MAX_FILM_BYTES = 256 * 1024 * 1024;
/** How long what a job needs is kept: longer than any job waits. */
const KEEP_INPUT_MS = 7 * 24 * 60 * 60 * 1000;

/** The request that a job carries: every file of the order is kept, and a seed is drawn where none was given. */
export async function keepInputs(
  order: VideoOrder,
  parts: VideoInputParts,
  context: RequestContext,
): Promise<VideoRequest> {
  const { film, firstFrame, source } = order;
  const keeping = { order, parts, context };
  return {
    ...film,
    wish: { ...film.wish, seed: film.wish.seed ?? randomSeed() },
    ...(firstFrame ? { firstFrame: await keepFirstFrame(firstFrame, keeping) } : {}),
    ...(source ? { source: await keepSource(source, keeping) } : {}),
  };
}

/**
 * The request to make a film of ours anew with other words: the same picture, seed, size and length. For engines that
 * cannot change a finished film.
 */
export async function makeAnew(
  { film }: VideoOrder,
  original: Job<'video'>,
  { files }: Pick<VideoInputParts, 'files'>,
): Promise<VideoRequest> {
  const { wish, firstFrame } = original.input;
  const frame = firstFrame && (await keepAgain(firstFrame, { files, ownerId: original.ownerId }));
  return {
    ...film,
    wish: { ...wish, ...film.wish, seed: film.wish.seed ?? wish.seed },
    ...(frame ? { firstFrame: frame } : {}),
  };
}

async function keepAgain(
  { fileId, size }: NonNullable<VideoRequest['firstFrame']>,
  { files, ownerId }: { readonly files: FileService; readonly ownerId: string },
): Promise<NonNullable<VideoRequest['firstFrame']>> {
  const blob = await files.read(fileId, ownerId);
  if (!blob) {
    throw new AppError('not_found', 'The picture that the film was made from has expired.', {
      subject: 'file',
    });
  }
  return { size, fileId: await keepPicture(blob.open(), { files, ownerId }) };
}

interface Keeping {
  readonly order: VideoOrder;
  readonly parts: VideoInputParts;
  readonly context: RequestContext;
}

async function keepFirstFrame(
  { media, mustFit }: NonNullable<VideoOrder['firstFrame']>,
  { order, parts, context }: Keeping,
): Promise<NonNullable<VideoRequest['firstFrame']>> {
  const { wish, spelling } = order.film;
  const param = spelling.firstFrame;
  const { signal, principal } = context;
  const opened = await parts.opener.open(media, { param, signal, maxBytes: MAX_PICTURE_BYTES });
  const tools = imageToolsOf(parts.engines);
  const { bytes, width, height } = await tools
    .write(await wholeMedia(opened), { format: { id: 'png' } }, context)
    .catch((error: unknown) => {
      throw blamed(error, param);
    });
  if (mustFit && wish.size) refuseOtherSize({ width, height }, wish.size, param);
  const fileId = await keepPicture(bytes, { files: parts.files, ownerId: principal.id });
  return { fileId, size: { width, height } };
}

async function keepPicture(
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  { files, ownerId }: { readonly files: FileService; readonly ownerId: string },
): Promise<string> {
  const picture = { mediaType: 'image/png', filename: 'first-frame.png', keepMs: KEEP_INPUT_MS };
  return (await files.keep({ ownerId, bytes, ...picture })).id;
}

function refuseOtherSize(picture: PixelSize, wanted: PixelSize, param: string): void {
  if (picture.width === wanted.width && picture.height === wanted.height) return;
  const message = `The picture has ${picture.width}x${picture.height} pixels and must have those of the film, ${wanted.width}x${wanted.height}.`;
  throw new AppError('invalid_request', message, { param, reason: 'reference_size' });
}

async function keepSource(
  { media, use }: NonNullable<VideoOrder['source']>,
  { order, parts, context }: Keeping,
): Promise<NonNullable<VideoRequest['source']>> {
  const param = order.film.spelling.source;
  const ownerId = context.principal.id;
  const film = { mediaType: 'video/mp4', filename: 'source.mp4', keepMs: KEEP_INPUT_MS };
  if (media.kind === 'job') {
    const bytes = await madeFilm(media.id, { parts, ownerId, param });
    return { fileId: (await parts.files.keep({ ownerId, bytes, ...film })).id, use };
  }
  const opening = { param, signal: context.signal, maxBytes: MAX_FILM_BYTES };
  const bytes = await wholeMedia(await parts.opener.open(media, opening));
  return { fileId: (await parts.files.keep({ ownerId, bytes, ...film })).id, use };
}

/** The bytes of a film that was made here. */
async function madeFilm(
  jobId: string,
  { parts, ownerId, param }: Pick<Keeping, 'parts'> & { readonly ownerId: string; readonly param: string },
): Promise<Uint8Array> {
  const job = await findFilm(jobId, { jobs: parts.jobs, ownerId, param });
  if (job.state !== 'succeeded') {
    const message = 'The film that this one is made from is not finished.';
    throw new AppError('invalid_request', message, { param, reason: 'video_not_ready' });
  }
  const blob = await parts.files.read(job.output.file.fileId, ownerId);
  if (!blob) throw new AppError('not_found', 'That film has expired.', { param, subject: 'file' });
  return collectBytes(blob.open());
}

/** The job of a film of the owner. Throws `not_found`. */
export async function findFilm(
  jobId: string,
  { jobs, ownerId, param }: { readonly jobs: JobService; readonly ownerId: string; readonly param: string },
): Promise<Job<'video'>> {
  const job = await jobs.find(jobId, ownerId);
  if (job?.kind === 'video') return job;
  throw new AppError('not_found', `There is no film '${jobId}'.`, { param, subject: 'job' });
}
