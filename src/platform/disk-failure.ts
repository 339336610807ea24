import { AppError, SHORTAGE } from '../base/errors.ts';

/** What a disk says that takes nothing at the moment, and may later. */
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);
const READ_ONLY = 'EROFS';

/** When whoever was refused may come again; making room takes a person. */
const COME_AGAIN_MS = 10_000;

/** Tells callers to come again when a disk is full or has become read-only; everything else is passed on as it is. */
export function toDiskFailure(thrown: unknown): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (FULL.has(code)) return diskFull(thrown);
  return code === READ_ONLY ? diskReadOnly(thrown) : thrown;
}

/** The refusal when there is no room. */
export function diskFull(cause: unknown): AppError {
  return refusal('There is no room left on the disk of this server.', cause);
}

/** The refusal when nothing can be written. */
export function diskReadOnly(cause: unknown): AppError {
  return refusal('Nothing can be written to the disk of this server at the moment.', cause);
}

function refusal(message: string, cause: unknown): AppError {
  return new AppError('overloaded', message, { retryAfterMs: COME_AGAIN_MS, reason: SHORTAGE, cause });
}
