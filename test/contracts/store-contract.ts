import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KeyRecord, Store } from '../../src/core/ports/store.ts';

/** A place where a store lives: it can be opened several times, also at once. */
export interface StorePlace {
  open(): Promise<Store>;
  remove(): Promise<void>;
}

function key(id: string, createdAt: number): KeyRecord {
  return {
    id,
    name: `name of ${id}`,
    hash: id.repeat(64).slice(0, 64),
    hint: 'ant_1234…',
    createdAt,
    revokedAt: undefined,
  };
}

/** What every store backend promises. */
export function describeStoreContract(name: string, makePlace: () => Promise<StorePlace>): void {
  const onStore = async (use: (store: Store, place: StorePlace) => Promise<void>) => {
    const place = await makePlace();
    const store = await place.open();
    try {
      await use(store, place);
    } finally {
      await store.close();
      await place.remove();
    }
  };

  describe(`${name} store`, () => {
    test('keys are listed in the order they were made, and found by hash only', () =>
      onStore(async (store) => {
        await store.keys.add(key('b', 2));
        await store.keys.add(key('a', 1));
        assert.deepEqual(await store.keys.list(), [key('a', 1), key('b', 2)]);
        assert.deepEqual(await store.keys.findByHash(key('b', 2).hash), key('b', 2));
        assert.equal(await store.keys.findByHash('nothing'), undefined);
      }));

    test('a key is revoked once, and stays known as revoked', () =>
      onStore(async (store) => {
        await store.keys.add(key('a', 1));
        assert.equal(await store.keys.revoke('a', 5), true);
        assert.equal(await store.keys.revoke('a', 6), false);
        assert.equal(await store.keys.revoke('nobody', 6), false);
        assert.equal((await store.keys.findByHash(key('a', 1).hash))?.revokedAt, 5);
      }));

    test('two keys never share a hash', () =>
      onStore(async (store) => {
        await store.keys.add(key('a', 1));
        await assert.rejects(store.keys.add({ ...key('a', 1), id: 'other' }));
      }));

    test('what one opening wrote, another one sees, at once and after both are closed', () =>
      onStore(async (store, place) => {
        const second = await place.open();
        await store.keys.add(key('a', 1));
        assert.equal((await second.keys.list()).length, 1);
        await second.close();
        const third = await place.open();
        assert.equal((await third.keys.list()).length, 1);
        await third.close();
      }));
  });
}
