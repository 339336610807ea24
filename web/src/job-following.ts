import { ask, load } from './connection.ts';
import { readEvents } from './event-reader.ts';
import { addressOf, isActive, type Job } from './jobs.ts';

/** What is wished of somebody who follows a job. */
export interface Following {
  /** Ends the following, not the job. */
  readonly signal: AbortSignal;
  readonly onJob: (job: Job) => void;
}

/** Follows a job to its end and gives what came of it. Throws with the reason where nothing did. */
export async function followJob(id: string, { signal, onJob }: Following): Promise<Job> {
  const headers = { accept: 'text/event-stream' };
  for await (const { data } of readEvents(await ask(addressOf({ id }, '/events'), { headers, signal }))) {
    const job: Job = JSON.parse(data);
    onJob(job);
    if (isActive(job)) continue;
    if (job.state === 'succeeded') return job;
    throw new Error(job.error?.message ?? 'It was cancelled.');
  }
  throw new Error('The line to the server was cut. The page “Jobs” shows what becomes of it.');
}

/** Ends a job. One that is over already stays as it is. */
export async function cancelJob(id: string): Promise<void> {
  const job = await load<Job>(addressOf({ id }));
  if (isActive(job)) await ask(addressOf({ id }), { method: 'DELETE' });
}

/** The file that a job has made. */
export async function resultOf(id: string, signal: AbortSignal): Promise<Blob> {
  return (await ask(addressOf({ id }, '/result'), { signal })).blob();
}
