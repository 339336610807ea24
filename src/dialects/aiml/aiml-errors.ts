import type { AppError, ErrorCode, FieldIssue } from '../../base/errors.ts';
import type { ErrorPlace, RenderedError } from '../dialect.ts';

/** The vendor's status for an error, and the words that its message begins with there. */
interface VendorError {
  readonly status: number;
  readonly words?: string;
}

const BODY_ERROR: VendorError = { status: 400, words: 'Body validation error' };

const BY_CODE: Readonly<Record<ErrorCode, VendorError>> = {
  invalid_request: BODY_ERROR,
  unauthenticated: { status: 401 },
  // The vendor's empty account is a 403.
  quota_exceeded: { status: 403 },
  permission_denied: { status: 403 },
  not_found: { status: 404 },
  method_not_allowed: { status: 405 },
  conflict: { status: 400 },
  payload_too_large: { status: 413 },
  unsupported_media: BODY_ERROR,
  unsupported_feature: BODY_ERROR,
  content_rejected: BODY_ERROR,
  rate_limited: { status: 429, words: 'Too Many Requests' },
  cancelled: { status: 499 },
  internal: { status: 500, words: 'Internal server error' },
  engine_failed: { status: 502, words: 'Bad Gateway' },
  overloaded: { status: 503, words: 'Service unavailable' },
  timed_out: { status: 504, words: 'Generation timeout' },
};

/** The `reason` of an error about the query. */
export const IN_QUERY = 'in_query';

/** Length of the vendor's ids of requests. */
const REQUEST_ID_LENGTH = 21;

/** An error in the vendor's flat envelope, with the wrong fields beside it where there are some. */
export function renderAimlError(error: AppError, place: ErrorPlace): RenderedError {
  const { status, words } = classify(error);
  const details = error.issues.length > 0 ? error.issues.map(sentenceAbout) : [error.message];
  const issues = error.issues.map((issue) => ({ path: issue.path, message: messageAbout(issue) }));
  const body = {
    requestId: place.requestId.slice(0, REQUEST_ID_LENGTH),
    statusCode: status,
    timestamp: new Date(place.at).toISOString(),
    path: place.path,
    message: [words, ...details].filter((line) => line !== undefined).join('\n'),
    ...(issues.length > 0 ? { issues } : paramIssue(error)),
  };
  return { status, headers: {}, body };
}

function classify(error: AppError): VendorError {
  if (error.reason === IN_QUERY) return { status: 400, words: 'Query validation error!' };
  // A model is a value of a field there, and an unknown one a wrong value.
  if (error.code === 'not_found' && error.subject === 'model') return BODY_ERROR;
  return BY_CODE[error.code];
}

function paramIssue({ param, message }: AppError): object {
  return param === undefined ? {} : { issues: [{ path: param.split('.'), message }] };
}

function sentenceAbout(issue: FieldIssue): string {
  const field = issue.path.join('.');
  return field === '' ? messageAbout(issue) : `${field}: ${messageAbout(issue)}`;
}

/** What is wrong with a field, in the words of the validator that the vendor uses. */
function messageAbout(issue: FieldIssue): string {
  switch (issue.kind) {
    case 'missing':
      return 'Required';
    case 'wrong_type':
      return `Expected ${issue.expected ?? 'another type'}, received ${typeOf(issue.received)}`;
    case 'not_allowed_value':
      return `Invalid enum value. Expected ${choice(issue.allowed)}, received '${String(issue.received)}'`;
    case 'too_small':
      return `Number must be greater than or equal to ${issue.limit}`;
    case 'too_big':
      return `Number must be less than or equal to ${issue.limit}`;
    case 'too_short':
      return `String must contain at least ${issue.limit} character(s)`;
    case 'too_long':
      return `String must contain at most ${issue.limit} character(s)`;
    case 'malformed':
    case 'excluded':
      return issue.message;
  }
}

function choice(allowed: readonly string[] = []): string {
  return allowed.map((value) => `'${value}'`).join(' | ');
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && !Number.isInteger(value) ? 'float' : typeof value;
}
