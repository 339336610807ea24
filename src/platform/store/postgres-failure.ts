import { AppError, SHORTAGE } from '../../base/errors.ts';

/** When whoever was refused may come again. */
const COME_AGAIN_MS = 2000;

/** What the network and the driver say when the server is not there, or goes away in the middle. */
const AWAY: ReadonlySet<string> = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/**
 * What the server itself says when it cannot now and may later (appendix A of PostgreSQL's manual): lost connections (08),
 * conflicts (40), no disk, memory or connections left (53), starting and stopping (57P0…), no time or lock (57014, 55P03),
 * and a standby that is not yet the primary (25006).
 */
const IN_PASSING = /^(?:08|40|53|57P0)\w+$|^(?:57014|55P03|25006)$/;

/** The server has said nothing for too long. */
export class SilentDatabase extends Error {
  constructor(milliseconds: number) {
    super(`PostgreSQL gave no answer for ${milliseconds} ms.`);
    this.name = 'SilentDatabase';
  }
}

/** Whether something was thrown because a connection is not to be had or of no use any more. */
export function isLost(thrown: unknown): boolean {
  return thrown instanceof SilentDatabase || AWAY.has(codeOf(thrown)) || codeOf(thrown).startsWith('57P0');
}

/** Tells callers to come again when the database is away; everything else is passed on as it is. */
export function toStoreFailure(thrown: unknown): unknown {
  if (!isLost(thrown) && !IN_PASSING.test(codeOf(thrown))) return thrown;
  return new AppError('overloaded', 'The database does not answer at the moment. Try again shortly.', {
    retryAfterMs: COME_AGAIN_MS,
    reason: SHORTAGE,
    cause: thrown,
  });
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}
