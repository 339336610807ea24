/** What stands for every name that is not one of ours. */
export const OTHER = 'other';

/** Different values that one label may have, whatever is known. */
const MOST_VALUES = 500;

/** Lets names through that this installation knows. Everything else is one and the same, or callers could fill the memory. */
export function createLabelGuard(isKnown: (name: string) => boolean): (name: string) => string {
  const seen = new Set<string>();
  return (name) => {
    if (seen.has(name)) return name;
    if (seen.size >= MOST_VALUES || !isKnown(name)) return OTHER;
    seen.add(name);
    return name;
  };
}
