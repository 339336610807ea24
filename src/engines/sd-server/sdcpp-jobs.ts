import { AppError, isAbort, toAppError } from '../../base/errors.ts';
import type { RemoteValue } from '../../core/models/remote.ts';
import type { WorkSpan } from '../../core/ports/work-span.ts';
import { isRecord, readErrorObject } from '../remote-errors.ts';
import { jsonBody } from '../remote-fields.ts';
import {
  isUnwanted,
  lostJob,
  pollMoments,
  readReference,
  recordOf,
  writeReference,
  type PollTimes,
} from '../remote-jobs.ts';
import type { RemoteLink } from '../remote-link.ts';
import type { Replicas, Seat } from '../remote-replicas.ts';

/** The two things that the server makes. */
export type SdcppMode = 'img_gen' | 'vid_gen';

/** What the jobs of one remote have in common. */
export interface SdcppJobs {
  readonly replicas: Replicas;
  readonly polls: PollTimes;
  /** Fires when the engine is stopped: nobody looks after jobs that were given up any more. */
  readonly ended: AbortSignal;
}

/** A job for the server. */
export interface SdcppOrder {
  readonly mode: SdcppMode;
  readonly fields: Readonly<Record<string, RemoteValue>>;
  readonly signal: AbortSignal;
  readonly span?: WorkSpan | undefined;
  readonly tell: (fraction: number) => void;
  /** What `remember` kept when the job was begun before. */
  readonly reference?: string | undefined;
  readonly remember?: ((reference: string) => Promise<void>) | undefined;
}

type JobFacts = Readonly<Record<string, unknown>>;

const JSON_BYTES = 1024 * 1024;
/** A film of a minute in pictures of its own each, in base64. */
const RESULT_BYTES = 1024 * 1024 * 1024;
/** Questions in a row that may fail before a job is given up. */
const PATIENCE = 5;

/** Has a job done and returns its result. Throws what the server refused, `engine_failed`, `overloaded` or `cancelled`. */
export async function doSdcppJob(order: SdcppOrder, jobs: SdcppJobs): Promise<JobFacts> {
  const begun = (await findBegun(order, jobs)) ?? (await begin(order, jobs));
  const { seat, id } = begun;
  try {
    const result = await follow(begun, order, jobs);
    seat.leave();
    return result;
  } catch (error) {
    seat.leave(isUnwanted(order) ? giveUp(seat.link, id, jobs) : undefined);
    throw error;
  }
}

interface BegunJob {
  readonly seat: Seat;
  readonly id: string;
}

/** A job that the same server still has, so that it need not be begun anew. */
async function findBegun(
  { reference, signal }: SdcppOrder,
  { replicas }: SdcppJobs,
): Promise<BegunJob | undefined> {
  const known = readReference(reference);
  const seat = known && replicas.sitAt(known.url);
  if (!known || !seat) return undefined;
  try {
    const facts = await look(seat.link, known.id, signal);
    const status = facts?.['status'];
    if (status === 'queued' || status === 'generating' || status === 'completed')
      return { seat, id: known.id };
  } catch (error) {
    if (signal.aborted) {
      seat.leave();
      throw error;
    }
    // A server that cannot be asked has no job for us either.
  }
  seat.leave();
  return undefined;
}

async function begin(
  { mode, fields, signal, span, remember }: SdcppOrder,
  { replicas }: SdcppJobs,
): Promise<BegunJob> {
  const seat = await replicas.sit(signal);
  try {
    const reply = await seat.link.call({
      method: 'POST',
      path: `/sdcpp/v1/${mode}`,
      body: jsonBody(fields),
      signal,
      span,
      maxBytes: JSON_BYTES,
    });
    const { id } = await recordOf(reply);
    if (typeof id !== 'string' || id === '') {
      throw new AppError('engine_failed', "The engine's server accepted the job without giving it an id.");
    }
    await remember?.(writeReference({ url: seat.url, id }));
    return { seat, id };
  } catch (error) {
    seat.leave();
    throw error;
  }
}

async function follow({ seat, id }: BegunJob, order: SdcppOrder, { polls }: SdcppJobs): Promise<JobFacts> {
  const { signal, tell } = order;
  const progress = progressOf(tell);
  let failures = 0;
  for await (const _ of pollMoments(polls, signal)) {
    const facts = await patiently(() => look(seat.link, id, signal), (failures += 1));
    if (facts === 'again') continue;
    failures = 0;
    if (!facts) throw lostJob();
    const { status, result } = facts;
    if (status === 'completed' && isRecord(result)) return result;
    if (status === 'failed' || status === 'cancelled' || status === 'completed') throw failed(facts);
    progress(facts);
  }
  throw new AppError('internal', 'Nobody waits for the job any more.');
}

/** A server that cannot be asked for a moment may still be at work. */
async function patiently(
  ask: () => Promise<JobFacts | undefined>,
  tries: number,
): Promise<JobFacts | undefined | 'again'> {
  try {
    return await ask();
  } catch (error) {
    const failure = toAppError(error);
    const passing =
      failure.code === 'overloaded' || (failure.code === 'engine_failed' && failure.reason !== 'expired');
    if (!passing || isAbort(error) || tries >= PATIENCE) throw failure;
    return 'again';
  }
}

/** How a job is; undefined when the server does not know it. */
async function look(link: RemoteLink, id: string, signal: AbortSignal): Promise<JobFacts | undefined> {
  const reply = await link.call({
    method: 'GET',
    path: `/sdcpp/v1/jobs/${encodeURIComponent(id)}`,
    signal,
    maxBytes: RESULT_BYTES,
    alsoAnswers: [404, 410],
  });
  const facts = await recordOf(reply);
  if (reply.status === 410) {
    throw new AppError('engine_failed', "The job's result has expired at the engine's server.", {
      reason: 'expired',
    });
  }
  return reply.status === 404 ? undefined : facts;
}

/** The server tells only who goes before: waiting is counted as a quarter of the way, and the work as half. */
function progressOf(tell: (fraction: number) => void): (facts: JobFacts) => void {
  let longest = 1;
  return ({ status, queue_position: position }) => {
    if (status === 'generating') return tell(0.5);
    if (typeof position !== 'number') return;
    longest = Math.max(longest, position);
    tell(0.25 * (1 - position / (longest + 1)));
  };
}

function failed({ status, error }: JobFacts): AppError {
  const words = readErrorObject({ error }).message ?? `the job is ${String(status)} there`;
  return new AppError('engine_failed', `The engine's server did not make it: ${words.slice(0, 300)}`, {
    reason: 'generation_failed',
  });
}

/** Cancels a job, and resolves when the server is not at it any more: what is being made cannot always be stopped. */
async function giveUp(link: RemoteLink, id: string, { polls, ended }: SdcppJobs): Promise<void> {
  const path = `/sdcpp/v1/jobs/${encodeURIComponent(id)}/cancel`;
  await link.call({
    method: 'POST',
    path,
    signal: ended,
    maxBytes: RESULT_BYTES,
    alsoAnswers: [404, 409, 410],
  });
  for await (const _ of pollMoments(polls, ended)) {
    const facts = await look(link, id, ended);
    if (facts?.['status'] !== 'generating' && facts?.['status'] !== 'queued') return;
  }
}
