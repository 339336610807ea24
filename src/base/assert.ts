/** Returns the value, or throws: for what our own code guarantees and the compiler cannot see. */
export function present<T>(value: T | null | undefined, what: string): T {
  if (value === undefined || value === null) throw new Error(`${what} must be present here.`);
  return value;
}
