import type { AppError, ErrorCode } from '../../base/errors.ts';
import type { RenderedError } from '../dialect.ts';

/** The vendor knows no 422: what it cannot do is a bad request there. */
const STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid_request: 400,
  unauthenticated: 401,
  quota_exceeded: 402,
  permission_denied: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  payload_too_large: 413,
  unsupported_media: 415,
  unsupported_feature: 400,
  content_rejected: 400,
  rate_limited: 429,
  cancelled: 499,
  internal: 500,
  engine_failed: 502,
  overloaded: 503,
  timed_out: 504,
};

/** An error as this vendor's clients read it: the same sentence, a string, under both keys that they try. */
export function renderEigenError(error: AppError): RenderedError {
  const message = messageOf(error);
  return {
    status: eigenStatus(error),
    headers: {},
    body: { detail: message, error: message },
  };
}

/** The status with which the vendor would answer. */
export function eigenStatus(error: AppError): number {
  return isWrongName(error) ? 400 : STATUS[error.code];
}

/** There is no place for the field at fault but the sentence. */
function messageOf({ message, param }: AppError): string {
  return param === undefined || message.includes(param) ? message : `${param}: ${message}`;
}

/** A model or voice is a field of the request here, so an unknown one is a wrong value and no missing page. */
function isWrongName(error: AppError): boolean {
  return error.code === 'not_found' && (error.subject === 'model' || error.subject === 'voice');
}
