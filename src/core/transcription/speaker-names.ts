import type { VoiceGroup } from '../../media/speaker-clusters.ts';

/** Gives speakers their names: known ones their own, the others A, B, … Z, AA, … in order of first appearance. */
export interface SpeakerNames {
  /** Keeps a name for a known speaker. */
  reserve(name: string): void;
  /** Names by sample. One that was told once stays, whatever is found out later. */
  soFar(groups: readonly VoiceGroup[]): ReadonlyMap<number, string>;
  /** Names by sample, without regard to those that were told before. */
  atLast(groups: readonly VoiceGroup[]): ReadonlyMap<number, string>;
}

/** Starts without any name. */
export function createSpeakerNames(): SpeakerNames {
  const reserved = new Set<string>();
  const told = new Map<number, string>();
  /** The next letters that are nobody's. */
  const letters = function* (taken: ReadonlySet<string>): Generator<string, never> {
    for (let count = 1; ; count += 1) {
      const name = lettersOf(count);
      if (!reserved.has(name) && !taken.has(name)) yield name;
    }
  };
  return {
    reserve: (name) => void reserved.add(name),
    soFar: (groups) => {
      const free = letters(new Set(told.values()));
      const used = new Set<string>();
      for (const { name, samples } of groups) {
        const before = [...samples].toSorted((a, b) => a - b).map((sample) => told.get(sample));
        const kept = before.find((one) => one !== undefined && !used.has(one));
        const chosen = name ?? kept ?? free.next().value;
        used.add(chosen);
        for (const sample of samples) if (!told.has(sample)) told.set(sample, chosen);
      }
      return told;
    },
    atLast: (groups) => {
      const free = letters(new Set());
      const names = new Map<number, string>();
      for (const { name, samples } of groups) {
        const chosen = name ?? free.next().value;
        for (const sample of samples) names.set(sample, chosen);
      }
      return names;
    },
  };
}

/** 1 is A, 26 is Z, 27 is AA. */
function lettersOf(count: number): string {
  const rest = (count - 1) % 26;
  const name = String.fromCharCode(65 + rest);
  return count > 26 ? lettersOf((count - 1 - rest) / 26) + name : name;
}
