import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mailbox } from './mailbox.ts';

test('hands items out in the order in which they came, also to a reader that waits', async () => {
  const box = new Mailbox<string>();
  const first = box.next();
  assert.ok(box.isAwaited);
  box.put('one');
  box.put('two');
  assert.equal(await first, 'one');
  assert.ok(!box.isAwaited);
  assert.equal(box.size, 1);
  assert.equal(await box.next(), 'two');
});

test('gives what is left after its end, then nothing, and takes nothing more', async () => {
  const box = new Mailbox<number>();
  box.put(1);
  box.end();
  box.put(2);
  assert.deepEqual([await box.next(), await box.next(), box.ended], [1, undefined, true]);
});

test('tells a reader that waits of the end', async () => {
  const box = new Mailbox<number>();
  const waiting = box.next();
  box.end();
  assert.equal(await waiting, undefined);
});

test('can end early: only the first of what is left are handed out', async () => {
  const box = new Mailbox<number>();
  for (const item of [1, 2, 3]) box.put(item);
  box.endAfter(1);
  assert.deepEqual([await box.next(), await box.next()], [1, undefined]);
});
