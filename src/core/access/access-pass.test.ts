import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import { createPassBook, type PassOrder } from './access-pass.ts';

const OWNER = { id: 'key:1', name: 'one', anonymous: false } as const;
const ORDER: PassOrder = {
  principal: OWNER,
  purpose: 'live_transcription',
  prefix: 'ek_',
  seconds: 10,
  once: false,
};

function refusal(use: () => unknown): string | undefined {
  try {
    use();
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
  return undefined;
}

test('a pass stands for its owner until it expires, and brings along what belongs to it', () => {
  let now = 1_000;
  const book = createPassBook({ now: () => now });
  const { token, expiresAt } = book.issue({ ...ORDER, content: { model: 'x' } });
  assert.match(token, /^ek_[A-Za-z0-9]{32}$/);
  assert.equal(expiresAt, 11_000);
  const redeemed = book.redeem(token, 'live_transcription');
  assert.deepEqual([redeemed.principal, redeemed.content], [OWNER, { model: 'x' }]);
  now = 10_999;
  assert.equal(book.redeem(token, 'live_transcription').principal, OWNER);
  now = 11_000;
  assert.equal(
    refusal(() => book.redeem(token, 'live_transcription')),
    'unauthenticated',
  );
});

test('a pass opens nothing but what it is for', () => {
  const book = createPassBook({ now: () => 0 });
  const { token } = book.issue(ORDER);
  assert.equal(
    refusal(() => book.redeem(token, 'live_speech')),
    'unauthenticated',
  );
  assert.equal(
    refusal(() => book.redeem(`${token}x`, 'live_transcription')),
    'unauthenticated',
  );
  assert.equal(book.redeem(token, 'live_transcription').principal, OWNER);
});

test('a pass for one use is used up by it, but not by somebody who tries it elsewhere', () => {
  const book = createPassBook({ now: () => 0 });
  const { token } = book.issue({ ...ORDER, once: true });
  refusal(() => book.redeem(token, 'transcription'));
  assert.equal(book.redeem(token, 'live_transcription').principal, OWNER);
  assert.equal(
    refusal(() => book.redeem(token, 'live_transcription')),
    'unauthenticated',
  );
});

test('there are no more than 10,000 passes at a time, and expired ones make room', () => {
  let now = 0;
  const book = createPassBook({ now: () => now });
  for (let count = 0; count < 10_000; count += 1) book.issue(ORDER);
  assert.equal(
    refusal(() => book.issue(ORDER)),
    'overloaded',
  );
  now = 10_000;
  assert.match(book.issue(ORDER).token, /^ek_/);
});
