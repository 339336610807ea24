import { toAppError } from '../base/errors.ts';
import type { LogFields, Logger } from './ports/logger.ts';

/**
 * Writes down that making something failed, at the level of whose concern that is: an error is a fault of ours. Of the
 * caller's own faults only the code is kept, as the message may quote what they said.
 */
export function logFailure(
  log: Logger,
  event: string,
  fields: LogFields & { readonly error: unknown },
): void {
  const { code, status } = toAppError(fields.error);
  if (status < 500) log.debug({ ...fields, error: code }, event);
  else if (code === 'overloaded') log.warn(fields, event);
  else log.error(fields, event);
}
