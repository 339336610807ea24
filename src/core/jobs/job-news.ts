/** Who wants to know of a job hears of it at once when it changes in this process. */
export interface JobNews {
  /** Something happened to a job. */
  tell(jobId: string): void;
  /** Calls back at each change until the returned function is called. */
  listen(jobId: string, onChange: () => void): () => void;
}

/** Opens the news. */
export function createJobNews(): JobNews {
  const listeners = new Map<string, Set<() => void>>();
  return {
    tell: (jobId) => {
      for (const onChange of listeners.get(jobId) ?? []) onChange();
    },
    listen: (jobId, onChange) => {
      const known = listeners.get(jobId) ?? new Set();
      listeners.set(jobId, known.add(onChange));
      return () => {
        known.delete(onChange);
        if (known.size === 0 && listeners.get(jobId) === known) listeners.delete(jobId);
      };
    },
  };
}
