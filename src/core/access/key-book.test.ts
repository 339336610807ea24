import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStore } from '../../../test/support.ts';
import { createKeyBook, LONGEST_GRACE_MS } from './key-book.ts';
import type { KeyChange } from './key-terms.ts';

const NOW = Date.UTC(2026, 10, 3);

function openBook() {
  const time = { now: NOW };
  const { keys } = memoryStore();
  const clock = { now: () => time.now };
  return { time, keys, book: createKeyBook({ keys, clock, dialects: ['openai', 'eigen'] }) };
}

test('a new key is a user’s, without scopes, limits and end', async () => {
  const { book } = openBook();
  const { record, secret } = await book.create({ name: '  my app ' });
  const { id, hash, hint, ...rest } = record;
  assert.match(id, /^[0-9a-f]{12}$/);
  assert.match(hash, /^[0-9a-f]{64}$/);
  assert.equal(hint, `${secret.slice(0, 8)}…`);
  assert.deepEqual(rest, {
    name: 'my app',
    role: 'user',
    scopes: {},
    limits: {},
    createdAt: NOW,
    expiresAt: undefined,
    rotatedAt: undefined,
    revokedAt: undefined,
  });
  assert.deepEqual(await book.list(), [record]);
});

test('a change leaves what it does not name, and null takes away', async () => {
  const { book } = openBook();
  const { record } = await book.create({
    name: 'a',
    scopes: { models: ['m', 'n', 'm'], capabilities: ['speech'] },
    limits: { concurrency: 3, charactersPerDay: 100 },
    expiresAt: NOW + 5,
  });
  assert.deepEqual(record.scopes, { capabilities: ['speech'], models: ['m', 'n'] });
  const changes: readonly (readonly [KeyChange, object])[] = [
    [{ role: 'admin' }, { role: 'admin' }],
    [{ limits: { concurrency: 9 } }, { limits: { concurrency: 9, charactersPerDay: 100 } }],
    [{ limits: { concurrency: null } }, { limits: { charactersPerDay: 100 } }],
    [
      { scopes: { models: null, dialects: ['eigen'] } },
      { scopes: { dialects: ['eigen'], capabilities: ['speech'] } },
    ],
    [{ scopes: null }, { scopes: {} }],
    [{ limits: null }, { limits: {} }],
    [{ expiresAt: null }, { expiresAt: undefined }],
    [{ name: 'b' }, { name: 'b' }],
  ];
  let expected = record;
  for (const [change, effect] of changes) {
    expected = { ...expected, ...effect };
    assert.deepEqual(await book.change(record.id, change), expected);
  }
});

for (const [change, param, message] of [
  [{ name: ' ' }, 'name', /needs a name/],
  [{ name: 'x'.repeat(201) }, 'name', /at most 200/],
  [{ name: 'a\u001b[31mb' }, 'name', /control/],
  [{ scopes: { capabilities: ['singing'] } }, 'scopes.capabilities', /no capability 'singing', only speech/],
  [{ scopes: { dialects: ['openia'] } }, 'scopes.dialects', /no dialect 'openia', only openai, eigen/],
  [{ scopes: { models: [] } }, 'scopes.models', /empty list/],
  [{ scopes: { models: [''] } }, 'scopes.models', /no name of a model/],
  [{ scopes: { models: [' tts-1'] } }, 'scopes.models', /no name of a model/],
  [
    { scopes: { models: Array.from({ length: 1001 }, (_, index) => `m${index}`) } },
    'scopes.models',
    /at most 1000/,
  ],
  [{ limits: { concurrency: -1 } }, 'limits.concurrency', /from 1 to/],
  [{ limits: { requestsPerMinute: 0 } }, 'limits.requestsPerMinute', /from 1 to/],
  [{ limits: { charactersPerDay: 1.5 } }, 'limits.charactersPerDay', /whole number/],
  [{ limits: { charactersPerMonth: Number.NaN } }, 'limits.charactersPerMonth', /whole number/],
  [{ limits: { audioSecondsPerDay: 1e13 } }, 'limits.audioSecondsPerDay', /whole number/],
  [{ expiresAt: NOW }, 'expiresAt', /past/],
  [{ expiresAt: 9e15 }, 'expiresAt', /calendar/],
] as const satisfies readonly (readonly [KeyChange, string, RegExp])[]) {
  const shown = JSON.stringify(change).slice(0, 60);
  test(`${shown} is refused by the name of the field, for new keys and for old`, async () => {
    const { book } = openBook();
    const { record } = await book.create({ name: 'a' });
    const refusal = { code: 'invalid_request', param, message };
    await assert.rejects(book.create({ name: 'b', ...change }), refusal);
    await assert.rejects(book.change(record.id, change), refusal);
    assert.deepEqual(await book.list(), [record]);
  });
}

test('a revoked key is neither changed nor given a secret, and revoking it again changes nothing', async () => {
  const { book, time } = openBook();
  const { record } = await book.create({ name: 'a' });
  const revoked = await book.revoke(record.id);
  assert.equal(revoked.revokedAt, NOW);
  time.now += 5;
  assert.deepEqual(await book.revoke(record.id), revoked);
  const refusal = { code: 'conflict', reason: 'revoked_key' };
  await assert.rejects(book.rotate(record.id, 0), refusal);
  await assert.rejects(book.change(record.id, { name: 'b' }), refusal);
});

test('an expired key is given a later end before it is given a secret', async () => {
  const { book, time } = openBook();
  const { record } = await book.create({ name: 'a', expiresAt: NOW + 1 });
  time.now += 1;
  await assert.rejects(book.rotate(record.id, 0), { code: 'conflict', reason: 'expired_key' });
  await book.change(record.id, { expiresAt: NOW + 100 });
  assert.equal((await book.rotate(record.id, 0)).record.rotatedAt, NOW + 1);
});

test('a time of grace is none to ninety days', async () => {
  const { book } = openBook();
  const { record } = await book.create({ name: 'a' });
  for (const graceMs of [-1, 0.5, LONGEST_GRACE_MS + 1, Number.NaN])
    await assert.rejects(book.rotate(record.id, graceMs), { code: 'invalid_request', param: 'graceSeconds' });
  await book.rotate(record.id, LONGEST_GRACE_MS);
});

test('a key that does not exist is not found, whatever is to be done with it', async () => {
  const { book } = openBook();
  const refusal = { code: 'not_found', subject: 'key' };
  assert.equal(await book.find('nobody'), undefined);
  await assert.rejects(book.get('nobody'), refusal);
  await assert.rejects(book.change('nobody', {}), refusal);
  await assert.rejects(book.rotate('nobody', 0), refusal);
  await assert.rejects(book.revoke('nobody'), refusal);
});

test('the last admin is who alone has a key of that role that works', async () => {
  const { book, time } = openBook();
  const admin = async (name: string, change: KeyChange = {}) =>
    (await book.create({ ...change, name, role: 'admin' })).record.id;
  const first = await admin('first');
  await book.create({ name: 'user' });
  const refusal = { code: 'conflict', reason: 'last_admin' };
  await assert.rejects(book.refuseLastAdmin(first), refusal);
  const second = await admin('second', { expiresAt: NOW + 1 });
  await book.refuseLastAdmin(first);
  await book.refuseLastAdmin(second);
  time.now += 1;
  await assert.rejects(book.refuseLastAdmin(first), refusal);
  await book.refuseLastAdmin(second);
  const third = await admin('third');
  await book.revoke(first);
  await assert.rejects(book.refuseLastAdmin(third), refusal);
});
