import { AppError, isAbort, cancelledError } from '../../base/errors.ts';

interface HubFailureDetails {
  readonly retryable: boolean;
  readonly stalled?: boolean;
  readonly status?: number;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** Something that went wrong between us and the hub, and whether it is worth another try. */
export class HubFailure extends Error {
  readonly retryable: boolean;
  readonly stalled: boolean;
  readonly retryAfterMs: number | undefined;
  readonly status: number | undefined;

  constructor(message: string, details: HubFailureDetails) {
    super(message, { cause: details.cause });
    this.name = 'HubFailure';
    this.status = details.status;
    this.retryable = details.retryable;
    this.stalled = details.stalled ?? false;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** What a status other than success means. 401, 403 and 404 will not change by asking again. */
export function answerFailure(response: Response, url: string): HubFailure {
  const { status } = response;
  const hint =
    status === 401 || status === 403
      ? ' The repository may need a token: set HF_TOKEN, and accept its terms on its page.'
      : '';
  return new HubFailure(`The hub answered ${status} for ${url}.${hint}`, {
    status,
    retryable: status === 408 || status === 425 || status === 429 || status >= 500,
    retryAfterMs: retryAfter(response),
  });
}

/** Brings whatever a request threw into one form. Our own errors pass; so does the caller's cancellation. */
export function toHubFailure(thrown: unknown, url: string, signal: AbortSignal): HubFailure | AppError {
  if (thrown instanceof AppError || thrown instanceof HubFailure) return thrown;
  if (signal.aborted) return cancelledError();
  if (isAbort(thrown) || isTimeout(thrown))
    return new HubFailure(`The hub sent nothing more for ${url}.`, { retryable: true, stalled: true });
  const disk = diskFailure(thrown);
  if (disk) return disk;
  return new HubFailure(`The connection to the hub broke for ${url}${reasonOf(thrown)}.`, {
    retryable: true,
    cause: thrown,
  });
}

/** The error that a caller sees once no further try is made. */
export function finalError(failure: HubFailure | AppError, tries: number): AppError {
  if (failure instanceof AppError) return failure;
  const after = tries > 1 ? ` This was try ${tries}.` : '';
  return new AppError(failure.stalled ? 'timed_out' : 'engine_failed', `${failure.message}${after}`, {
    cause: failure,
    reason: 'hub',
  });
}

/** What a full or read-only disk means for a caller; `undefined` for any other failure. */
export function diskFailure(thrown: unknown): AppError | undefined {
  const code = codeOf(thrown);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AppError(
      'conflict',
      'The disk of the models folder is full. What arrived is kept; free some space and pull again.',
      {
        reason: 'disk_full',
        cause: thrown,
      },
    );
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM')
    return new AppError(
      'conflict',
      'The models folder cannot be written to. Mount it writable, or place the files by hand.',
      {
        reason: 'read_only',
        cause: thrown,
      },
    );
  return undefined;
}

function isTimeout(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'TimeoutError';
}

function retryAfter(response: Response): number | undefined {
  const value = response.headers.get('retry-after');
  return value !== null && /^\d+$/.test(value) ? Number(value) * 1000 : undefined;
}

/** `fetch` hides the system's reason (ECONNREFUSED and the like) in the cause. */
function reasonOf(thrown: unknown): string {
  const code = codeOf(thrown) ?? codeOf(thrown instanceof Error ? thrown.cause : undefined);
  return code === undefined ? '' : ` (${code})`;
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}
