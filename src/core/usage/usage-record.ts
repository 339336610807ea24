import { isProcessEnd, toAppError } from '../../base/errors.ts';
import type { RequestContext } from '../context.ts';
import type { Capability } from '../models/model.ts';

/** What one request used; what is absent is none. */
export interface Use {
  readonly capability: Capability;
  /** The name that was asked for. */
  readonly model: string;
  /** `<engine>/<model>` that did the work; absent where nothing came of it. */
  readonly servedBy?: string;
  /** Characters of text, in code points. */
  readonly characters?: number;
  /** Seconds of sound and film, heard or made. */
  readonly audioSeconds?: number;
  readonly pictures?: number;
  /** How long the engine was taken up. */
  readonly engineSeconds?: number;
  /** How fast sound came, where it came bit by bit. */
  readonly pace?: Pace;
  /** Whether our side failed. */
  readonly failed?: boolean;
}

/** How fast sound came, in milliseconds. */
export interface Pace {
  /** Until the first of it was there. */
  readonly firstMs: number;
  /** From then until the last was made, or the caller went away. */
  readonly flowMs: number;
}

/** What one request used, and who sent it. */
export interface UsageRecord extends Use {
  readonly principalId: string;
  /** Id of the dialect in whose words it came. */
  readonly dialect: string;
}

/** Counts what is used. */
export interface UsageCounter {
  /** Waits for nothing and never fails. */
  add(record: UsageRecord): void;
}

type Caller = Pick<RequestContext, 'principal' | 'dialect' | 'signal' | 'span'>;

/** Counts what a request used. Work that is cut because this process ends is counted by the process that takes it up. */
export function countUse(usage: UsageCounter, use: Use, { principal, dialect, signal, span }: Caller): void {
  if (isProcessEnd(signal)) return;
  const { capability, model, servedBy, characters, audioSeconds, pictures } = use;
  span?.note({ capability, model, servedBy, characters, audioSeconds, pictures });
  usage.add({ ...use, principalId: principal.id, dialect });
}

/** Does what a request wants, and counts the request as failed where our side fails before anything came of it. */
export async function countingFailures<Result>(
  usage: UsageCounter,
  { use, context }: { readonly use: Use; readonly context: Caller },
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (isOurFault(error) && !context.signal.aborted) countUse(usage, { ...use, failed: true }, context);
    throw error;
  }
}

/** Whether something went wrong here or in an engine, rather than in what was asked for or for want of room. */
export function isOurFault(thrown: unknown): boolean {
  const { code, status } = toAppError(thrown);
  return status >= 500 && code !== 'overloaded';
}
