import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Semaphore } from './semaphore.ts';

const never = new AbortController().signal;

test('slots are handed on in the order of asking', async () => {
  const semaphore = new Semaphore(1);
  const order: number[] = [];
  const first = await semaphore.acquire(never);
  const waiting = [1, 2, 3].map(async (number) => {
    const release = await semaphore.acquire(never);
    order.push(number);
    release();
  });
  assert.equal(semaphore.waiting, 3);
  first();
  await Promise.all(waiting);
  assert.deepEqual(order, [1, 2, 3]);
  assert.equal(semaphore.taken, 0);
});

test('giving a slot back twice frees only one', async () => {
  const semaphore = new Semaphore(2);
  const release = await semaphore.acquire(never);
  await semaphore.acquire(never);
  release();
  release();
  assert.equal(semaphore.taken, 1);
});

test('a waiter whose signal fires leaves the queue with "cancelled"', async () => {
  const semaphore = new Semaphore(1);
  const release = await semaphore.acquire(never);
  const hangUp = new AbortController();
  const waiting = semaphore.acquire(hangUp.signal);
  hangUp.abort();
  await assert.rejects(waiting, { code: 'cancelled' });
  assert.equal(semaphore.waiting, 0);
  release();
  assert.equal(semaphore.taken, 0);
  await assert.rejects(semaphore.acquire(hangUp.signal), { code: 'cancelled' });
});

test('too long a queue turns newcomers away with a time to come back', async () => {
  const semaphore = new Semaphore(1, 1);
  await semaphore.acquire(never);
  void semaphore.acquire(never);
  await assert.rejects(semaphore.acquire(never), { code: 'overloaded', retryAfterMs: 1000 });
});
