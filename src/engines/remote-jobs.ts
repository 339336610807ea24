import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, cancelledError, isProcessEnd } from '../base/errors.ts';
import { isRecord } from './remote-errors.ts';
import type { RemoteReply } from './remote-reply.ts';

/** Where a job is that a server elsewhere works at: its address, and the server's own id of the job. */
export interface RemoteReference {
  readonly url: string;
  readonly id: string;
}

/** How often a server is asked how far it is, in milliseconds: each time half as long again, up to a limit. */
export interface PollTimes {
  readonly first: number;
  readonly most: number;
}

/** Quick for short jobs, and no burden on a server that works for minutes. */
export const USUAL_POLLS: PollTimes = { first: 250, most: 3000 };

/** A reference as it is kept with a job. */
export function writeReference({ url, id }: RemoteReference): string {
  return JSON.stringify({ url, id });
}

/** What was kept; undefined for what is no reference. */
export function readReference(text: string | undefined): RemoteReference | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value)) return undefined;
    const { url, id } = value;
    return typeof url === 'string' && typeof id === 'string' ? { url, id } : undefined;
  } catch {
    return undefined;
  }
}

/** Moments at which to ask again, for ever. Throws `cancelled` at the signal's abort. */
export async function* pollMoments({ first, most }: PollTimes, signal: AbortSignal): AsyncGenerator<void> {
  for (let milliseconds = first; ; milliseconds = Math.min(most, milliseconds * 1.5)) {
    try {
      await sleep(milliseconds, undefined, { signal });
    } catch {
      throw cancelledError();
    }
    yield;
  }
}

/** Does something within a time. Throws `timed_out` when it takes longer, having aborted the signal that it got. */
export async function withinTime<Result>(
  seconds: number | undefined,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  if (seconds === undefined) return work(signal);
  const limit = AbortSignal.timeout(seconds * 1000);
  try {
    return await work(AbortSignal.any([signal, limit]));
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error;
    throw new AppError('timed_out', `The engine's server did not finish within ${seconds} s.`, {
      cause: error,
    });
  }
}

/** An answer as a JSON object. Throws `engine_failed` for anything else. */
export async function recordOf(reply: RemoteReply): Promise<Readonly<Record<string, unknown>>> {
  const text = new TextDecoder().decode(await reply.collect());
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw notJson(reply, cause);
  }
  if (!isRecord(value)) throw notJson(reply);
  return value;
}

function notJson({ contentType }: RemoteReply, cause?: unknown): AppError {
  const type = contentType === '' ? 'no type' : `the type ${contentType}`;
  return new AppError(
    'engine_failed',
    `The engine's server answered with something that is no JSON, under ${type}.`,
    {
      cause,
      reason: 'no_json',
    },
  );
}

/** Whether a job that was left is to be ended at its server: not where another process of ours takes it up there. */
export function isUnwanted({
  signal,
  remember,
}: {
  readonly signal: AbortSignal;
  readonly remember?: unknown;
}): boolean {
  return signal.aborted && !(remember !== undefined && isProcessEnd(signal));
}

/** The server does not know a job any more that it had accepted. */
export function lostJob(): AppError {
  return new AppError(
    'engine_failed',
    "The engine's server does not know the job any more: it was probably restarted, and begins with nothing.",
    { reason: 'job_lost' },
  );
}
