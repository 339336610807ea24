import type { Clock } from '../ports/clock.ts';
import type { DueNotice, JobStore } from '../ports/job-store.ts';
import type { Logger } from '../ports/logger.ts';
import type { WebhookSender } from '../ports/webhook-sender.ts';
import type { AnyJob } from './job.ts';

/** What the announcing of ends is made of. */
export interface AnnouncerParts {
  readonly store: Pick<JobStore, 'claimNotice' | 'settleNotice'>;
  readonly webhooks: WebhookSender;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
}

/** What a receiver is told of a job. */
export type JobDescription = (job: AnyJob) => Promise<unknown>;

/** Tells webhooks of the ends of jobs, again and again until somebody listens. */
export interface JobAnnouncer {
  /** Says how a job is described; nothing is announced before. */
  describeWith(describe: JobDescription): void;
  /** Begins to send what is due. */
  announce(): Promise<void>;
  /** Cuts what is being sent; it is due again later. */
  stop(): Promise<void>;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Waits between the tries: 28 hours in all, or until the job is forgotten. */
const BACKOFFS_MS: readonly number[] = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
  8 * HOUR_MS,
  12 * HOUR_MS,
];

/** A try that a process began and never settled is due again after this. */
const TRY_MS = 30 * SECOND_MS;

/** How long a receiver may take, in milliseconds: shorter than the try. */
const ANSWER_MS = 20 * SECOND_MS;

/** Messages that are on their way at the same time. */
const AT_ONCE = 8;

/** The receiver wants no more messages (RFC 9110, section 15.5.11, and Standard Webhooks). */
const GONE = 410;

/** Makes an announcer. `onRoom` is called whenever it could send one more. */
export function createJobAnnouncer(parts: AnnouncerParts, onRoom: () => void): JobAnnouncer {
  const { store, clock, log } = parts;
  const sending = new Set<Promise<void>>();
  const end = new AbortController();
  let describe: JobDescription | undefined;
  const send = async (notice: DueNotice, describeJob: JobDescription) => {
    try {
      await deliver(notice, { ...parts, describe: describeJob, signal: end.signal });
    } catch (error) {
      log.error({ jobId: notice.job.id, error }, 'webhook-settling-failed');
    }
  };
  return {
    describeWith: (given) => {
      describe = given;
    },
    announce: async () => {
      const how = describe;
      if (!how) return;
      while (sending.size < AT_ONCE && !end.signal.aborted) {
        const now = clock.now();
        const notice = await store.claimNotice({ now, againAt: now + TRY_MS });
        if (!notice) return;
        const sent: Promise<void> = send(notice, how).finally(() => {
          sending.delete(sent);
          onRoom();
        });
        sending.add(sent);
      }
    },
    stop: async () => {
      end.abort();
      await Promise.all(sending);
    },
  };
}

interface Delivery extends AnnouncerParts {
  readonly describe: JobDescription;
  readonly signal: AbortSignal;
}

async function deliver({ job, attempts }: DueNotice, delivery: Delivery): Promise<void> {
  const { store, clock, log, signal } = delivery;
  if (!job.webhook || job.state === 'queued' || job.state === 'running') return;
  const { finishedAt } = job;
  const status = await post(job, finishedAt, delivery);
  if (signal.aborted && status === undefined) return;
  const isTaken = status !== undefined && status >= 200 && status < 300;
  const wait = isTaken || status === GONE ? undefined : BACKOFFS_MS[attempts - 1];
  const settled = wait === undefined ? { finishedAt } : { finishedAt, againAt: clock.now() + wait };
  await store.settleNotice(job.id, settled);
  log.info({ jobId: job.id, status, attempts, isTaken, againInMs: wait }, 'webhook-sent');
}

/** The status of the receiver's answer; undefined when there is none. */
async function post(
  job: AnyJob & { readonly webhook?: { readonly url: string; readonly secret?: string } },
  finishedAt: number,
  { describe, webhooks, log, signal }: Delivery,
): Promise<number | undefined> {
  const { url = '', secret } = job.webhook ?? {};
  const message = {
    // One end has one id, however often it is sent; a job that begins anew ends anew.
    id: `msg_${job.id}_${finishedAt}`,
    url,
    ...(secret === undefined ? {} : { secret }),
    body: JSON.stringify({
      type: `job.${job.state}`,
      timestamp: new Date(finishedAt).toISOString(),
      data: await describe(job),
    }),
  };
  try {
    return await webhooks.send(message, AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]));
  } catch (error) {
    log.info({ jobId: job.id, error }, 'webhook-failed');
    return undefined;
  }
}
