/** Fails the build where a union member was forgotten, and the process where types were lied to. */
export function unreachable(value: never): never {
  throw new Error(`Unreachable value: ${String(value)}`);
}

/** Returns the value, or throws: for what our own code guarantees and the compiler cannot see. */
export function present<T>(value: T | null | undefined, what: string): T {
  if (value === undefined || value === null) throw new Error(`${what} must be present here.`);
  return value;
}
