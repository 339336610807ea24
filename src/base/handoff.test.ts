import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createHandoff } from './handoff.ts';

test('every item arrives, in order, and nobody gets ahead', async () => {
  const handoff = createHandoff<number>();
  const log: string[] = [];
  const pulled = (async () => {
    for await (const item of handoff.items) {
      log.push(`got ${item}`);
      await setImmediate();
    }
  })();
  for (const item of [1, 2, 3]) {
    await handoff.push(item);
    log.push(`pushed ${item}`);
  }
  handoff.end();
  await pulled;
  assert.deepEqual(
    log.filter((line) => line.startsWith('got')),
    ['got 1', 'got 2', 'got 3'],
  );
  assert.ok(log.indexOf('pushed 3') > log.indexOf('got 2'), log.join(', '));
});

test('a reason reaches the one who pulls', async () => {
  const handoff = createHandoff<number>();
  handoff.end(new Error('the line went dead'));
  await assert.rejects(Array.fromAsync(handoff.items), /the line went dead/);
});

test('pushing goes on when nobody pulls any more, or ever did', async () => {
  const left = createHandoff<number>();
  const pulled = (async () => {
    for await (const item of left.items) if (item === 1) break;
  })();
  await left.push(1);
  await pulled;
  await left.push(2);
  const never = createHandoff<number>();
  const waiting = never.push(1);
  never.leave();
  await waiting;
});
