import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, ERROR_CODES, type ErrorCode } from '../../base/errors.ts';
import { renderElevenlabsError } from './elevenlabs-errors.ts';
import { parseFields } from './elevenlabs-fields.ts';
import { speechBody, speechQuery } from './elevenlabs-speech-schema.ts';

const place = { requestId: 'ab'.repeat(16), method: 'POST', path: '/v1/text-to-speech/x', at: 0 };

function render(error: AppError) {
  const { status, body } = renderElevenlabsError(error, place);
  return { status, body: JSON.parse(JSON.stringify(body)) };
}

/** What the vendor's validator would say about a body or query. */
function problems(where: 'body' | 'query', value: unknown) {
  try {
    parseFields(where, where === 'body' ? speechBody : speechQuery, value);
  } catch (error) {
    assert.ok(error instanceof AppError);
    return render(error);
  }
  throw new Error('was accepted');
}

test('every error of ours is a class, a code, a legacy status, the request id and a message for other clients', () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    const { status, body } = render(new AppError(code, 'Too bad.'));
    assert.ok(status >= 400 && status < 600 && status !== 501, `${code} is ${status}`);
    assert.equal(typeof body.detail.type, 'string');
    assert.equal(typeof body.detail.code, 'string');
    assert.equal(typeof body.detail.status, 'string');
    assert.equal(body.detail.message, 'Too bad.');
    assert.equal(body.detail.request_id, place.requestId);
    assert.deepEqual(body.error, { message: 'Too bad.', code: status });
  }
});

const stateProblems: readonly [AppError, number, Record<string, string>][] = [
  [
    new AppError('unauthenticated', 'm', { reason: 'missing_key' }),
    401,
    { type: 'authentication_error', code: 'unauthorized', status: 'needs_authorization' },
  ],
  [
    new AppError('unauthenticated', 'm', { reason: 'unknown_key' }),
    401,
    { type: 'authentication_error', code: 'unauthorized', status: 'invalid_api_key' },
  ],
  [
    new AppError('not_found', 'm', { subject: 'voice', param: 'voice_id' }),
    404,
    { type: 'not_found', code: 'voice_not_found', status: 'voice_not_found', param: 'voice_id' },
  ],
  [
    new AppError('not_found', 'm', { subject: 'model', param: 'model' }),
    404,
    { type: 'not_found', code: 'model_not_found', status: 'model_not_found', param: 'model_id' },
  ],
  [
    new AppError('unsupported_feature', 'm', {
      subject: 'model',
      param: 'model',
      reason: 'unsupported_model',
    }),
    400,
    { type: 'validation_error', code: 'unsupported_model', status: 'unsupported_model', param: 'model_id' },
  ],
  [
    new AppError('unsupported_feature', 'm', { param: 'voice_settings.style', reason: 'strict' }),
    400,
    { type: 'invalid_request', code: 'feature_not_available', param: 'voice_settings.style' },
  ],
  [
    new AppError('invalid_request', 'm', { param: 'text', reason: 'empty_text' }),
    400,
    { type: 'validation_error', code: 'empty_text', status: 'empty_text', param: 'text' },
  ],
  [
    new AppError('invalid_request', 'm', { param: 'text', reason: 'text_too_long' }),
    400,
    {
      type: 'validation_error',
      code: 'text_too_long',
      status: 'max_character_limit_exceeded',
      param: 'text',
    },
  ],
  [
    new AppError('overloaded', 'm', { retryAfterMs: 5 }),
    429,
    { type: 'rate_limit_error', code: 'concurrent_limit_exceeded', status: 'too_many_concurrent_requests' },
  ],
  [new AppError('rate_limited', 'm'), 429, { type: 'rate_limit_error', code: 'rate_limit_exceeded' }],
  [new AppError('quota_exceeded', 'm'), 401, { code: 'insufficient_credits', status: 'quota_exceeded' }],
];

for (const [error, status, wanted] of stateProblems) {
  test(`${error.code} ${error.reason ?? error.subject ?? ''} is a ${status} with ${wanted.status ?? wanted.code}`, () => {
    const rendered = render(error);
    assert.equal(rendered.status, status);
    assert.deepEqual({ ...rendered.body.detail, ...wanted }, rendered.body.detail);
  });
}

