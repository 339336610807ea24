import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { collectBytes } from '../../src/base/stream.ts';
import type { BlobStore } from '../../src/core/ports/blob-store.ts';

/** A place where blobs live. */
export interface BlobPlace {
  readonly blobs: BlobStore;
  /** How many things lie there, unfinished ones included. */
  readonly count: () => Promise<number>;
  remove(): Promise<void>;
}

/** What every blob store promises. */
export function describeBlobContract(name: string, makePlace: () => Promise<BlobPlace>): void {
  const onPlace = async (use: (place: BlobPlace) => Promise<void>) => {
    const place = await makePlace();
    try {
      await use(place);
    } finally {
      await place.remove();
    }
  };
  const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);

  describe(`${name} blobs`, () => {
    test('what was put comes back, whole and in part, as often as it is asked for', () =>
      onPlace(async ({ blobs }) => {
        assert.equal(await blobs.put('voices/one', bytes), bytes.length);
        const found = await blobs.find('voices/one');
        assert.equal(found?.byteLength, bytes.length);
        assert.deepEqual(found && (await collectBytes(found.open())), bytes);
        assert.deepEqual(
          found && (await collectBytes(found.open({ start: 7, end: 70_000 }))),
          bytes.subarray(7, 70_000),
        );
      }));

    test('bytes that arrive in pieces are kept together, and a second put takes the place of the first', () =>
      onPlace(async ({ blobs, count }) => {
        await blobs.put('a', bytes);
        async function* pieces() {
          for (let at = 0; at < 1000; at += 100) yield bytes.subarray(at, at + 100);
        }
        assert.equal(await blobs.put('a', pieces()), 1000);
        const found = await blobs.find('a');
        assert.deepEqual(found && (await collectBytes(found.open())), bytes.subarray(0, 1000));
        assert.equal(await count(), 1);
      }));

    test('bytes that break off leave nothing behind', () =>
      onPlace(async ({ blobs, count }) => {
        async function* broken() {
          yield bytes;
          throw new Error('the line went dead');
        }
        await assert.rejects(blobs.put('a', broken()), /the line went dead/);
        assert.equal(await blobs.find('a'), undefined);
        assert.equal(await count(), 0);
      }));

    test('a removed blob is gone, and removing it again is harmless', () =>
      onPlace(async ({ blobs, count }) => {
        await blobs.put('a', bytes);
        await blobs.remove('a');
        await blobs.remove('a');
        assert.equal(await blobs.find('a'), undefined);
        assert.equal(await count(), 0);
      }));

    test('whoever found a blob and reads it after it was removed hears that it is gone', () =>
      onPlace(async ({ blobs }) => {
        await blobs.put('a', bytes);
        const found = await blobs.find('a');
        await blobs.remove('a');
        assert.ok(found);
        await assert.rejects(collectBytes(found.open()), { code: 'not_found' });
        await assert.rejects(collectBytes(found.open({ start: 0, end: 1 })), { code: 'not_found' });
      }));

    test('a check passes as often as it is made, and leaves nothing behind', () =>
      onPlace(async ({ blobs, count }) => {
        await blobs.check();
        await blobs.check();
        assert.equal(await count(), 0);
      }));

    test('an id that names a place elsewhere is refused', () =>
      onPlace(async ({ blobs }) => {
        for (const id of ['../a', '/etc/passwd', 'a/../../b', '', 'a\0b']) {
          await assert.rejects(
            async () => blobs.put(id, bytes),
            { code: 'internal' },
            `'${id}' must be refused`,
          );
        }
      }));
  });
}
