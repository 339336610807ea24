import pino from 'pino';
import { AppError } from '../base/errors.ts';
import type { Logger } from '../core/ports/logger.ts';

/** A logger whose least severe events can be changed. */
export interface LevelledLogger extends Logger {
  level: string;
}

/** Fields that hold what opens something. Nobody logs them; whoever does by mistake writes this instead. */
const SECRETS: ReadonlySet<string> = new Set([
  'authorization',
  'xi-api-key',
  'x-api-key',
  'api-key',
  'cookie',
  'token',
  'api_key',
  'apiKey',
  'secret',
]);

const CENSORED = '[hidden]';

/** How deep an event is searched for them: headers of a request in a cause of an error are found. */
const SEARCHED_DEPTH = 4;

/**
 * The same facts without what opens something. Pino's own way copies every event whole, searches it once for each path,
 * and took two fifths of all memory that a request needs.
 */
function withoutSecrets(facts: Facts, depth = SEARCHED_DEPTH): Facts {
  let clean: Record<string, unknown> | undefined;
  for (const name in facts) {
    const value = facts[name];
    const kept = SECRETS.has(name) && value !== undefined ? CENSORED : withoutInner(value, depth - 1);
    if (kept === value) continue;
    clean ??= copyOf(facts);
    clean[name] = kept;
  }
  return clean ?? facts;
}

function withoutInner(value: unknown, depth: number): unknown {
  if (depth === 0 || typeof value !== 'object' || value === null) return value;
  if (value instanceof Error || ArrayBuffer.isView(value)) return value;
  // Anything else, lists included, is read by the names of its fields.
  return withoutSecrets(value as Facts, depth);
}

function copyOf(facts: Facts): Record<string, unknown> {
  // A list is copied as one: JSON writes it so.
  return Array.isArray(facts) ? Object.assign([], facts) : { ...facts };
}

type Facts = Readonly<Record<string, unknown>>;

/** A refusal is told in words of the caller, which are not for the log; what it was is. */
function writtenError(thrown: unknown): unknown {
  if (thrown instanceof AppError && thrown.status < 500) {
    const { code, status, param, reason } = thrown;
    return { code, status, param, reason };
  }
  return thrown instanceof Error
    ? withoutInner({ ...pino.stdSerializers.err(thrown) }, SEARCHED_DEPTH)
    : thrown;
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
      formatters: { log: (facts) => withoutSecrets(facts) },
    },
    destination,
  );
}
