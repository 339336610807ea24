import { countWords, spanWords } from './wording.ts';

/** A job as the server tells of it. */
export interface Job {
  readonly id: string;
  readonly kind: 'request' | 'sound' | 'video';
  readonly dialect: string;
  readonly model?: string;
  /** What is answered later; absent for sounds and films. */
  readonly request?: { readonly method: string; readonly url: string };
  readonly state: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  readonly attempts: number;
  readonly progress: number;
  readonly position: number | null;
  readonly etaSeconds: number | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly expiresAt: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly warnings: readonly JobWarning[];
  readonly servedBy?: string;
  readonly standIn?: boolean;
  readonly links: { readonly file?: string; readonly thumbnail?: string };
}

interface JobWarning {
  readonly type: string;
  readonly setting: string;
  readonly reason?: string;
  readonly from?: string;
  readonly to?: string;
  readonly instead?: string;
}

/** One page of a list of jobs. */
export interface JobList {
  readonly jobs: readonly Job[];
  readonly nextAfter: string | null;
}

/** Where a job is looked after. */
export function addressOf({ id }: Pick<Job, 'id'>, part = ''): string {
  return `/antiphon/v1/jobs/${encodeURIComponent(id)}${part}`;
}

/** The way to a file that needs no key, on this server under whatever name it was reached. */
export function filePath(link: string): string {
  return link.slice(Math.max(0, link.indexOf('/antiphon/v1/files/')));
}

/** Whether something may still come of it by itself. */
export function isActive({ state }: Job): boolean {
  return state === 'queued' || state === 'running';
}

/** What a request makes, told from its address. The first that fits counts. */
const ROUTES: readonly (readonly [pattern: RegExp, title: string])[] = [
  [/speech-to-speech/, 'Voice conversion'],
  [/audio-isolation/, 'Voice isolation'],
  [/text-to-dialogue/, 'Dialogue'],
  [/text-to-voice|voice-design/, 'Voice design'],
  [/text-to-speech|audio\/speech/, 'Speech'],
  [/translation/, 'Translation'],
  [/speech-to-text|transcription|\/stt/, 'Transcript'],
  [/sound-generation/, 'Sound effect'],
  [/music/, 'Music'],
  [/images?\//, 'Pictures'],
  [/chat/, 'Chat'],
];

/** What a job makes, in a word or two. */
export function titleOf({ kind, request }: Job): string {
  if (kind === 'video') return 'Film';
  if (kind === 'sound') return 'Sound';
  return ROUTES.find(([pattern]) => pattern.test(request?.url ?? ''))?.[1] ?? 'Request';
}

/** The states in words. */
export const STATES = {
  queued: 'Waiting',
  running: 'Running',
  succeeded: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
} as const satisfies Readonly<Record<Job['state'], string>>;

/** How far a job is and what it waits for. */
export function outlookOf({ state, position, etaSeconds, progress }: Job): string {
  const eta = etaSeconds === null ? '' : `, done in about ${spanWords(etaSeconds)}`;
  if (state === 'queued') {
    if (position === null) return `Waits for its turn${eta}`;
    return `${position === 0 ? 'Next in line' : `${countWords(position, 'job')} before it`}${eta}`;
  }
  return state === 'running' ? `${Math.round(progress * 100)} %${eta}` : '';
}

/** What was not done as asked. */
export function warningWords({ type, setting, reason, from, to, instead }: JobWarning): string {
  if (type === 'adjusted') return `“${setting}” was changed from ${from} to ${to}.`;
  if (type === 'deprecated') return `“${setting}” is out of date; use ${instead}.`;
  return `“${setting}” was passed over: ${reason}`;
}
