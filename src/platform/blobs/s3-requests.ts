import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { AwsClient } from 'aws4fetch';
import { AppError, SHORTAGE } from '../../base/errors.ts';
import type { S3Place } from './s3-address.ts';

/** A request to the service. */
export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Id of the blob; absent for the bucket itself. */
  readonly id?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** Cuts the request, and the reading of its answer. */
  readonly signal?: AbortSignal;
}

/** How patient requests are. */
export interface S3Patience {
  /** Until an answer begins, in milliseconds; a body of 8 MB is sent within it. */
  readonly answerMs: number;
  readonly tries: number;
  /** Before the second try; doubled before each further one. */
  readonly backoffMs: number;
}

export const USUAL_PATIENCE: S3Patience = { answerMs: 30_000, tries: 4, backoffMs: 200 };

/** When whoever was refused may come again. */
const COME_AGAIN_MS = 2000;

/** Sends signed requests. A service that fails in passing is asked again; one that goes on failing is `overloaded`. */
export type S3Requests = (request: S3Request) => Promise<Response>;

/** Makes the sender of requests. Answers with a status below 500, other than 429, are for the caller to judge. */
export function createS3Requests(place: S3Place, patience: S3Patience): S3Requests {
  const { accessKeyId, secretAccessKey, sessionToken, region } = place;
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    region,
    service: 's3',
  });
  return async (request) => {
    const url = urlOf(place, request);
    let failure: unknown;
    for (let tries = 0; tries < patience.tries; tries += 1) {
      if (tries > 0) await pause(patience.backoffMs * 2 ** (tries - 1));
      const answer = await once(client, { ...request, url }, patience).catch((error: unknown) => ({ error }));
      if (!('error' in answer)) return answer;
      failure = answer.error;
      if (request.signal?.aborted) throw failure;
    }
    throw blobsAway(failure);
  };
}

/** The refusal of a caller when the service does not answer as it should. */
export function blobsAway(cause: unknown): AppError {
  return new AppError('overloaded', 'The store of files does not answer at the moment. Try again shortly.', {
    retryAfterMs: COME_AGAIN_MS,
    reason: SHORTAGE,
    cause,
  });
}

/** Throws for what the service refuses for good: a wrong bucket, missing rights. */
export async function refuseRefusal(answer: Response, request: string): Promise<Response> {
  if (answer.ok) return answer;
  const said = (await answer.text()).slice(0, 500);
  throw new AppError('internal', 'The store of files refuses what the server asks of it.', {
    cause: new Error(`${request}: ${answer.status} ${said}`),
  });
}

function urlOf({ bucketUrl, prefix }: S3Place, { id, query = {} }: S3Request): string {
  const path = id === undefined ? bucketUrl : `${bucketUrl}/${prefix}${id}`;
  const search = new URLSearchParams(query).toString();
  return search === '' ? path : `${path}?${search}`;
}

async function once(
  client: AwsClient,
  { method, url, headers = {}, body, signal }: S3Request & { readonly url: string },
  { answerMs }: S3Patience,
): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error(`No answer within ${answerMs} ms.`)), answerMs);
  try {
    // The service compares the digest, so that bytes that were spoilt on the way are never kept.
    const digest = createHash('sha256')
      .update(body ?? '')
      .digest('hex');
    const signed = await client.sign(url, {
      method,
      headers: { ...headers, 'x-amz-content-sha256': digest },
      ...(body ? { body } : {}),
    });
    const answer = await fetch(signed, {
      signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
    });
    if (answer.status < 500 && answer.status !== 429) return answer;
    throw new Error(`${method}: ${answer.status} ${(await answer.text()).slice(0, 500)}`);
  } finally {
    clearTimeout(timer);
  }
}
