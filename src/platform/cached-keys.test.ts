import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeyBook } from '../core/access/key-book.ts';
import type { KeyStore } from '../core/ports/store.ts';
import { cachedKeys } from './cached-keys.ts';
import { keyAuthenticator } from './keys.ts';
import { openSqliteStore } from './store/sqlite-store.ts';

interface Machine {
  readonly authenticator: ReturnType<typeof keyAuthenticator>;
  readonly book: ReturnType<typeof createKeyBook>;
}

/** One database behind two machines, whose questions are counted. */
function installation() {
  const { keys } = openSqliteStore(':memory:');
  const time = { now: 1000 };
  const clock = { now: () => time.now, monotonicMs: () => time.now };
  const asked = { count: 0 };
  const counting =
    <Argument, Found>(ask: (argument: Argument) => Promise<Found>) =>
    async (argument: Argument): Promise<Found> => {
      asked.count += 1;
      return ask(argument);
    };
  const anyway = counting(() => keys.any());
  const far: KeyStore = {
    ...keys,
    find: counting((id: string) => keys.find(id)),
    findSecret: counting((hash: string) => keys.findSecret(hash)),
    any: () => anyway(undefined),
  };
  const machine = (): Machine => {
    const near = cachedKeys(far, clock);
    return {
      authenticator: keyAuthenticator(near, clock),
      book: createKeyBook({ keys: near, clock, dialects: [] }),
    };
  };
  const questions = async (act: () => Promise<unknown>) => {
    asked.count = 0;
    await act();
    return asked.count;
  };
  return { time, far, clock, here: machine(), there: machine(), questions };
}

test('many requests with one key within a second are one question to the database', async () => {
  const { here, questions, time } = installation();
  const { secret } = await here.book.create({ name: 'one' });
  const calls = () => Promise.all(Array.from({ length: 50 }, () => here.authenticator.authenticate(secret)));
  assert.equal(await questions(calls), 1);
  time.now += 999;
  assert.equal(await questions(calls), 0);
  time.now += 1;
  assert.equal(await questions(calls), 1);
});

test('a revocation counts at once on the machine where it is made, and within a second on others', async () => {
  const { here, there, time } = installation();
  const { secret, record } = await here.book.create({ name: 'one' });
  await there.authenticator.authenticate(secret);
  await there.authenticator.findAdmitted(record.id);
  await here.authenticator.authenticate(secret);
  await here.book.revoke(record.id);
  await assert.rejects(here.authenticator.authenticate(secret), { reason: 'unknown_key' });
  assert.equal((await there.authenticator.authenticate(secret)).id, record.id);
  time.now += 1000;
  await assert.rejects(there.authenticator.authenticate(secret), { reason: 'unknown_key' });
  assert.equal(await there.authenticator.findAdmitted(record.id), undefined);
});

test('changed scopes and new secrets count at once where they are made, and within a second elsewhere', async () => {
  const { here, there, time } = installation();
  const { secret, record } = await here.book.create({ name: 'one' });
  for (const { authenticator } of [here, there]) await authenticator.authenticate(secret);
  await here.book.change(record.id, { limits: { concurrency: 1 } });
  assert.equal((await here.authenticator.authenticate(secret)).grant.limits.concurrency, 1);
  const { secret: next } = await here.book.rotate(record.id, 0);
  assert.equal((await there.authenticator.authenticate(next)).id, record.id);
  await assert.rejects(here.authenticator.authenticate(secret), { reason: 'expired_key' });
  time.now += 1000;
  await assert.rejects(there.authenticator.authenticate(secret), { reason: 'expired_key' });
});

test('what is remembered does not prolong the life of a key', async () => {
  const { here, time } = installation();
  const { secret } = await here.book.create({ name: 'one', expiresAt: time.now + 10 });
  await here.authenticator.authenticate(secret);
  time.now += 10;
  await assert.rejects(here.authenticator.authenticate(secret), { reason: 'expired_key' });
});

test('the first key counts at once for whoever brings it, and within a second for those without', async () => {
  const { here, there, time, questions } = installation();
  assert.equal((await there.authenticator.authenticate(undefined)).anonymous, true);
  const { secret, record } = await here.book.create({ name: 'one' });
  assert.equal((await there.authenticator.authenticate(secret)).id, record.id);
  time.now += 1000;
  await assert.rejects(there.authenticator.authenticate(undefined), { reason: 'missing_key' });
  time.now += 10_000;
  assert.equal(await questions(() => there.authenticator.required()), 0);
});

test('a key that is made after somebody tried it counts at once', async () => {
  const { far, clock } = installation();
  const near = cachedKeys(far, clock);
  assert.equal(await near.findSecret('h'), undefined);
  const record = await createKeyBook({ keys: far, clock, dialects: [] }).create({ name: 'x' });
  assert.equal((await near.findSecret(record.record.hash))?.key.id, record.record.id);
});

test('thousands of guesses push no right key out', async () => {
  const { here, questions } = installation();
  const { secret } = await here.book.create({ name: 'one' });
  await here.authenticator.authenticate(secret);
  for (let guess = 0; guess < 5000; guess += 1) {
    await here.authenticator.authenticate(`guess-${guess}`).catch(() => undefined);
  }
  assert.equal(await questions(() => here.authenticator.authenticate(secret)), 0);
});

test('more keys than are remembered still open', async () => {
  const { here } = installation();
  const made = await Promise.all(
    Array.from({ length: 1200 }, (_, index) => here.book.create({ name: `n${index}` })),
  );
  for (const { secret, record } of made) {
    assert.equal((await here.authenticator.authenticate(secret)).id, record.id);
  }
  const [first] = made;
  assert.equal((await here.authenticator.authenticate(first?.secret)).id, first?.record.id);
});

test('a database that is away is asked again by the next request', async () => {
  const { far, clock, time } = installation();
  const { record } = await createKeyBook({ keys: far, clock, dialects: [] }).create({ name: 'one' });
  const line = { isDown: true };
  const near = cachedKeys(
    {
      ...far,
      findSecret: async (hash) => {
        if (line.isDown) throw new Error('away');
        return far.findSecret(hash);
      },
    },
    clock,
  );
  await assert.rejects(near.findSecret(record.hash), /away/);
  line.isDown = false;
  assert.equal((await near.findSecret(record.hash))?.key.id, record.id);
  line.isDown = true;
  assert.equal((await near.findSecret(record.hash))?.key.id, record.id);
  time.now += 1000;
  await assert.rejects(near.findSecret(record.hash), /away/);
});

test('an answer that was on its way while a key was revoked is not remembered', async () => {
  const { far, clock } = installation();
  const { record } = await createKeyBook({ keys: far, clock, dialects: [] }).create({ name: 'one' });
  const held = Promise.withResolvers<void>();
  let isFirst = true;
  const near = cachedKeys(
    {
      ...far,
      findSecret: async (hash) => {
        const found = await far.findSecret(hash);
        if (isFirst) {
          isFirst = false;
          await held.promise;
        }
        return found;
      },
    },
    clock,
  );
  const early = near.findSecret(record.hash);
  await near.revoke(record.id, 5);
  held.resolve();
  assert.equal((await early)?.key.revokedAt, undefined);
  assert.equal((await near.findSecret(record.hash))?.key.revokedAt, 5);
});
