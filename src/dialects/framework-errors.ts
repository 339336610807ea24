import { AppError, toAppError } from '../base/errors.ts';

const BODY_TOO_LARGE = 'FST_ERR_CTP_BODY_TOO_LARGE';
const TOO_LARGE = [
  BODY_TOO_LARGE,
  'FST_REQ_FILE_TOO_LARGE',
  'FST_FIELDS_LIMIT',
  'FST_PARTS_LIMIT',
  'FST_FILES_LIMIT',
];
const WRONG_CONTENT_TYPE = ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'FST_INVALID_MULTIPART_CONTENT_TYPE'];
const NOT_JSON = ['FST_ERR_CTP_INVALID_JSON_BODY', 'FST_ERR_CTP_EMPTY_JSON_BODY'];

/** Whether the framework stopped to read a body because it is too large. */
export function isBodyTooLarge(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === BODY_TOO_LARGE;
}

/**
 * Turns what the HTTP framework throws before a handler runs (a body that is no JSON, one that is too large, a
 * content type without a parser) into an error of ours. Everything else goes through `toAppError`.
 */
export function fromFramework(thrown: unknown): AppError {
  if (thrown instanceof AppError || !(thrown instanceof Error)) return toAppError(thrown);
  const code = 'code' in thrown ? String(thrown.code) : '';
  if (thrown instanceof SyntaxError || NOT_JSON.includes(code)) return malformedJson(thrown);
  if (TOO_LARGE.includes(code)) {
    return new AppError(
      'payload_too_large',
      `The request is larger than this route takes: ${thrown.message}.`,
      { cause: thrown },
    );
  }
  if (WRONG_CONTENT_TYPE.includes(code)) {
    const message =
      'This content type is not understood here: send JSON as application/json, and files as multipart/form-data.';
    return new AppError('unsupported_media', message, { cause: thrown, reason: 'content_type' });
  }
  if ('statusCode' in thrown && thrown.statusCode === 400) {
    return new AppError('invalid_request', `The request cannot be read: ${thrown.message}.`, {
      cause: thrown,
      reason: 'malformed',
    });
  }
  return toAppError(thrown);
}

function malformedJson(cause: Error): AppError {
  const message = `The body is not valid JSON: ${cause.message}`;
  return new AppError('invalid_request', message, {
    cause,
    reason: 'malformed_json',
    issues: [{ path: [], kind: 'malformed', message }],
  });
}