const text = 'Hello';
const wrongBodies: readonly [unknown, (string | number)[], string, string][] = [
  [{}, ['body', 'text'], 'missing', 'Field required'],
  [undefined, ['body'], 'missing', 'Field required'],
  [
    null,
    ['body'],
    'model_attributes_type',
    'Input should be a valid dictionary or object to extract fields from',
  ],
  [{ text: 5 }, ['body', 'text'], 'string_type', 'Input should be a valid string'],
  [{ text: null }, ['body', 'text'], 'string_type', 'Input should be a valid string'],
  [
    { text, voice_settings: { stability: 2 } },
    ['body', 'voice_settings', 'stability'],
    'less_than_equal',
    'Input should be less than or equal to 1',
  ],
  [
    { text, voice_settings: { stability: -0.1 } },
    ['body', 'voice_settings', 'stability'],
    'greater_than_equal',
    'Input should be greater than or equal to 0',
  ],
  [
    { text, voice_settings: { style: [1] } },
    ['body', 'voice_settings', 'style'],
    'float_type',
    'Input should be a valid number',
  ],
  [
    { text, voice_settings: { speed: 'fast' } },
    ['body', 'voice_settings', 'speed'],
    'float_parsing',
    'Input should be a valid number, unable to parse string as a number',
  ],
  [
    { text, voice_settings: [] },
    ['body', 'voice_settings'],
    'model_attributes_type',
    'Input should be a valid dictionary or object to extract fields from',
  ],
  [
    { text, seed: 1.5 },
    ['body', 'seed'],
    'int_from_float',
    'Input should be a valid integer, got a number with a fractional part',
  ],
  [
    { text, use_pvc_as_ivc: 'maybe' },
    ['body', 'use_pvc_as_ivc'],
    'bool_parsing',
    'Input should be a valid boolean, unable to interpret input',
  ],
  [{ text, use_pvc_as_ivc: [] }, ['body', 'use_pvc_as_ivc'], 'bool_type', 'Input should be a valid boolean'],
  [
    { text, apply_text_normalization: 'maybe' },
    ['body', 'apply_text_normalization'],
    'literal_error',
    "Input should be 'auto', 'on' or 'off'",
  ],
  [
    { text, previous_request_ids: ['a', 'b', 'c', 'd'] },
    ['body', 'previous_request_ids'],
    'too_long',
    'List should have at most 3 items after validation, not 4',
  ],
  [
    { text, next_request_ids: 'a' },
    ['body', 'next_request_ids'],
    'list_type',
    'Input should be a valid list',
  ],
  [
    { text, next_request_ids: ['a', 7] },
    ['body', 'next_request_ids', 1],
    'string_type',
    'Input should be a valid string',
  ],
  [
    { text, pronunciation_dictionary_locators: [{}] },
    ['body', 'pronunciation_dictionary_locators', 0, 'pronunciation_dictionary_id'],
    'missing',
    'Field required',
  ],
];

for (const [body, loc, type, msg] of wrongBodies) {
  test(`the body ${JSON.stringify(body)} is a 422 ${type} at ${loc.join('.')}`, () => {
    const { status, body: answer } = problems('body', body);
    assert.equal(status, 422);
    const { ctx: _, input: __, ...first } = answer.detail[0];
    assert.deepEqual(first, { type, loc, msg });
    assert.equal(answer.error.code, 422);
    assert.match(answer.error.message, /: /);
  });
}

test('a wrong query is told from a wrong body', () => {
  const { body } = problems('query', { output_format: 'mp3_1_1' });
  assert.deepEqual(body.detail[0].loc, ['query', 'output_format']);
  assert.equal(body.detail[0].type, 'literal_error');
  assert.equal(body.detail[0].input, 'mp3_1_1');
});

test('all wrong fields come in one answer, each with its bound and what was sent', () => {
  const { body } = problems('body', { text: 5, voice_settings: { stability: 2 }, seed: -1 });
  assert.deepEqual(
    body.detail.map((one: { loc: unknown[]; ctx?: unknown; input: unknown }) => [
      one.loc.at(-1),
      one.input,
      one.ctx,
    ]),
    [
      ['text', 5, undefined],
      ['stability', 2, { le: 1 }],
      ['seed', -1, { ge: 0 }],
    ],
  );
});

test('a body that is no JSON is json_invalid', () => {
  const message = 'The body is not valid JSON: bad';
  const error = new AppError('invalid_request', message, {
    reason: 'malformed_json',
    issues: [{ path: [], kind: 'malformed', message }],
  });
  const { status, body } = render(error);
  assert.equal(status, 422);
  assert.equal(body.detail[0].type, 'json_invalid');
  assert.deepEqual(body.detail[0].loc, ['body']);
});
