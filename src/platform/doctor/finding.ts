/** What one look at an installation found. */
export interface Finding {
  /** What was looked at. */
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'failure';
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** Nothing is wrong. */
export function ok(check: string, message: string): Finding {
  return { check, state: 'ok', message };
}

/** It works, but maybe not for long, or not as it ought to. */
export function warning(check: string, message: string, advice: string): Finding {
  return { check, state: 'warning', message, advice };
}

/** It does not work. */
export function failure(check: string, message: string, advice: string): Finding {
  return { check, state: 'failure', message, advice };
}

/** What a look finds when it does not even come to an end. */
export async function lookSafely(
  check: string,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    return [failure(check, reasonOf(error), 'Mend what the message says, and look again.')];
  }
}

/** What was thrown, in words, with what lies behind it. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause instanceof Error && !message.includes(cause.message)
    ? `${message} (${cause.message})`
    : message;
}
