import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { AppError, ERROR_CODES, toAppError } from './errors.ts';

const page = readFileSync('docs/errors.md', 'utf8');
const rows = [...page.matchAll(/^\| `(\w+)` \| (\d{3}) \| (yes|–) \|/gm)];

test('docs/errors.md lists every code with its status and whether to retry, and no other', () => {
  const documented = Object.fromEntries(
    rows.map((row) => [row[1], { status: Number(row[2]), retryable: row[3] === 'yes' }]),
  );
  assert.deepEqual(documented, ERROR_CODES);
});

test('a stranger becomes "internal", keeps its cause for the log and shows nothing of it', () => {
  const secret = new Error('password 1234');
  const error = toAppError(secret);
  assert.equal(error.code, 'internal');
  assert.equal(error.cause, secret);
  assert.doesNotMatch(error.message, /1234/);
});

test('an abort becomes "cancelled", and our own errors stay what they are', () => {
  assert.equal(toAppError(new DOMException('gone', 'AbortError')).code, 'cancelled');
  const own = new AppError('not_found', 'no such thing', { param: 'id' });
  assert.equal(toAppError(own), own);
  assert.equal(own.status, 404);
  assert.equal(own.retryable, false);
});
