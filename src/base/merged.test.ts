import assert from 'node:assert/strict';
import { test } from 'node:test';
import { merged } from './merged.ts';

async function* items<T>(...values: readonly (T | Promise<T>)[]): AsyncGenerator<T> {
  for (const value of values) yield await value;
}

test('gives every item of every stream, each stream in its order', async () => {
  const late = Promise.withResolvers<string>();
  const found: string[] = [];
  for await (const item of merged([items('a1', late.promise, 'a3'), items('b1', 'b2'), items<string>()])) {
    found.push(item);
    if (item === 'b2') late.resolve('a2');
  }
  assert.deepEqual(found.toSorted(), ['a1', 'a2', 'a3', 'b1', 'b2']);
  assert.deepEqual(
    found.filter((item) => item.startsWith('a')),
    ['a1', 'a2', 'a3'],
  );
});

test('fails with the first that fails, without waiting for one that never ends', async () => {
  const never = new Promise<string>(() => undefined);
  const broken = Promise.reject(new Error('broken'));
  broken.catch(() => undefined);
  const all = merged([items<string>(never), items<string>('fine', broken)]);
  assert.deepEqual(await all.next(), { done: false, value: 'fine' });
  await assert.rejects(all.next(), /broken/);
});

test('closes every stream when its reader leaves', async () => {
  const closed: string[] = [];
  const open = async function* (name: string) {
    try {
      yield name;
      yield name;
    } finally {
      closed.push(name);
    }
  };
  for await (const item of merged([open('a'), open('b')])) if (item) break;
  await new Promise<void>((resolve) => setImmediate(resolve));
  assert.deepEqual(closed.toSorted(), ['a', 'b']);
});
