import { AppError, ERROR_CODES, type ErrorCode } from '../base/errors.ts';

/** What a parent sends to the child process of a native engine. */
export type NativeOrder =
  | { readonly kind: 'prepare'; readonly start: unknown }
  | { readonly kind: 'call'; readonly id: number; readonly call: unknown }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'ping' };

/** What the child sends back. Any report shows that its event loop still turns; `pong` says nothing else. */
export type NativeReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unfit'; readonly failure: NativeFailure }
  | { readonly kind: 'update'; readonly id: number; readonly update: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: NativeFailure }
  | { readonly kind: 'pong' };

/** An error on its way between processes. An `AppError` arrives as one; others become `engine_failed`. */
export interface NativeFailure {
  readonly message: string;
  readonly code?: string;
  readonly reason?: string;
  readonly param?: string;
  readonly stack?: string;
}

/** Packs whatever was thrown in the child. */
export function packFailure(thrown: unknown): NativeFailure {
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  const { message, stack } = thrown;
  const facts = { message, ...(stack === undefined ? {} : { stack }) };
  if (!(thrown instanceof AppError)) return facts;
  const { code, reason, param } = thrown;
  return {
    ...facts,
    code,
    ...(reason === undefined ? {} : { reason }),
    ...(param === undefined ? {} : { param }),
  };
}

/** Unpacks a failure in the parent; `prefix` says which engine failed at what. */
export function unpackFailure(failure: NativeFailure, prefix: string): AppError {
  const cause = new Error(failure.message);
  if (failure.stack !== undefined) cause.stack = failure.stack;
  if (!isErrorCode(failure.code)) {
    return new AppError('engine_failed', `${prefix}: ${failure.message}`, { cause });
  }
  return new AppError(failure.code, failure.message, {
    cause,
    ...(failure.reason === undefined ? {} : { reason: failure.reason }),
    ...(failure.param === undefined ? {} : { param: failure.param }),
  });
}

function isErrorCode(code: string | undefined): code is ErrorCode {
  return code !== undefined && Object.hasOwn(ERROR_CODES, code);
}
