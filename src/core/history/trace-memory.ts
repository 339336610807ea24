import type { Clock } from '../ports/clock.ts';
import type { SpeechTrace } from '../speech/speech-surroundings.ts';

/** For so long after a speech others may join it. */
export const JOINABLE_MS = 2 * 60 * 60 * 1000;

/** Traces that are remembered at once; the oldest one makes room. A trace takes about a kilobyte. */
const MOST_TRACES = 10_000;

/** Which speech a trace is of. */
export interface TraceKey {
  readonly requestId: string;
  readonly ownerId: string;
}

/** Remembers for two hours, in memory only, what other speeches need to join one. */
export interface TraceMemory {
  remember(key: TraceKey, trace: SpeechTrace): void;
  find(key: TraceKey): SpeechTrace | undefined;
  forget(key: TraceKey): void;
  forgetOf(ownerId: string): void;
}

/** Makes the memory. */
export function createTraceMemory(clock: Clock): TraceMemory {
  const traces = new Map<string, { readonly trace: SpeechTrace; readonly at: number }>();
  const nameOf = ({ requestId, ownerId }: TraceKey) => JSON.stringify([ownerId, requestId]);
  const dropOld = () => {
    // A map keeps the order in which its entries came.
    for (const [name, { at }] of traces) {
      if (traces.size <= MOST_TRACES && clock.now() - at <= JOINABLE_MS) return;
      traces.delete(name);
    }
  };
  return {
    remember: (key, trace) => {
      traces.delete(nameOf(key));
      traces.set(nameOf(key), { trace, at: clock.now() });
      dropOld();
    },
    find: (key) => {
      dropOld();
      return traces.get(nameOf(key))?.trace;
    },
    forget: (key) => void traces.delete(nameOf(key)),
    forgetOf: (ownerId) => {
      const beginning = `${JSON.stringify([ownerId]).slice(0, -1)},`;
      for (const name of traces.keys()) if (name.startsWith(beginning)) traces.delete(name);
    },
  };
}
