import { useSignal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** Something that the visitor set going. */
export interface Task {
  readonly running: Signal<boolean>;
  /** Why it failed; empty when it did not. */
  readonly failure: Signal<string>;
  /** Begins it, after ending the one before. */
  readonly begin: (work: (signal: AbortSignal) => Promise<void>) => Promise<void>;
  readonly stop: () => void;
}

/** One task at a time, which ends with the page that it belongs to. */
export function useTask(): Task {
  const running = useSignal(false);
  const failure = useSignal('');
  const current = useSignal<AbortController | undefined>(undefined);
  useEffect(() => () => current.peek()?.abort(), []);
  const stop = () => current.peek()?.abort();
  return {
    running,
    failure,
    stop,
    begin: async (work) => {
      stop();
      const own = new AbortController();
      current.value = own;
      running.value = true;
      failure.value = '';
      try {
        await work(own.signal);
      } catch (error) {
        if (!own.signal.aborted) failure.value = error instanceof Error ? error.message : String(error);
      } finally {
        if (current.peek() === own) running.value = false;
      }
    },
  };
}
