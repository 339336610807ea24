import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, type AppErrorDetails, type ErrorCode } from '../../base/errors.ts';
import { errorBody, renderOpenaiError } from './openai-errors.ts';

type Row = readonly [
  code: ErrorCode,
  details: AppErrorDetails,
  status: number,
  type: string,
  param: string | null,
  vendorCode: string | null,
];

const ROWS: readonly Row[] = [
  ['invalid_request', { param: 'speed' }, 400, 'invalid_request_error', 'speed', null],
  ['unauthenticated', { reason: 'unknown_key' }, 401, 'invalid_request_error', null, 'invalid_api_key'],
  ['unauthenticated', { reason: 'missing_key' }, 401, 'invalid_request_error', null, null],
  ['quota_exceeded', {}, 429, 'insufficient_quota', null, 'insufficient_quota'],
  ['permission_denied', {}, 403, 'invalid_request_error', null, null],
  ['not_found', { subject: 'route' }, 404, 'invalid_request_error', null, null],
  [
    'not_found',
    { subject: 'model', param: 'model' },
    404,
    'invalid_request_error',
    'model',
    'model_not_found',
  ],
  ['not_found', { subject: 'voice', param: 'voice' }, 400, 'invalid_request_error', 'voice', null],
  ['method_not_allowed', { subject: 'route' }, 405, 'invalid_request_error', null, 'method_not_supported'],
  ['conflict', {}, 400, 'invalid_request_error', null, 'conflict'],
  ['payload_too_large', {}, 413, 'server_error', null, null],
  ['unsupported_media', {}, 400, 'invalid_request_error', null, null],
  ['unsupported_feature', { param: 'voice' }, 400, 'invalid_request_error', 'voice', 'unsupported_value'],
  [
    'unsupported_feature',
    { param: 'speed', reason: 'strict' },
    400,
    'invalid_request_error',
    'speed',
    'unsupported_parameter',
  ],
  [
    'unsupported_feature',
    { param: 'model', reason: 'not_installed' },
    404,
    'invalid_request_error',
    'model',
    'model_not_found',
  ],
  [
    'invalid_request',
    { param: 'language', reason: 'invalid_language_format' },
    400,
    'invalid_request_error',
    'language',
    'invalid_language_format',
  ],
  [
    'invalid_request',
    { param: 'file', reason: 'audio_too_short' },
    400,
    'invalid_request_error',
    'file',
    'audio_too_short',
  ],
  [
    'payload_too_large',
    { param: 'file', reason: 'decode_limit' },
    400,
    'invalid_request_error',
    'file',
    'invalid_value',
  ],
  ['content_rejected', {}, 400, 'invalid_request_error', null, 'content_policy_violation'],
  ['rate_limited', {}, 429, 'requests', null, 'rate_limit_exceeded'],
  ['internal', {}, 500, 'server_error', null, null],
  ['engine_failed', {}, 502, 'server_error', null, 'engine_failed'],
  ['overloaded', {}, 503, 'server_error', null, 'engine_overloaded'],
  ['timed_out', {}, 504, 'server_error', null, 'timed_out'],
];

for (const [code, details, status, type, param, vendorCode] of ROWS) {
  const detail = details.subject ?? details.reason ?? details.param;
  test(`${code}${detail ? ` (${detail})` : ''} is a ${status} of type ${type}`, () => {
    const rendered = renderOpenaiError(new AppError(code, 'A sentence.', details));
    assert.equal(rendered.status, status);
    assert.deepEqual(rendered.body, { error: { message: 'A sentence.', type, param, code: vendorCode } });
  });
}

test('clients learn whether and when to repeat', () => {
  const headers = (code: ErrorCode, details: AppErrorDetails = {}) =>
    renderOpenaiError(new AppError(code, 'A sentence.', details)).headers;
  assert.deepEqual(headers('overloaded'), { 'x-should-retry': 'true', 'retry-after': '1' });
  assert.deepEqual(headers('rate_limited', { retryAfterMs: 250.4 }), {
    'x-should-retry': 'true',
    'retry-after-ms': '250',
  });
  assert.deepEqual(headers('quota_exceeded'), { 'x-should-retry': 'false' });
  assert.deepEqual(headers('internal'), { 'x-should-retry': 'false' });
  assert.deepEqual(headers('engine_failed', { reason: 'damaged_model' }), { 'x-should-retry': 'false' });
});

test('a message states the limit and what was sent, but never repeats a long value', () => {
  const message = (issue: ConstructorParameters<typeof AppError>[2]) =>
    errorBody(new AppError('invalid_request', 'Something else.', issue)).error.message;
  const path = ['speed'];
  assert.equal(
    message({ issues: [{ path, kind: 'too_big', message: 'must be at most 4', received: 5 }] }),
    "'speed' must be at most 4, but is 5.",
  );
  assert.equal(
    message({
      issues: [
        { path: ['input'], kind: 'too_long', message: 'must be at most 2 characters', received: '𝐚𝐛𝐜' },
      ],
    }),
    "'input' must be at most 2 characters, but has 3.",
  );
  assert.equal(
    message({
      issues: [{ path, kind: 'wrong_type', message: 'must be of type number', received: 'x'.repeat(61) }],
    }),
    "'speed' must be of type number.",
  );
  assert.equal(message({ issues: [{ path, kind: 'missing', message: '…' }] }), "'speed' is required.");
  assert.equal(message({ issues: [{ path: [], kind: 'malformed', message: '…' }] }), 'Something else.');
});
