import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKey, keyAuthenticator } from './keys.ts';
import { openSqliteStore } from './store/sqlite-store.ts';
import { systemClock } from './system-clock.ts';

test('without any key everybody is the same anonymous owner, with a credential or without', async () => {
  const authenticator = keyAuthenticator(openSqliteStore(':memory:').keys);
  assert.equal(await authenticator.required(), false);
  assert.equal((await authenticator.authenticate(undefined)).anonymous, true);
  assert.equal((await authenticator.authenticate('sk-anything')).id, 'anonymous');
});

test('once a key exists only it opens the door, and missing and unknown keys are told apart', async () => {
  const { keys } = openSqliteStore(':memory:');
  const authenticator = keyAuthenticator(keys);
  const { key, record } = await createKey(keys, systemClock, 'team');
  assert.match(key, /^ant_[A-Za-z0-9]{40}$/);
  assert.deepEqual(await authenticator.authenticate(key), { id: record.id, name: 'team', anonymous: false });
  await assert.rejects(authenticator.authenticate(undefined), {
    code: 'unauthenticated',
    reason: 'missing_key',
  });
  await assert.rejects(authenticator.authenticate(`${key}x`), {
    code: 'unauthenticated',
    reason: 'unknown_key',
  });
});

test('a revoked key is refused, and revoking the last one does not open the server again', async () => {
  const { keys } = openSqliteStore(':memory:');
  const authenticator = keyAuthenticator(keys);
  const { key, record } = await createKey(keys, systemClock, 'team');
  await keys.revoke(record.id, systemClock.now());
  await assert.rejects(authenticator.authenticate(key), { code: 'unauthenticated' });
  await assert.rejects(authenticator.authenticate(undefined), { code: 'unauthenticated' });
});

test('who was let in with a key is admitted until it is revoked, and who needed none until there is one', async () => {
  const { keys } = openSqliteStore(':memory:');
  const authenticator = keyAuthenticator(keys);
  const anybody = await authenticator.authenticate(undefined);
  assert.equal(await authenticator.stillAdmits(anybody), true);
  const one = await createKey(keys, systemClock, 'one');
  const other = await createKey(keys, systemClock, 'other');
  const caller = await authenticator.authenticate(one.key);
  assert.deepEqual(
    [await authenticator.stillAdmits(anybody), await authenticator.stillAdmits(caller)],
    [false, true],
  );
  await keys.revoke(other.record.id, systemClock.now());
  assert.equal(await authenticator.stillAdmits(caller), true);
  await keys.revoke(one.record.id, systemClock.now());
  assert.equal(await authenticator.stillAdmits(caller), false);
});

test('the key itself is nowhere in the store', async () => {
  const { keys } = openSqliteStore(':memory:');
  const { key } = await createKey(keys, systemClock, 'team');
  assert.ok(!JSON.stringify(await keys.list()).includes(key.slice(8)));
});
