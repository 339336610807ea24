/** Somebody who speaks in a comparison. */
export interface Contestant {
  readonly voice: string;
  readonly model: string;
}

/** Every voice with every model. */
export function contestantsOf(voices: readonly string[], models: readonly string[]): readonly Contestant[] {
  return voices.flatMap((voice) => models.map((model) => ({ voice, model })));
}

/** A contestant's name, by which votes are counted. */
export function nameOf({ voice, model }: Contestant): string {
  return `${voice} · ${model}`;
}

/** The same in an order that nobody can guess. */
export function shuffled<One>(all: readonly One[]): readonly One[] {
  const rest = [...all];
  for (let at = rest.length - 1; at > 0; at -= 1) {
    const other = Math.floor(Math.random() * (at + 1));
    // Both places are within the list.
    const [mine, its] = [rest[at], rest[other]];
    if (mine !== undefined) rest[other] = mine;
    if (its !== undefined) rest[at] = its;
  }
  return rest;
}

/** How often each contestant was there and how often it was liked best. */
export type Tally = Readonly<Record<string, { readonly met: number; readonly won: number }>>;

const KEPT_UNDER = 'antiphon-comparisons';

/** Reads what was counted before in this browser. */
export function readTally(): Tally {
  try {
    const tally: Tally = JSON.parse(localStorage.getItem(KEPT_UNDER) ?? '{}');
    return tally;
  } catch {
    return {};
  }
}

/** Counts a vote. */
export function countVote(tally: Tally, contestants: readonly Contestant[], best: Contestant): Tally {
  const next = { ...tally };
  for (const one of contestants) {
    const { met, won } = next[nameOf(one)] ?? { met: 0, won: 0 };
    next[nameOf(one)] = { met: met + 1, won: won + (one === best ? 1 : 0) };
  }
  return next;
}

/** Keeps the count for the next visit; an empty one is forgotten. */
export function keepTally(tally: Tally): void {
  if (Object.keys(tally).length === 0) localStorage.removeItem(KEPT_UNDER);
  else localStorage.setItem(KEPT_UNDER, JSON.stringify(tally));
}
