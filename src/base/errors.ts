/**
 * Every way in which Antiphon can refuse or fail, with the HTTP status that a dialect uses unless its
 * vendor answers differently, and whether trying again can help. `docs/errors.md` is held to this table.
 */
export const ERROR_CODES = {
  invalid_request: { status: 400, retryable: false },
  unauthenticated: { status: 401, retryable: false },
  quota_exceeded: { status: 402, retryable: false },
  permission_denied: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  method_not_allowed: { status: 405, retryable: false },
  conflict: { status: 409, retryable: false },
  payload_too_large: { status: 413, retryable: false },
  unsupported_media: { status: 415, retryable: false },
  unsupported_feature: { status: 422, retryable: false },
  content_rejected: { status: 422, retryable: false },
  rate_limited: { status: 429, retryable: true },
  cancelled: { status: 499, retryable: false },
  internal: { status: 500, retryable: false },
  engine_failed: { status: 502, retryable: true },
  overloaded: { status: 503, retryable: true },
  timed_out: { status: 504, retryable: true },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * The reason of an `overloaded` that says what this installation lacks for a while: its database, its files, room on its
 * disk or in its memory. A job that meets it waits and has not failed.
 */
export const SHORTAGE = 'shortage';

/** What kind of thing the unknown name in a `not_found` error was. */
export type ErrorSubject =
  | 'model'
  | 'voice'
  | 'consent'
  | 'dictionary'
  | 'history_item'
  | 'route'
  | 'job'
  | 'file'
  | 'key';

/**
 * One wrong field, in the caller's spelling. `kind` is what is wrong with it; `limit` is the bound that was
 * passed; `received` is what the caller sent, when it is safe to repeat.
 */
export interface FieldIssue {
  readonly path: readonly (string | number)[];
  readonly kind:
    | 'missing'
    | 'wrong_type'
    | 'not_allowed_value'
    | 'too_small'
    | 'too_big'
    | 'too_short'
    | 'too_long'
    | 'malformed'
    | 'excluded';
  readonly message: string;
  /** The JSON type that was expected, for `wrong_type`. */
  readonly expected?: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object';
  /** The values that are allowed, for `not_allowed_value`. */
  readonly allowed?: readonly string[];
  readonly limit?: number;
  readonly received?: unknown;
}

export interface AppErrorDetails {
  /** The field at fault, as the caller spells it (`voice_settings.stability`). */
  readonly param?: string;
  /** How long the caller had better wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The real cause. It is logged and never shown. */
  readonly cause?: unknown;
  /** Which kind of thing was not found. */
  readonly subject?: ErrorSubject;
  /** A finer reason within the code, for dialects whose vendor tells such cases apart. */
  readonly reason?: string;
  /** All wrong fields, when a request has several. */
  readonly issues?: readonly FieldIssue[];
  /** The HTTP status in every dialect, where HTTP itself has one that says it more exactly than the code. */
  readonly exactStatus?: number;
}

/** The only error that crosses a layer. Its message is written for the caller and is safe to show. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly param: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly subject: ErrorSubject | undefined;
  readonly reason: string | undefined;
  readonly issues: readonly FieldIssue[];
  readonly exactStatus: number | undefined;

  constructor(code: ErrorCode, message: string, details: AppErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'AppError';
    this.code = code;
    this.param = details.param;
    this.retryAfterMs = details.retryAfterMs;
    this.subject = details.subject;
    this.reason = details.reason;
    this.issues = details.issues ?? [];
    this.exactStatus = details.exactStatus;
  }

  get status(): number {
    return this.exactStatus ?? ERROR_CODES[this.code].status;
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}

/** The same failure, blamed on a field of another name. */
export function blamedOn(param: string, error: AppError): AppError {
  const { code, message, cause, reason, retryAfterMs, subject, issues } = error;
  return new AppError(code, message, {
    param,
    cause,
    issues,
    ...(subject === undefined ? {} : { subject }),
    ...(reason === undefined ? {} : { reason }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** Turns whatever was thrown into an `AppError`; strangers become `internal` and keep their cause for the log. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (isAbort(thrown)) return new AppError('cancelled', 'The caller hung up.', { cause: thrown });
  return new AppError('internal', 'Something went wrong on our side. The request id finds it in the log.', {
    cause: thrown,
  });
}

/** Whether something was thrown because an `AbortSignal` fired. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === 'AbortError' || thrown.name === 'ResponseAborted');
}

const PROCESS_ENDS = 'This process ends; another goes on with the work.';

/** What the signal of work fires with that another process will take up. */
export function processEnds(): DOMException {
  return new DOMException(PROCESS_ENDS, 'AbortError');
}

/** Whether a signal fired because the process ends, and not because nobody wants the work any more. */
export function isProcessEnd({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof DOMException && reason.message === PROCESS_ENDS;
}

/** The error that a wait throws when its signal fires. */
export function cancelledError(): AppError {
  return new AppError('cancelled', 'The caller hung up.');
}
