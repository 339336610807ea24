import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, ERROR_CODES, type ErrorCode } from '../../base/errors.ts';
import { renderEigenError } from './eigen-errors.ts';

test('every error is one sentence under both keys that clients read, as strings', () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    // The keys of the literal are its type.
    const { body, status } = renderEigenError(new AppError(code, 'What was wrong.'));
    assert.deepEqual(body, { detail: 'What was wrong.', error: 'What was wrong.' });
    assert.ok(status >= 400 && status <= 504);
  }
});

test('an unknown model or voice is a bad request, an unknown path is not found', () => {
  const statusOf = (subject: 'model' | 'voice' | 'route' | 'job') =>
    renderEigenError(new AppError('not_found', 'No.', { subject })).status;
  assert.deepEqual(
    ['model', 'voice', 'route', 'job'].map((subject) => statusOf(subject as 'model')),
    [400, 400, 404, 404],
  );
});

test('what a model cannot do is a bad request', () => {
  assert.equal(renderEigenError(new AppError('unsupported_feature', 'No.')).status, 400);
});

test('the field at fault stands in the sentence, and never twice', () => {
  const detail = (message: string) =>
    renderEigenError(new AppError('payload_too_large', message, { param: 'file' })).body;
  assert.deepEqual(detail('It is too long.'), {
    detail: 'file: It is too long.',
    error: 'file: It is too long.',
  });
  assert.deepEqual(detail('The file is empty.'), {
    detail: 'The file is empty.',
    error: 'The file is empty.',
  });
});
