import { load, post } from '../connection.ts';
import { followJob, resultOf } from '../job-following.ts';
import { warningWords, type Job } from '../jobs.ts';
import { notesOf } from '../speech/speech-notes.ts';
import type { MusicPlan } from './music-plan.ts';
import { planBody, type SoundCall, type SoundWish } from './sound-wish.ts';

/** A sound that was made. */
export interface MadeSound {
  readonly sound: Blob;
  readonly notes: {
    readonly model: string;
    readonly isStandIn: boolean;
    readonly warnings: readonly string[];
  };
}

/** How its making goes. */
export interface SoundReports {
  readonly signal: AbortSignal;
  /** Where it is made in a job. */
  readonly onJob: (job: Job) => void;
}

/** Has a sound made by whichever vendor's API the call is for. */
export async function makeSound(call: SoundCall, reports: SoundReports): Promise<MadeSound> {
  const { signal } = reports;
  if (call.vendor === 'AI/ML API') return makeInJob(call, reports);
  const answer = await post(`${call.path}?output_format=${call.format}`, call.body, { signal });
  return { notes: notesOf(answer), sound: await answer.blob() };
}

async function makeInJob({ path, body }: SoundCall, { signal, onJob }: SoundReports): Promise<MadeSound> {
  const { id }: { id: string } = await (await post(path, body, { signal })).json();
  const jobId = id.replace(/:.*$/, '');
  const job = await followJob(jobId, { signal, onJob });
  const { servedBy: model = '', standIn: isStandIn = false } = job;
  return {
    sound: await resultOf(jobId, signal),
    notes: { model, isStandIn, warnings: job.warnings.map(warningWords) },
  };
}

/** Has a piece laid out in sections. */
export async function layOut(wish: SoundWish, signal: AbortSignal): Promise<MusicPlan> {
  return load<MusicPlan>('/v1/music/plan', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(planBody(wish)),
    signal,
  });
}
