import type { Job } from '../../core/jobs/job.ts';

const PREFIX = 'video_';
/** Where the dashes of a UUID stand. */
const UUID_PARTS = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;

/** The vendor's words for how far a film is. */
const STATUS = {
  queued: 'queued',
  running: 'in_progress',
  succeeded: 'completed',
  failed: 'failed',
  cancelled: 'failed',
} as const satisfies Record<Job['state'], string>;

/** The id of a film with this vendor. */
export function videoIdOf(jobId: string): string {
  return `${PREFIX}${jobId.replaceAll('-', '')}`;
}

/** The job that an id stands for; for what is no id of a film, an id that no job has. */
export function jobIdOf(videoId: string): string {
  const hex = videoId.startsWith(PREFIX) ? videoId.slice(PREFIX.length) : videoId;
  const parts = UUID_PARTS.exec(hex);
  return parts ? parts.slice(1).join('-') : videoId;
}

/** A film as the vendor shows it: every key, null where there is nothing to say. */
export function videoObject(job: Job<'video'>) {
  const { notes, id, model, createdAt } = job;
  return {
    id: videoIdOf(id),
    object: 'video',
    model,
    status: STATUS[job.state],
    progress: progressOf(job),
    created_at: seconds(createdAt),
    completed_at: job.state === 'succeeded' ? seconds(job.finishedAt) : null,
    expires_at: 'expiresAt' in job ? seconds(job.expiresAt) : null,
    prompt: notes['prompt'] ?? job.input.wish.prompt,
    size: notes['size'] ?? null,
    seconds: notes['seconds'] ?? null,
    remixed_from_video_id: notes['remixed_from'] ?? null,
    error: errorOf(job),
  };
}

function progressOf(job: Job<'video'>): number {
  if (job.state === 'running') return Math.floor(job.progress * 100);
  return job.state === 'succeeded' ? 100 : 0;
}

function errorOf(job: Job<'video'>): { readonly code: string; readonly message: string } | null {
  if (job.state === 'cancelled') return { code: 'cancelled', message: 'The video was cancelled.' };
  return job.state === 'failed' ? { code: job.error.code, message: job.error.message } : null;
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
