import type { AppError, ErrorCode, FieldIssue } from '../../base/errors.ts';
import type { ErrorPlace, RenderedError } from '../dialect.ts';
import { IN_QUERY } from './elevenlabs-fields.ts';
import { toSchemaProblem } from './elevenlabs-schema-problems.ts';
import { ownValue } from '../../base/own-value.ts';

/** The vendor's classification of an error. `legacy` is the older word for `code`, where it differs. */
interface VendorError {
  readonly status: number;
  readonly type: string;
  readonly code: string;
  readonly legacy?: string;
}

const BY_CODE: Readonly<Record<ErrorCode, VendorError>> = {
  invalid_request: { status: 400, type: 'invalid_request', code: 'invalid_parameters' },
  unauthenticated: {
    status: 401,
    type: 'authentication_error',
    code: 'unauthorized',
    legacy: 'invalid_api_key',
  },
  // The vendor's clients know an empty account by 401 and this legacy word.
  quota_exceeded: {
    status: 401,
    type: 'payment_required',
    code: 'insufficient_credits',
    legacy: 'quota_exceeded',
  },
  permission_denied: { status: 403, type: 'authorization_error', code: 'forbidden' },
  not_found: { status: 404, type: 'not_found', code: 'not_found' },
  method_not_allowed: { status: 405, type: 'invalid_request', code: 'method_not_allowed' },
  conflict: { status: 409, type: 'invalid_request', code: 'conflict' },
  payload_too_large: { status: 413, type: 'validation_error', code: 'payload_too_large' },
  unsupported_media: { status: 415, type: 'validation_error', code: 'unsupported_media_type' },
  // The vendor's clients repeat every 5xx, 501 too, so what cannot be done is a 400.
  unsupported_feature: { status: 400, type: 'invalid_request', code: 'feature_not_available' },
  content_rejected: { status: 400, type: 'validation_error', code: 'content_rejected' },
  rate_limited: { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  cancelled: { status: 499, type: 'invalid_request', code: 'cancelled' },
  internal: { status: 500, type: 'internal_error', code: 'internal_error' },
  engine_failed: { status: 500, type: 'internal_error', code: 'engine_failed' },
  overloaded: {
    status: 429,
    type: 'rate_limit_error',
    code: 'concurrent_limit_exceeded',
    legacy: 'too_many_concurrent_requests',
  },
  timed_out: { status: 503, type: 'service_unavailable', code: 'timed_out' },
};

/** Finer cases within a code, by the error's `reason`. */
const BY_REASON: Readonly<Record<string, Partial<VendorError>>> = {
  missing_key: { legacy: 'needs_authorization' },
  model_not_in_scope: { code: 'model_access_denied' },
  capability_not_in_scope: { code: 'insufficient_permissions' },
  dialect_not_in_scope: { code: 'insufficient_permissions' },
  admin_only: { code: 'insufficient_permissions' },
  empty_text: { type: 'validation_error', code: 'empty_text' },
  nothing_to_speak: { type: 'validation_error', code: 'empty_text' },
  text_too_long: { type: 'validation_error', code: 'text_too_long', legacy: 'max_character_limit_exceeded' },
  invalid_parameters: { type: 'validation_error' },
  unsupported_model: { type: 'validation_error', code: 'unsupported_model' },
  audio_too_short: { type: 'validation_error', code: 'audio_too_short' },
  transcript_not_found: { code: 'transcript_not_found' },
  audio_effect_not_found: { code: 'audio_effect_not_found' },
  dictionary_limit: { code: 'pronunciation_dictionary_limit_reached' },
  input_timeout_exceeded: { code: 'input_timeout_exceeded' },
  invalid_input_message: { code: 'invalid_input_message' },
  message_too_large: { code: 'message_too_large' },
  concurrent_requests: { code: 'concurrent_limit_exceeded', legacy: 'too_many_concurrent_requests' },
  max_active_conversations: { code: 'max_active_conversations' },
};

const BY_SUBJECT: Readonly<Record<string, Partial<VendorError>>> = {
  model: { code: 'model_not_found' },
  voice: { code: 'voice_not_found' },
  dictionary: { code: 'pronunciation_dictionary_not_found' },
  history_item: { code: 'history_item_not_found' },
};

/** The core's word for a field, where the caller has another one. */
const PARAMS: Readonly<Record<string, string>> = {
  model: 'model_id',
  dictionary: 'pronunciation_dictionary_id',
};

/**
 * An error in the vendor's envelope: a list of wrong fields, or one problem with a class and a code. Both carry
 * `error` as well, the only place where some clients look for the message.
 */
export function renderElevenlabsError(error: AppError, place: ErrorPlace): RenderedError {
  return error.issues.length > 0 ? renderIssues(error) : renderProblem(error, place);
}

/** The one word for an error where there is no room for its classification. */
export function errorWord(error: AppError): string {
  const { code, legacy } = classify(error);
  return legacy ?? code;
}

function renderIssues(error: AppError): RenderedError {
  const origin = error.reason === IN_QUERY ? 'query' : 'body';
  const detail = error.issues.map((issue: FieldIssue) => toSchemaProblem(issue, origin));
  return { status: 422, headers: {}, body: { detail, error: { message: error.message, code: 422 } } };
}

function renderProblem(error: AppError, place: ErrorPlace): RenderedError {
  const { status, type, code, legacy } = classify(error);
  const { message } = error;
  const param = error.param === undefined ? {} : { param: ownValue(PARAMS, error.param) ?? error.param };
  const detail = { type, code, message, status: legacy ?? code, request_id: place.requestId, ...param };
  return { status, headers: {}, body: { detail, error: { message, code: status } } };
}

function classify(error: AppError): VendorError {
  const subject = error.code === 'not_found' && error.subject ? BY_SUBJECT[error.subject] : undefined;
  const reason = error.reason ? BY_REASON[error.reason] : undefined;
  return { ...BY_CODE[error.code], ...subject, ...reason };
}
