import type { AppError, ErrorCode, FieldIssue } from '../../base/errors.ts';
import type { RenderedError } from '../dialect.ts';

/** The vendor's classification of an error. */
interface VendorError {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
}

const REFUSED = { status: 400, type: 'invalid_request_error', code: null } as const;

/**
 * The vendor's clients repeat every 408, 409, 429 and 5xx, so none of these stands for something that would be
 * refused again; an empty account, which has status 429 there, says that repeating is pointless.
 */
const BY_CODE: Readonly<Record<ErrorCode, VendorError>> = {
  invalid_request: REFUSED,
  unauthenticated: { ...REFUSED, status: 401, code: 'invalid_api_key' },
  quota_exceeded: { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' },
  permission_denied: { ...REFUSED, status: 403 },
  not_found: { ...REFUSED, status: 404 },
  method_not_allowed: { ...REFUSED, status: 405, code: 'method_not_supported' },
  conflict: { ...REFUSED, code: 'conflict' },
  payload_too_large: { status: 413, type: 'server_error', code: null },
  unsupported_media: REFUSED,
  unsupported_feature: { ...REFUSED, code: 'unsupported_value' },
  content_rejected: { ...REFUSED, code: 'content_policy_violation' },
  rate_limited: { status: 429, type: 'requests', code: 'rate_limit_exceeded' },
  cancelled: { ...REFUSED, status: 499, code: 'cancelled' },
  internal: { status: 500, type: 'server_error', code: null },
  engine_failed: { status: 502, type: 'server_error', code: 'engine_failed' },
  overloaded: { status: 503, type: 'server_error', code: 'engine_overloaded' },
  timed_out: { status: 504, type: 'server_error', code: 'timed_out' },
};

/** Finer cases within a code, by what was not found or why it was refused. */
const BY_DETAIL: Readonly<Partial<Record<`${ErrorCode}/${string}`, Partial<VendorError>>>> = {
  'not_found/model': { code: 'model_not_found' },
  // What a key has no access to has the code of what is not there, with another status.
  'permission_denied/model_not_in_scope': { code: 'model_not_found' },
  // A voice is a value of a field there, not a thing with an address.
  'not_found/voice': { status: 400 },
  'unauthenticated/missing_key': { code: null },
  'unsupported_feature/strict': { code: 'unsupported_parameter' },
  // To a caller, a model that the operator has not installed is one that is not there.
  'unsupported_feature/not_installed': { status: 404, code: 'model_not_found' },
  'invalid_request/invalid_language_format': { code: 'invalid_language_format' },
  'invalid_request/audio_too_short': { code: 'audio_too_short' },
  'invalid_request/session_expired': { code: 'session_expired' },
  'invalid_request/commit_empty': { code: 'input_audio_buffer_commit_empty' },
  'unsupported_media/unsupported_image': { code: 'unsupported_file_mimetype' },
  'unsupported_media/damaged_image': { code: 'invalid_image_file' },
  'invalid_request/mask': { code: 'invalid_value' },
  'payload_too_large/too_many_pixels': { ...REFUSED, code: 'invalid_value' },
  'payload_too_large/too_slow': { ...REFUSED, code: 'invalid_value' },
  // The file may be small: it is its sound that is too long, or has too many channels.
  'payload_too_large/decode_limit': { ...REFUSED, code: 'invalid_value' },
};

/** Seconds after which a caller had better try again, where nothing better is known. */
const DEFAULT_RETRY_SECONDS = '1';

/** Longest value of a field that a message repeats, in characters. */
const LONGEST_ECHO = 60;

/** An error in the vendor's envelope, with the headers by which its clients decide whether to repeat. */
export function renderOpenaiError(error: AppError): RenderedError {
  return { status: classify(error).status, headers: errorHeaders(error), body: errorBody(error) };
}

/** The envelope alone, for streams whose status has been sent already. */
export function errorBody(error: AppError): {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
} {
  const { type, code } = classify(error);
  return { error: { message: messageOf(error), type, param: error.param ?? null, code } };
}

function classify(error: AppError): VendorError {
  const details = [error.subject, error.reason].map((detail) => BY_DETAIL[`${error.code}/${detail ?? ''}`]);
  return details.reduce<VendorError>((found, detail) => ({ ...found, ...detail }), BY_CODE[error.code]);
}

function errorHeaders(error: AppError): Record<string, string> {
  return {
    'x-should-retry': String(canHelp(error)),
    ...(error.code === 'unauthenticated' ? { 'www-authenticate': 'Bearer realm="OpenAI API"' } : {}),
    ...(canHelp(error) ? retryHeaders(error.retryAfterMs) : {}),
  };
}

/** Whether repeating can help. Weights that are damaged stay so. */
function canHelp(error: AppError): boolean {
  return error.retryable && error.reason !== 'damaged_model';
}

function retryHeaders(retryAfterMs: number | undefined): Record<string, string> {
  if (retryAfterMs === undefined) return { 'retry-after': DEFAULT_RETRY_SECONDS };
  return { 'retry-after-ms': String(Math.round(retryAfterMs)) };
}

function messageOf(error: AppError): string {
  const fields = error.issues.filter((issue) => issue.path.length > 0);
  return fields.length > 0 ? fields.map(sentence).join(' ') : error.message;
}

function sentence(issue: FieldIssue): string {
  const field = `'${issue.path.join('.')}'`;
  if (issue.kind === 'missing') return `${field} is required.`;
  return `${field} ${issue.message}${received(issue)}.`;
}

/** What the caller sent, as far as it fits into a sentence. */
function received({ kind, received: value }: FieldIssue): string {
  if (typeof value === 'string' && kind === 'too_long') return `, but has ${Array.from(value).length}`;
  if (value !== null && !['string', 'number', 'boolean'].includes(typeof value)) return '';
  const shown = JSON.stringify(value);
  return shown.length > LONGEST_ECHO ? '' : `, but is ${shown}`;
}
