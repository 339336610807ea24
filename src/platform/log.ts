import pino from 'pino';
import type { Logger } from '../core/ports/logger.ts';

/** Writes events as JSON lines to standard error. */
export function createLogger(level: 'debug' | 'info' | 'warn' | 'error' | 'silent'): Logger {
  const errorOf = pino.stdSerializers.err;
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: errorOf, cause: errorOf },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
