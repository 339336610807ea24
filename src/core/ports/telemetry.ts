import type { UsageRecord } from '../usage/usage-record.ts';
import { silentSpan, type WorkSpan } from './work-span.ts';

/** The job whose work begins. */
export interface JobBeginning {
  readonly id: string;
  readonly kind: string;
  readonly attempts: number;
  /** What the request that ordered it was a part of. */
  readonly traceparent?: string;
}

/** How an engine's slot was used. */
export interface EngineUse {
  /** Id of the engine. */
  readonly engine: string;
  readonly waitedMs: number;
  readonly heldMs: number;
  /** Why nothing came of it; undefined when all went well, and when the caller went away. */
  readonly failure?: string;
}

/** Hears how the work goes, for those who watch over the server. Nothing here waits or fails. */
export interface Telemetry {
  /** Begins to follow a job, beside the request that ordered it. */
  beginJob(job: JobBeginning): WorkSpan;
  jobEnded(job: { readonly kind: string; readonly state: string }): void;
  engineUsed(use: EngineUse): void;
  used(record: UsageRecord): void;
}

/** For programs that nobody watches over. */
export const silentTelemetry: Telemetry = {
  beginJob: () => silentSpan,
  jobEnded: () => undefined,
  engineUsed: () => undefined,
  used: () => undefined,
};
