import { AppError } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import { audioFormats } from '../../media/formats/index.ts';
import type { RequestContext } from '../context.ts';
import { fileBlobId } from '../files/file-keeping.ts';
import type { FileService } from '../files/file-service.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import { jobFileId } from './job-file-ids.ts';
import type { JobHandler, JobWork } from './job-service.ts';
import type { JobError } from './job.ts';
import type { KeptRequest, KeptResponse } from './kept-request.ts';
import { RefusedRequest, type Refusal } from './refused-request.ts';

/** A kept request on its way to its dialect. */
export interface ReplayedRequest extends Pick<KeptRequest, 'method' | 'url' | 'headers'> {
  /** Shows the dialect whose request this is; worth something only while it is answered. */
  readonly token: string;
  readonly body: AsyncIterable<Uint8Array> | undefined;
}

/** The answer as it comes. */
export interface ReplayedResponse extends Pick<KeptResponse, 'status' | 'headers'> {
  readonly body: AsyncIterable<Uint8Array>;
}

/** Answers a request as if it had just come in. */
export type RequestReplay = (request: ReplayedRequest, signal: AbortSignal) => Promise<ReplayedResponse>;

/** Requests that are answered later, by whoever answers requests. */
export interface KeptRequests {
  readonly handler: JobHandler<'request'>;
  /** Says who answers. */
  answerWith(replay: RequestReplay): void;
  /** For whom a replayed request is answered; undefined when the token is none of ours. */
  findContext(token: string): RequestContext | undefined;
  /** Says why the request of this token is refused, so that the job knows more than a status. */
  noteRefusal(token: string, refusal: Refusal): void;
}

/** What the answering of kept requests is made of. */
export interface KeptRequestParts {
  readonly files: FileService;
  readonly blobs: BlobStore;
}

interface Answering {
  readonly context: RequestContext;
  refusal?: Refusal;
}

/** Builds it. */
export function createKeptRequests({ files, blobs }: KeptRequestParts): KeptRequests {
  const answering = new Map<string, Answering>();
  let replay: RequestReplay | undefined;
  const answer = async ({ job, context }: JobWork<'request'>): Promise<KeptResponse> => {
    if (!replay) throw new AppError('overloaded', 'This process answers no requests.');
    const token = randomHex(32);
    const own: Answering = { context };
    answering.set(token, own);
    try {
      const { method, url, headers } = job.input;
      const body = await bodyOf(job.input, blobs);
      const response = await replay({ method, url, headers, token, body }, context.signal);
      const kept = await keep(response, job, files);
      if (kept.status < 400) return kept;
      throw new RefusedRequest(own.refusal ?? refusalOf(kept.status), kept);
    } finally {
      answering.delete(token);
    }
  };
  return {
    handler: answer,
    answerWith: (given) => {
      replay = given;
    },
    findContext: (token) => answering.get(token)?.context,
    noteRefusal: (token, refusal) => {
      const own = answering.get(token);
      if (own) own.refusal = refusal;
    },
  };
}

async function bodyOf(
  { body }: KeptRequest,
  blobs: BlobStore,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  if (!body) return undefined;
  const blob = await blobs.find(body.blob);
  if (!blob) throw new AppError('internal', 'The body of this request is gone.', { reason: 'body_gone' });
  return blob.open();
}

async function keep(
  { status, headers, body }: ReplayedResponse,
  { id, ownerId }: JobWork<'request'>['job'],
  files: FileService,
): Promise<KeptResponse> {
  const mediaType = headers['content-type'] ?? 'application/octet-stream';
  const file = await files
    .keep({ id: jobFileId(id, 'main'), ownerId, mediaType, filename: filenameOf(mediaType), bytes: body })
    .catch((cause: unknown) => {
      // After the first byte a dialect can only cut the answer.
      if (cause instanceof AppError) throw cause;
      throw new AppError('engine_failed', 'The answer broke off before its end.', { cause });
    });
  return { status, headers, blob: fileBlobId(file.id), byteLength: file.byteLength };
}

/** By media type: what formats say of themselves, and what vendors call some of them. */
const ENDINGS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(audioFormats.map(({ mediaType, extension }) => [mediaType, extension])),
  'application/json': 'json',
  'application/zip': 'zip',
  'audio/ogg': 'ogg',
  'audio/opus': 'opus',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'text/event-stream': 'txt',
  'text/plain': 'txt',
  'text/vtt': 'vtt',
  'video/mp4': 'mp4',
};

function filenameOf(mediaType: string): string {
  const bare = mediaType.split(';')[0]?.trim().toLowerCase() ?? '';
  return `answer.${ENDINGS[bare] ?? 'bin'}`;
}

/** What a bare status says, where a dialect said no more. */
const CODES: Readonly<Record<number, JobError['code']>> = {
  401: 'unauthenticated',
  402: 'quota_exceeded',
  403: 'permission_denied',
  404: 'not_found',
  409: 'conflict',
  413: 'payload_too_large',
  415: 'unsupported_media',
  422: 'unsupported_feature',
  429: 'rate_limited',
  502: 'engine_failed',
  503: 'overloaded',
  504: 'timed_out',
};

function refusalOf(status: number): Refusal {
  const code = CODES[status] ?? (status < 500 ? 'invalid_request' : 'internal');
  return { code, message: `The request was answered with status ${status}.` };
}
