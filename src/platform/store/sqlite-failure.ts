import { AppError, SHORTAGE } from '../../base/errors.ts';
import { diskFull, diskReadOnly } from '../disk-failure.ts';

/** Result codes (https://www.sqlite.org/rescode.html), without what extended ones add. */
const BUSY = 5;
const READONLY = 8;
const IOERR = 10;
const FULL = 13;

const COME_AGAIN_MS = 2000;

/** Tells callers to come again where SQLite cannot now and may later; everything else is passed on as it is. */
export function toSqliteFailure(thrown: unknown): unknown {
  switch (resultCode(thrown)) {
    case FULL:
      return diskFull(thrown);
    case READONLY:
      return diskReadOnly(thrown);
    // Writing the log beside the database is where a full disk shows in most cases.
    case IOERR:
    case BUSY:
      return new AppError('overloaded', 'The database cannot take this at the moment. Try again shortly.', {
        retryAfterMs: COME_AGAIN_MS,
        reason: SHORTAGE,
        cause: thrown,
      });
    default:
      return thrown;
  }
}

function resultCode(thrown: unknown): number {
  if (!(thrown instanceof Error) || !('errcode' in thrown)) return 0;
  // An extended code carries the plain one in its lowest byte.
  return Number(thrown.errcode) & 0xff;
}

/** The same part of a store; what its methods throw says whether coming again helps. */
export function withSqliteFailures<Part extends object>(part: Part): Part {
  const members = Object.entries(part).map(([name, member]: [string, unknown]) => {
    if (typeof member !== 'function') return [name, member];
    const careful = async (...given: unknown[]): Promise<unknown> => {
      try {
        return await Reflect.apply(member, part, given);
      } catch (error) {
        throw toSqliteFailure(error);
      }
    };
    return [name, careful];
  });
  // Each method takes and gives what it did.
  return Object.fromEntries(members) as Part;
}
