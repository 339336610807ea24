import { toAppError } from '../base/errors.ts';
import type { LogFields, Logger } from './ports/logger.ts';

/** Writes down that making something failed: as an error where the fault is ours, not where the caller was refused. */
export function logFailure(
  log: Logger,
  event: string,
  fields: LogFields & { readonly error: unknown },
): void {
  const isOurs = toAppError(fields.error).status >= 500;
  log[isOurs ? 'error' : 'info'](fields, event);
}
