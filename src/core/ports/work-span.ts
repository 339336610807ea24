/** What is told of work: names, figures and ids, never anything that a caller said or sent. */
export type WorkFacts = Readonly<Record<string, string | number | boolean | undefined>>;

/** A piece of work that is watched from its beginning to its end. */
export interface WorkSpan {
  /**
   * By which whoever goes on with the work elsewhere knows what it is a part of (`traceparent` of W3C Trace Context);
   * undefined where nobody follows it.
   */
  readonly traceparent: string | undefined;
  /** Begins a part of it. */
  begin(name: string, facts?: WorkFacts): WorkSpan;
  /** Says that something has happened now, such as the first sound. */
  mark(moment: string): void;
  /** Adds facts. */
  note(facts: WorkFacts): void;
  /** Ends it, as failed where there is a failure; harmless when called twice. */
  end(failure?: unknown): void;
}

/** Work that nobody follows. */
export const silentSpan: WorkSpan = {
  traceparent: undefined,
  begin: () => silentSpan,
  mark: () => undefined,
  note: () => undefined,
  end: () => undefined,
};
