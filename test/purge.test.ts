import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { assertOwnerIsThere, fillOwner, rowsIn } from './full-installation.ts';
import { queuedJob } from './contracts/job-store-contract.ts';
import { startPostgres } from './postgres-server.ts';
import { listening, memoryBlobs, memoryStore, testClock } from './support.ts';
import { keyAuthenticator } from '../src/platform/keys.ts';
import { openPostgresStore } from '../src/platform/store/postgres-store.ts';
import { openSqliteStore } from '../src/platform/store/sqlite-store.ts';
import { openPostgresBank } from '../src/platform/transfer/postgres-bank.ts';
import { openSqliteBank } from '../src/platform/transfer/sqlite-bank.ts';
import type { TableBank } from '../src/platform/transfer/table-copy.ts';
import type { Store } from '../src/core/ports/store.ts';
import { createOwnerPurge } from '../src/core/owners/owner-purge.ts';

/** Tables in which a purge leaves the key itself, and what belongs to nobody. */
const STAYING = ['api_keys', 'former_key_secrets', 'secrets'];

async function purgeAll(store: Store, openBank: () => TableBank): Promise<void> {
  const blobs = memoryBlobs();
  await fillOwner(store, blobs, 'ann');
  const bob = await fillOwner(store, blobs, 'bob');
  const mentions = async () => {
    const bank = openBank();
    const rows = await rowsIn(bank);
    await bank.close();
    return Object.keys(rows).filter((table) => /\bann\b|-ann[-"]/.test(JSON.stringify(rows[table])));
  };
  const before = await mentions();
  // Jobs and files name her as their owner, dictionaries' versions by their ids.
  assert.deepEqual(
    before,
    [
      'api_keys',
      'dictionaries',
      'dictionary_versions',
      'files',
      'former_key_secrets',
      'history',
      'jobs',
      'usage_sums',
      'voice_consents',
      'voices',
    ],
    'A table is new: say here, and in the purge, what becomes of its rows.',
  );
  const purging = createOwnerPurge({ store, blobs, clock: testClock });
  assert.deepEqual(await purging.purge({ ownerId: 'ann', usage: false }), {
    voices: 1,
    consents: 1,
    history: 1,
    dictionaries: 1,
    jobs: 2,
    files: 2,
    usage: 0,
  });
  assert.deepEqual(
    (await mentions()).filter((table) => !STAYING.includes(table)),
    ['usage_sums'],
  );
  assert.equal((await purging.purge({ ownerId: 'ann', usage: true })).usage, 1);
  assert.deepEqual(await mentions(), ['api_keys', 'former_key_secrets']);
  assert.deepEqual([...blobs.kept.keys()].sort(), Object.keys(bob.blobs).sort());
  await assertOwnerIsThere(store, blobs, bob);
}

test('nothing of an owner is left in SQLite or among the blobs, and everything of the others', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-purge-'));
  const path = join(folder, 'a.sqlite');
  const store = openSqliteStore(path);
  await purgeAll(store, () => openSqliteBank(path));
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const server = await startPostgres();
if ('reason' in server) test('nothing of an owner is left in PostgreSQL', { skip: server.reason });
else {
  after(() => server.stop());
  test('nothing of an owner is left in PostgreSQL, and everything of the others', async () => {
    const { url, drop } = await server.place();
    const store = await openPostgresStore(url);
    await purgeAll(store, () => openPostgresBank(url));
    await store.close();
    await drop();
  });
}

test('an administrator purges a key over HTTP, page after page, and nobody else does', async () => {
  const store = memoryStore();
  const blobs = memoryBlobs();
  const ann = await fillOwner(store, blobs, 'ann');
  const root = await fillOwner(store, blobs, 'root');
  await store.keys.change('root', { ...root.key, role: 'admin', scopes: {}, limits: {} });
  await store.jobs.cancel(root.waiting, 'root', { finishedAt: 1, expiresAt: 4_000_000_000_000 });
  for (let index = 0; index < 250; index += 1)
    await store.jobs.add(queuedJob(`job-${index}`, { ownerId: 'ann', createdAt: index }), 1000);
  await listening({ store, blobs, authenticator: keyAuthenticator(store.keys) }, async ({ origin, core }) => {
    await core.jobRunner.stop();
    const { token } = core.passes.issue({
      principal: (await core.authenticator.findAdmitted('ann')) ?? assert.fail(),
      purpose: 'live_speech',
      prefix: 'p_',
      seconds: 60,
      once: false,
    });
    const purge = (secret: string, path: string) =>
      fetch(`${origin}/antiphon/v1/keys/${path}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${secret}` },
      });
    assert.equal((await purge(ann.secret, 'ann/data')).status, 403);
    assert.equal((await purge(root.secret, 'nobody/data')).status, 404);
    assert.equal((await purge(root.secret, 'ann/data?usage=maybe')).status, 400);
    const answer = await purge(root.secret, 'ann/data?usage=drop');
    assert.equal(answer.status, 200);
    const { removed } = (await answer.json()) as { removed: Record<string, number> }; // What the route promises.
    assert.ok((removed['jobs'] ?? 0) >= 250 && removed['history'] === 1 && removed['usage'] === 1);
    await assert.rejects(core.passes.redeem(token, 'live_speech'), { code: 'unauthenticated' });
    assert.equal((await store.jobs.list({ ownerId: 'ann', order: 'oldest_first', limit: 5 })).length, 0);
    assert.equal((await store.keys.find('ann'))?.revokedAt, undefined);
    const again = await (await purge(root.secret, 'ann/data')).json();
    assert.deepEqual(Object.values((again as { removed: object }).removed), [0, 0, 0, 0, 0, 0, 0]); // As above.
  });
  await store.close();
});
