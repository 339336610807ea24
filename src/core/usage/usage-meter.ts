/** What one request used. */
export interface UsageRecord {
  readonly principalId: string;
  readonly model: string;
  readonly characters: number;
  readonly audioSeconds: number;
}

/** Counts what each owner used since the program started. */
export interface UsageMeter {
  add(record: UsageRecord): void;
  totalFor(principalId: string): {
    readonly characters: number;
    readonly audioSeconds: number;
    readonly requests: number;
  };
}

/** A meter that counts in memory. */
export function createUsageMeter(): UsageMeter {
  const totals = new Map<string, { characters: number; audioSeconds: number; requests: number }>();
  const totalFor = (principalId: string) =>
    totals.get(principalId) ?? { characters: 0, audioSeconds: 0, requests: 0 };
  return {
    add: (record) => {
      const before = totalFor(record.principalId);
      totals.set(record.principalId, {
        characters: before.characters + record.characters,
        audioSeconds: before.audioSeconds + record.audioSeconds,
        requests: before.requests + 1,
      });
    },
    totalFor,
  };
}
