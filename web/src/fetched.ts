import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { apiKey, load, Refusal } from './connection.ts';

/** What the server tells at an address, and whatever kept it from telling. */
export interface Fetched<Shape> {
  /** Absent until it has come, and when the visitor may not see it. */
  readonly value: Signal<Shape | undefined>;
  readonly problem: Signal<Error | undefined>;
  readonly busy: Signal<boolean>;
  readonly reload: () => Promise<void>;
}

/** Asks for something now, whenever the address or the key changes, and when told to. Without an address it asks nothing. */
export function useFetched<Shape>(path: string | undefined): Fetched<Shape> {
  const value = useSignal<Shape | undefined>(undefined);
  const problem = useSignal<Error | undefined>(undefined);
  const busy = useSignal(false);
  const latest = useSignal<AbortController | undefined>(undefined);
  const reload = async (): Promise<void> => {
    latest.peek()?.abort();
    if (path === undefined) return;
    const own = new AbortController();
    latest.value = own;
    busy.value = true;
    try {
      const answer = await load<Shape>(path, { signal: own.signal });
      if (own.signal.aborted) return;
      value.value = answer;
      problem.value = undefined;
    } catch (error) {
      if (own.signal.aborted) return;
      problem.value = error instanceof Error ? error : new Error(String(error));
      if (isClosed(problem.peek())) value.value = undefined;
    } finally {
      if (latest.peek() === own) busy.value = false;
    }
  };
  useEffect(() => {
    void reload();
    return () => latest.peek()?.abort();
  }, [path, apiKey.value]);
  return { value, problem, busy, reload };
}

/** Whether the server keeps something from whoever asks, which is no failure of anything. */
export function isClosed(problem: Error | undefined): boolean {
  return problem instanceof Refusal && (problem.status === 401 || problem.status === 403);
}

/** Does something again and again for as long as somebody looks. */
export function useEvery(milliseconds: number, work: () => void, isWanted = true): void {
  const latest = useRef(work);
  latest.current = work;
  useEffect(() => {
    if (!isWanted) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) latest.current();
    }, milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds, isWanted]);
}
