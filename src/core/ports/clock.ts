/** The only source of time below `platform/`. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Milliseconds from a fixed but unknown origin; never goes back. */
  monotonicMs(): number;
}
