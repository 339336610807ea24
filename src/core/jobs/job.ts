import type { ErrorCode } from '../../base/errors.ts';
import type { SoundRequest } from '../sound/sound.ts';
import type { VideoRequest } from '../video/video.ts';
import type { Warning } from '../warning.ts';
import type { KeptRequest, KeptResponse } from './kept-request.ts';

/** What each kind of job is asked, and what it leaves when it succeeds. Both can be written down as JSON. */
export interface JobKinds {
  /** Any request to any dialect, answered later. */
  readonly request: { readonly input: KeptRequest; readonly output: KeptResponse };
  readonly sound: { readonly input: SoundRequest; readonly output: JobOutput };
  readonly video: { readonly input: VideoRequest; readonly output: VideoJobOutput };
}

/** One of the kinds of jobs. */
export type JobKind = keyof JobKinds;

/** A file that a job made, kept in the blob store. */
export interface JobFile {
  /** Id under which the file service knows it. */
  readonly fileId: string;
  readonly mediaType: string;
  readonly byteLength: number;
}

/** What a job that made something leaves. */
export interface JobOutput {
  readonly file: JobFile;
  readonly warnings: readonly Warning[];
  /** `<engine>/<model>` that made it. */
  readonly servedBy: string;
  readonly standIn: boolean;
}

/** What a job that made a film leaves; the pictures exist where the engine gave any. */
export interface VideoJobOutput extends JobOutput {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly framesPerSecond: number;
  readonly seed: number;
  readonly thumbnail?: JobFile;
  readonly spritesheet?: JobFile;
}

/** Who goes first among the jobs of one owner: somebody waits for an interactive one, nobody for one of a batch. */
export type JobPriority = 'interactive' | 'batch';

/** Why a job failed, for the caller to read. */
export interface JobError {
  readonly code: ErrorCode;
  readonly message: string;
  /** The field at fault, as the caller spelled it. */
  readonly param?: string;
  /** What a request that was refused was answered, in its dialect's words. */
  readonly answer?: KeptResponse;
}

/** Why what was written down of a job cannot be understood here: an older, a newer or no program wrote it like this. */
export type PayloadProblem = 'unknown_shape' | 'newer_version' | 'damaged';

/** What every job has, whatever its state. Times are in milliseconds since 1970. */
export interface JobFacts<Kind extends JobKind = JobKind> {
  /** A random UUID, version 4. */
  readonly id: string;
  readonly kind: Kind;
  readonly ownerId: string;
  /** The dialect that it came through; only for lists, every dialect may look at every job of the owner. */
  readonly dialect: string;
  /** The public model name that was asked for. */
  readonly model: string;
  readonly priority: JobPriority;
  readonly input: JobKinds[Kind]['input'];
  /** What the dialect wants to know again when it shows the job, in its own words. */
  readonly notes: Readonly<Record<string, string>>;
  /** Where the end of the job is announced. */
  readonly webhook?: JobWebhook;
  readonly createdAt: number;
  /** How often it was begun, 0 while it never was. */
  readonly attempts: number;
  /** What the request that ordered it was a part of (`traceparent` of W3C Trace Context). */
  readonly traceparent?: string;
  /** Where an engine of its own works at it, as the engine told. */
  readonly engineReference?: string;
  /** Why it cannot be done by this program; its input asks for nothing then. */
  readonly payloadProblem?: PayloadProblem;
}

/** An address that is told of the end of a job. */
export interface JobWebhook {
  readonly url: string;
  /** Bytes in base64 with which the message is signed; the installation's own secret when absent. */
  readonly secret?: string;
  /** Where the caller reached this server, for the addresses in the message. */
  readonly origin?: string;
}

/** A job in one of its states, with exactly the facts that exist in it. */
export type Job<Kind extends JobKind = JobKind> = JobFacts<Kind> &
  (
    | { readonly state: 'queued' }
    | { readonly state: 'running'; readonly startedAt: number; readonly progress: number }
    | {
        readonly state: 'succeeded';
        readonly startedAt: number;
        readonly finishedAt: number;
        /** When the job and what it made are forgotten. */
        readonly expiresAt: number;
        readonly output: JobKinds[Kind]['output'];
      }
    | {
        readonly state: 'failed';
        readonly startedAt: number | undefined;
        readonly finishedAt: number;
        readonly expiresAt: number;
        readonly error: JobError;
      }
    | { readonly state: 'cancelled'; readonly finishedAt: number; readonly expiresAt: number }
  );

/** Jobs of every kind: what `kind` says tells the shapes of input and output apart. */
export type AnyJob = { [Kind in JobKind]: Job<Kind> }[JobKind];
