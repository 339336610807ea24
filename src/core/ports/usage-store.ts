/** What is counted. Lengths are whole milliseconds, so that sums are the same in whatever order they are made. */
export interface UsageAmounts {
  readonly requests: number;
  /** Of these, the ones that failed for a reason of ours. */
  readonly failures: number;
  readonly characters: number;
  readonly audioMs: number;
  readonly pictures: number;
  readonly engineMs: number;
}

/** What usage is kept, and can be told, by. */
export interface UsagePlace {
  /** Day of UTC, `YYYY-MM-DD`. */
  readonly day: string;
  readonly principalId: string;
  readonly dialect: string;
  readonly capability: string;
  /** The name that was asked for. */
  readonly model: string;
  /** `<engine>/<model>`; empty where nothing came of it. */
  readonly servedBy: string;
}

/** What was used in one place. */
export interface UsageRow extends UsagePlace, UsageAmounts {}

/** One of the things that usage is told by. */
export type UsageDimension = keyof UsagePlace;

/** Which usage is wanted, and by what it is told. */
export interface UsageQuery {
  /** First and last day. */
  readonly from: string;
  readonly to: string;
  /** Whose; everybody's when absent. */
  readonly principalId?: string;
  readonly by: readonly UsageDimension[];
  readonly limit: number;
}

/** What was used in all places together that agree in what was asked for. */
export interface UsageSum extends UsageAmounts, Partial<UsagePlace> {}

/** Keeps what was used, added up. */
export interface UsageStore {
  /** Adds to what is kept: all of the rows, or none. */
  add(rows: readonly UsageRow[]): Promise<void>;
  /** In the order of what it is told by; one row of nothing where nothing was used and nothing tells it apart. */
  sum(query: UsageQuery): Promise<readonly UsageSum[]>;
  /** Forgets everything before a day, and says how many rows that was. */
  removeBefore(day: string): Promise<number>;
  /** Forgets all usage of somebody, and says how many rows that was. */
  removeOf(principalId: string): Promise<number>;
}
