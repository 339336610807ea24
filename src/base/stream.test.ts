import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectBytes, concatBytes, primed, whenDone } from './stream.ts';

function counted(items: readonly number[]) {
  const state = { closed: 0, pulled: 0 };
  async function* source() {
    try {
      for (const item of items) {
        state.pulled += 1;
        yield item;
      }
    } finally {
      state.closed += 1;
    }
  }
  return { state, source: source() };
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

test('priming pulls exactly one item and gives it back in its place', async () => {
  const { state, source } = counted([1, 2, 3]);
  const first = await primed(source);
  assert.equal(state.pulled, 1);
  assert.equal(first.empty, false);
  assert.deepEqual(await collect(first.stream), [1, 2, 3]);
  assert.equal(state.closed, 1);
});

test('priming tells an empty stream and passes a failure on', async () => {
  assert.equal((await primed(counted([]).source)).empty, true);
  async function* broken(): AsyncGenerator<number> {
    yield* [];
    throw new Error('broken');
  }
  await assert.rejects(primed(broken()), /broken/);
});

test('a primed stream that nobody reads can be closed', async () => {
  const { state, source } = counted([1, 2]);
  const first = await primed(source);
  await first.close();
  assert.equal(state.closed, 1);
});

test('whenDone runs once: at the end, at a failure, when left early, and when never read', async () => {
  const ends: unknown[] = [];
  await collect(whenDone(counted([1]).source, (failure) => ends.push(failure)));
  assert.deepEqual(ends.slice(), [undefined]);

  async function* broken(): AsyncGenerator<number> {
    yield 1;
    throw new Error('broken');
  }
  await assert.rejects(collect(whenDone(broken(), (failure) => ends.push(failure))), /broken/);
  assert.match(String(ends[1]), /broken/);

  for await (const item of whenDone(counted([1, 2]).source, () => ends.push('left'))) if (item === 1) break;
  assert.equal(ends[2], 'left');

  const unread = whenDone(counted([1]).source, () => ends.push('unread'))[Symbol.asyncIterator]();
  await unread.return?.();
  await unread.return?.();
  assert.deepEqual(ends.slice(3), ['unread']);
});

test('bytes are joined in order', async () => {
  async function* chunks() {
    yield Uint8Array.of(1, 2);
    yield Uint8Array.of();
    yield Uint8Array.of(3);
  }
  assert.deepEqual([...(await collectBytes(chunks()))], [1, 2, 3]);
  assert.equal(concatBytes([]).length, 0);
});
