import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAhead } from './read-ahead.ts';

/** Counts how far it was read, and fails after the last number when it is told to. */
function numbers(count: number, failure?: Error) {
  const state = { made: 0, closed: false };
  async function* make(): AsyncGenerator<number> {
    try {
      while (state.made < count) {
        state.made += 1;
        yield state.made;
      }
      if (failure) throw failure;
    } finally {
      state.closed = true;
    }
  }
  return { state, source: make() };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

test('gives all items in order', async () => {
  assert.deepEqual(await Array.fromAsync(readAhead(numbers(4).source)), [1, 2, 3, 4]);
  assert.deepEqual(await Array.fromAsync(readAhead(numbers(0).source)), []);
});

test('makes one item, and only one, while the reader works on the last; none before the first is wanted', async () => {
  const { state, source } = numbers(9);
  const items = readAhead(source);
  await settled();
  assert.equal(state.made, 0);
  assert.equal((await items.next()).value, 1);
  await settled();
  assert.equal(state.made, 2);
  assert.equal((await items.next()).value, 2);
  await settled();
  assert.equal(state.made, 3);
  await items.return(undefined);
});

test('an error that came early waits for its turn', async () => {
  const { source } = numbers(2, new Error('the end is damaged'));
  const items = readAhead(source);
  assert.equal((await items.next()).value, 1);
  assert.equal((await items.next()).value, 2);
  await settled();
  await assert.rejects(items.next(), /damaged/);
});

test('a reader that leaves closes the source, and an error that nobody came for harms nobody', async () => {
  for (const failure of [undefined, new Error('nobody reads this')]) {
    const { state, source } = numbers(1, failure);
    for await (const item of readAhead(source)) {
      assert.equal(item, 1);
      break;
    }
    assert.equal(state.closed, true);
  }
});
