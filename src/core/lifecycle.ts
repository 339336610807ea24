/** Where the process is in its life. */
export interface Lifecycle {
  /** Whether it is on its way out: what runs may finish, and nobody new should be sent here. */
  readonly draining: boolean;
  /** It has been told to stop. There is no way back. */
  drain(): void;
}

/** The life of a process that has just begun. */
export function createLifecycle(): Lifecycle {
  let draining = false;
  return {
    get draining() {
      return draining;
    },
    drain: () => {
      draining = true;
    },
  };
}
