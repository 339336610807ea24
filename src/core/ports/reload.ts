/** What came of reading the configuration anew. */
export interface ReloadReport {
  /** Settings that have another value from now on. */
  readonly changed: readonly string[];
  /** Settings that are written otherwise than they are in force: they count from the next start. */
  readonly needsRestart: readonly string[];
  /** What became of the servers elsewhere. */
  readonly remotes: {
    readonly started: readonly string[];
    /** Each finishes what it does first. */
    readonly stopped: readonly string[];
    readonly down: readonly { readonly id: string; readonly reason: string }[];
  };
}

/**
 * Reads the configuration anew and goes by it, without a request being dropped. Throws `conflict` for one that is not
 * usable, and then nothing has changed.
 */
export type Reload = () => Promise<ReloadReport>;
