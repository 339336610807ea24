/**
 * What a table has under a name that somebody else chose: nothing for `constructor`, `__proto__` and whatever else every
 * object inherits.
 */
export function ownValue<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
