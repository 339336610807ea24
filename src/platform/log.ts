import pino from 'pino';
import { AppError } from '../base/errors.ts';
import type { Logger } from '../core/ports/logger.ts';

/** A logger whose least severe events can be changed. */
export interface LevelledLogger extends Logger {
  level: string;
}

/** Fields that hold what opens something. Nobody logs them; whoever does by mistake writes this instead. */
const SECRETS = [
  'authorization',
  'xi-api-key',
  'x-api-key',
  'api-key',
  'cookie',
  'token',
  'api_key',
  'apiKey',
  'secret',
];

const CENSORED = '[hidden]';

/** The same at the top of an event, in what stands there (such as `headers`), and in what stands in an error. */
const SECRET_PATHS = SECRETS.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.headers["${name}"]`]);

/** A refusal is told in words of the caller, which are not for the log; what it was is. */
function writtenError(thrown: unknown): unknown {
  if (thrown instanceof AppError && thrown.status < 500) {
    const { code, status, param, reason } = thrown;
    return { code, status, param, reason };
  }
  return thrown instanceof Error ? pino.stdSerializers.err(thrown) : thrown;
}

/** Writes events as JSON lines, to standard error unless another place is given. */
export function createLogger(
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent',
  destination: pino.DestinationStream = pino.destination({ dest: 2, sync: true }),
): LevelledLogger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: writtenError, cause: writtenError },
      redact: { paths: SECRET_PATHS, censor: CENSORED },
    },
    destination,
  );
}
