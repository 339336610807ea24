import { FULL_GRANT } from './grant.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import { createPassBook, type PassBook, type PassOrder } from './access-pass.ts';

const OWNER = { id: 'key:1', name: 'one', anonymous: false, grant: FULL_GRANT } as const;
const ORDER: PassOrder = {
  principal: OWNER,
  purpose: 'live_transcription',
  prefix: 'ek_',
  seconds: 10,
  once: false,
};

/** A book of keys that are never revoked. */
function bookAt(now: () => number): PassBook {
  return createPassBook({ clock: { now }, authenticator: { findAdmitted: async () => OWNER } });
}

async function refusal(use: () => unknown): Promise<string | undefined> {
  try {
    await use();
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
  return undefined;
}

test('a pass stands for its owner until it expires, and brings along what belongs to it', async () => {
  let now = 1_000;
  const book = bookAt(() => now);
  const { token, expiresAt } = book.issue({ ...ORDER, content: { model: 'x' } });
  assert.match(token, /^ek_[A-Za-z0-9]{32}$/);
  assert.equal(expiresAt, 11_000);
  const redeemed = await book.redeem(token, 'live_transcription');
  assert.deepEqual([redeemed.principal, redeemed.content], [OWNER, { model: 'x' }]);
  now = 10_999;
  assert.equal((await book.redeem(token, 'live_transcription')).principal, OWNER);
  now = 11_000;
  assert.equal(await refusal(() => book.redeem(token, 'live_transcription')), 'unauthenticated');
});

test('a pass opens nothing but what it is for', async () => {
  const book = bookAt(() => 0);
  const { token } = book.issue(ORDER);
  assert.equal(await refusal(() => book.redeem(token, 'live_speech')), 'unauthenticated');
  assert.equal(await refusal(() => book.redeem(`${token}x`, 'live_transcription')), 'unauthenticated');
  assert.equal((await book.redeem(token, 'live_transcription')).principal, OWNER);
});

test('a pass for one use is used up by it, but not by somebody who tries it elsewhere', async () => {
  const book = bookAt(() => 0);
  const { token } = book.issue({ ...ORDER, once: true });
  await refusal(() => book.redeem(token, 'transcription'));
  assert.equal((await book.redeem(token, 'live_transcription')).principal, OWNER);
  assert.equal(await refusal(() => book.redeem(token, 'live_transcription')), 'unauthenticated');
});

test('there are no more than 10,000 passes at a time, and expired ones make room', async () => {
  let now = 0;
  const book = bookAt(() => now);
  for (let count = 0; count < 10_000; count += 1) book.issue(ORDER);
  assert.equal(await refusal(() => book.issue(ORDER)), 'overloaded');
  now = 10_000;
  assert.match(book.issue(ORDER).token, /^ek_/);
});

test('a pass does not outlive the key that it was made with, not even when that comes back', async () => {
  const revoked = new Set<string>();
  let asked = '';
  const book = createPassBook({
    clock: { now: () => 0 },
    authenticator: {
      findAdmitted: async (id) => {
        asked = id;
        return revoked.has(id) ? undefined : OWNER;
      },
    },
  });
  const { token } = book.issue(ORDER);
  assert.equal((await book.redeem(token, 'live_transcription')).principal, OWNER);
  assert.equal(asked, OWNER.id);
  revoked.add(OWNER.id);
  assert.equal(await refusal(() => book.redeem(token, 'live_transcription')), 'unauthenticated');
  revoked.clear();
  assert.equal(await refusal(() => book.redeem(token, 'live_transcription')), 'unauthenticated');
});

test('of two who use a pass for one use at the same time, one gets in', async () => {
  const book = bookAt(() => 0);
  const { token } = book.issue({ ...ORDER, once: true });
  const both = [1, 2].map(() => book.redeem(token, 'live_transcription'));
  const outcomes = await Promise.allSettled(both);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
});
