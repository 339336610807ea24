import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeyBook, type KeyOrder } from '../core/access/key-book.ts';
import { keyAuthenticator } from './keys.ts';
import { openSqliteStore } from './store/sqlite-store.ts';

const HOUR_MS = 3_600_000;

/** An installation whose clock stands where the test puts it. */
function installation() {
  const { keys } = openSqliteStore(':memory:');
  const time = { now: Date.UTC(2026, 10, 3, 12) };
  const clock = { now: () => time.now };
  const book = createKeyBook({ keys, clock, dialects: ['openai'] });
  const authenticator = keyAuthenticator(keys, clock);
  const make = async (order: Partial<KeyOrder> = {}) => book.create({ name: 'team', ...order });
  return { keys, time, book, authenticator, make };
}

test('without any key everybody is the same anonymous owner, with a credential or without', async () => {
  const authenticator = keyAuthenticator(openSqliteStore(':memory:').keys);
  assert.equal(await authenticator.required(), false);
  for (const credential of [undefined, 'sk-anything']) {
    const anybody = await authenticator.authenticate(credential);
    assert.deepEqual([anybody.id, anybody.anonymous, anybody.grant.role], ['anonymous', true, 'admin']);
  }
});

test('once a key exists only it opens the door, and missing and unknown keys are told apart', async () => {
  const { authenticator, make } = installation();
  const { secret: key, record } = await make();
  assert.match(key, /^ant_[A-Za-z0-9]{40}$/);
  assert.deepEqual(await authenticator.authenticate(key), {
    id: record.id,
    name: 'team',
    anonymous: false,
    grant: { role: 'user', scopes: {}, limits: {} },
  });
  for (const [credential, reason] of [
    [undefined, 'missing_key'],
    ['', 'missing_key'],
    [`${key}x`, 'unknown_key'],
    [key.toLowerCase(), 'unknown_key'],
    [record.hash, 'unknown_key'],
    [record.id, 'unknown_key'],
  ] as const) {
    await assert.rejects(authenticator.authenticate(credential), { code: 'unauthenticated', reason });
  }
});

test('whoever comes with a key may do what the key is good for, as it is now', async () => {
  const { authenticator, book, make } = installation();
  const { secret, record } = await make({ role: 'admin', scopes: { models: ['tts-1'] } });
  const before = await authenticator.authenticate(secret);
  assert.deepEqual(before.grant, { role: 'admin', scopes: { models: ['tts-1'] }, limits: {} });
  await book.change(record.id, { role: 'user', limits: { concurrency: 2 } });
  const { grant } = await authenticator.authenticate(secret);
  assert.deepEqual(grant, { role: 'user', scopes: { models: ['tts-1'] }, limits: { concurrency: 2 } });
  assert.deepEqual((await authenticator.findAdmitted(record.id))?.grant, grant);
});

test('a revoked key is refused, and revoking the last one does not open the server again', async () => {
  const { authenticator, book, make } = installation();
  const { secret, record } = await make();
  await book.revoke(record.id);
  await assert.rejects(authenticator.authenticate(secret), {
    code: 'unauthenticated',
    reason: 'unknown_key',
  });
  await assert.rejects(authenticator.authenticate(undefined), { code: 'unauthenticated' });
});

test('a key counts until the moment of its end, and the refusal says when that was', async () => {
  const { time, authenticator, make } = installation();
  const { secret, record } = await make({ expiresAt: time.now + HOUR_MS });
  time.now += HOUR_MS - 1;
  assert.equal((await authenticator.authenticate(secret)).id, record.id);
  assert.equal((await authenticator.findAdmitted(record.id))?.id, record.id);
  time.now += 1;
  await assert.rejects(authenticator.authenticate(secret), {
    code: 'unauthenticated',
    reason: 'expired_key',
    message: 'This API key expired at 2026-11-03T13:00:00Z.',
  });
  assert.equal(await authenticator.findAdmitted(record.id), undefined);
});

test('an expired key that was given a later end counts again', async () => {
  const { time, authenticator, book, make } = installation();
  const { secret, record } = await make({ expiresAt: time.now + 1 });
  time.now += 1;
  await book.change(record.id, { expiresAt: null });
  assert.equal((await authenticator.authenticate(secret)).id, record.id);
});

test('a rotated key is the same owner with another secret, and the old one is void at once', async () => {
  const { authenticator, book, make } = installation();
  const { secret, record } = await make();
  const rotated = await book.rotate(record.id, 0);
  assert.notEqual(rotated.secret, secret);
  assert.equal((await authenticator.authenticate(rotated.secret)).id, record.id);
  await assert.rejects(authenticator.authenticate(secret), {
    reason: 'expired_key',
    message: 'This API key was replaced by another one, and counted until 2026-11-03T12:00:00Z.',
  });
});

test('replaced secrets count for their own time of grace, also when there are several', async () => {
  const { time, authenticator, book, make } = installation();
  const { secret: first, record } = await make();
  const { secret: second } = await book.rotate(record.id, 24 * HOUR_MS);
  const { secret: third } = await book.rotate(record.id, HOUR_MS);
  const opens = async () =>
    Promise.all(
      [first, second, third].map((secret) =>
        authenticator.authenticate(secret).then(
          ({ id }) => id === record.id,
          () => false,
        ),
      ),
    );
  assert.deepEqual(await opens(), [true, true, true]);
  time.now += HOUR_MS;
  assert.deepEqual(await opens(), [true, false, true]);
  time.now += 23 * HOUR_MS;
  assert.deepEqual(await opens(), [false, false, true]);
});

test('revoking ends every secret of a key, one in its time of grace too', async () => {
  const { authenticator, book, make } = installation();
  const { secret: first, record } = await make();
  const { secret: second } = await book.rotate(record.id, HOUR_MS);
  await book.revoke(record.id);
  for (const secret of [first, second])
    await assert.rejects(authenticator.authenticate(secret), { reason: 'unknown_key' });
});

test('who was let in with a key is admitted until it is revoked, and who needed none until there is one', async () => {
  const { authenticator, book, make } = installation();
  const anybody = await authenticator.authenticate(undefined);
  assert.deepEqual(await authenticator.findAdmitted(anybody.id), anybody);
  const one = await make();
  const other = await make();
  const caller = await authenticator.authenticate(one.secret);
  assert.deepEqual(
    [await authenticator.findAdmitted(anybody.id), await authenticator.findAdmitted(caller.id)],
    [undefined, caller],
  );
  await book.revoke(other.record.id);
  assert.deepEqual(await authenticator.findAdmitted(caller.id), caller);
  await book.revoke(one.record.id);
  assert.equal(await authenticator.findAdmitted(caller.id), undefined);
});

test('a store that answers with another secret than was asked for lets nobody in', async () => {
  const { keys, make } = installation();
  const { secret } = await make();
  const { secret: other } = await make();
  const found = await keys.findSecret((await keys.list())[0]?.hash ?? '');
  assert.ok(found);
  const muddled = keyAuthenticator({ ...keys, findSecret: async () => found });
  const outcomes = await Promise.allSettled([muddled.authenticate(secret), muddled.authenticate(other)]);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('the key itself is nowhere in the store', async () => {
  const { keys, book, make } = installation();
  const { secret, record } = await make();
  const { secret: second } = await book.rotate(record.id, HOUR_MS);
  const kept = JSON.stringify([await keys.list(), await keys.findSecret(record.hash)]);
  for (const one of [secret, second]) assert.ok(!kept.includes(one.slice(8)));
});
